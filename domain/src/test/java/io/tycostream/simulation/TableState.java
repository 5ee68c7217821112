package io.tycostream.simulation;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table at one moment of the database.
 *
 * @param rows by key; never changed
 * @param version grows by one with each moment that really changed a row
 */
record TableState(Relation relation, Map<Key, Row> rows, long version) {

  /** The rows after a moment; the same table when nothing is different. */
  TableState with(Map<Key, Row> next) {
    return next.equals(rows)
        ? this
        : new TableState(
            relation, Collections.unmodifiableMap(new LinkedHashMap<>(next)), version + 1);
  }

  List<Row> rowList() {
    return List.copyOf(rows.values());
  }
}
