package io.tycostream.domain.frontier;

import io.tycostream.domain.change.RowEvent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that happened at one moment of the database: a whole transaction.
 *
 * @param time the database's own, unsigned
 * @param events by source, each list in the order in which the database told them
 * @param <S> what names a source
 */
public record Moment<S>(long time, Map<S, List<RowEvent>> events) {

  public Moment {
    Map<S, List<RowEvent>> copy = LinkedHashMap.newLinkedHashMap(events.size());
    events.forEach((source, list) -> copy.put(source, List.copyOf(list)));
    events = Collections.unmodifiableMap(copy);
  }
}
