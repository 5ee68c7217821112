package io.tycostream.domain.source;

import java.util.ArrayList;
import java.util.List;

/**
 * The last conditions of a source, and since when each was. Immutable.
 *
 * <p>A condition that goes on with other particulars, such as one more failed attempt, is one entry
 * still, with the newest particulars and the last reason that was told.
 *
 * @param states the oldest first, at least one and at most {@link #MOST}; the last is the present
 */
public record StateHistory(List<SourceState> states) {

  /** Entries; then the oldest leaves. */
  public static final int MOST = 20;

  public StateHistory {
    states = List.copyOf(states);
  }

  static StateHistory of(SourceState first) {
    return new StateHistory(List.of(first));
  }

  StateHistory with(SourceState next) {
    List<SourceState> known = new ArrayList<>(states);
    SourceState last = known.getLast();
    if (last.condition() == next.condition()) {
      known.removeLast();
      known.add(
          new SourceState(
              next.condition(),
              last.since(),
              next.attempt(),
              next.retryAt(),
              next.reason().or(last::reason)));
    } else {
      known.add(next);
    }
    return new StateHistory(known.subList(Math.max(0, known.size() - MOST), known.size()));
  }
}
