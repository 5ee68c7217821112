package io.tycostream.domain.frontier;

import io.tycostream.domain.change.RowEvent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that happened at one moment of the database: a whole transaction, all updates of one
 * timestamp, or a snapshot.
 *
 * @param time the database's own, unsigned
 * @param snapshot whether the events begin with no rows, and are all the rows there are; else they
 *     are what changed
 * @param events by source, each list in the order in which the database told them
 * @param <S> what names a source
 */
public record Moment<S>(long time, boolean snapshot, Map<S, List<RowEvent>> events) {

  public Moment {
    Map<S, List<RowEvent>> copy = LinkedHashMap.newLinkedHashMap(events.size());
    events.forEach((source, list) -> copy.put(source, List.copyOf(list)));
    events = Collections.unmodifiableMap(copy);
  }
}
