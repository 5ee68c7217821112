package io.tycostream.simulation;

import io.tycostream.domain.change.RowEvent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One moment of a database: a transaction that was committed, or time that went by.
 *
 * @param time the database's own
 * @param at when it happened in the world, in microseconds
 * @param told what a database tells of it, in its order; nothing when time just went by
 * @param definition whether a table was dropped and made again: no rows tell of it
 * @param tables by name, as they are from this moment on
 */
record Moment(
    long time, long at, List<Told> told, boolean definition, Map<String, TableState> tables) {

  /** What is told of one row of a table. */
  record Told(String table, RowEvent event) {}

  Moment {
    told = List.copyOf(told);
    tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
  }

  TableState table(String name) {
    TableState state = tables.get(name);
    if (state == null) {
      throw new IllegalArgumentException("no table is named " + name);
    }
    return state;
  }
}
