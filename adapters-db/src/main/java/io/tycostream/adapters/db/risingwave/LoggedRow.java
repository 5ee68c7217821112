package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;

/**
 * A copy of a row that came or went. RisingWave tells whole rows, old and new, so that each change
 * is one copy more or less; in which order those of one epoch are told means nothing then, and
 * where a FETCH cuts between the two halves of an update neither.
 *
 * @param time its {@code rw_timestamp}; {@link #SNAPSHOT} for a row of the snapshot, which has none
 * @param diff 1 or -1
 */
record LoggedRow(long time, Row row, int diff) {

  static final long SNAPSHOT = Long.MIN_VALUE;

  boolean isSnapshot() {
    return time == SNAPSHOT;
  }

  RowEvent event() {
    return new RowEvent.Counted(row, diff);
  }
}
