package io.tycostream.adapters.db;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Counts copies of rows that come and go as the changes that a history would have of them: what
 * happens to one key at one time is one. Used by one thread.
 */
public final class ChangeCount {

  /** What a change in a history takes beside its rows, as a batch counts it. */
  private static final long CHANGE_BYTES = 32;

  private final Relation relation;
  private final Set<Key> keys = new HashSet<>();
  private long time;
  private long changes;
  private long bytes;

  public ChangeCount(Relation relation) {
    this.relation = relation;
  }

  /**
   * So many copies of a row came or went.
   *
   * @param time never less than that of the row before
   */
  public void row(long time, Row row, long diff) {
    if (time != this.time) {
      this.time = time;
      keys.clear();
    }
    bytes += Math.abs(diff) * row.bytes();
    if (!relation.isKeyed()) {
      changes += Math.abs(diff);
    } else if (keys.add(relation.keyOf(row))) {
      changes++;
    }
  }

  /** What was counted, in so much time. */
  public Observed.Changes during(Duration during) {
    return new Observed.Changes(changes, bytes + changes * CHANGE_BYTES, during);
  }
}
