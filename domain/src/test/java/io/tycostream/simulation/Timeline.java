package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One history of the database, from a beginning that nothing led to. */
final class Timeline {

  private final String epoch;
  private final List<Moment> moments = new ArrayList<>();
  private int oldest;

  Timeline(String epoch, Moment start) {
    this.epoch = epoch;
    moments.add(start);
  }

  String epoch() {
    return epoch;
  }

  void add(Moment moment) {
    if (Long.compareUnsigned(moment.time(), present().time()) <= 0) {
      throw new IllegalArgumentException("a moment that is not later");
    }
    moments.add(moment);
  }

  Moment present() {
    return moments.getLast();
  }

  int newest() {
    return moments.size() - 1;
  }

  Moment moment(int index) {
    return moments.get(index);
  }

  /** The first moment that a stream can go on behind. */
  int oldest() {
    return oldest;
  }

  /** Forgets how it came to this moment. */
  void compact(int index) {
    oldest = Math.max(oldest, Math.min(index, newest()));
  }

  /** The last moment at or before a time of the database; -1 when that is before its beginning. */
  int indexAt(long time) {
    int low = 0;
    int high = moments.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(moments.get(middle).time(), time) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** The last moment that had happened at a time of the world; -1 when none had. */
  int indexAtMicros(long micros) {
    int low = 0;
    int high = moments.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (moments.get(middle).at() <= micros) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /**
   * The table that a position is of, as it was then; nothing when there never was such a moment. Of
   * a table that had been dropped by then it is its last state.
   */
  Optional<TableState> at(String table, Position position) {
    for (int i = indexAt(position.time()); i >= 0; i--) {
      TableState state = moments.get(i).table(table);
      if (state.relation().print().equals(position.print())) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }
}
