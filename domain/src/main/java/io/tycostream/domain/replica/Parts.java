package io.tycostream.domain.replica;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of one snapshot or of one batch that have come so far.
 *
 * <p>A part 0 begins anew, whatever was there; every other part follows the one before it of the
 * same snapshot or the same batch.
 */
final class Parts {

  /** What the parts belong to, in place of a batch's seq. */
  private static final long OF_A_SNAPSHOT = -1;

  private List<Row> rows = new ArrayList<>();
  private List<RowChange> changes = new ArrayList<>();
  private int count;
  private long whole;

  /** Takes a part; {@code false} when it does not follow those before it. */
  boolean add(SnapshotPart part) {
    if (!follows(part.part(), OF_A_SNAPSHOT)) {
      return false;
    }
    rows.addAll(part.rows());
    return true;
  }

  /** Takes a part; {@code false} when it does not follow those before it. */
  boolean add(BatchPart part) {
    if (!follows(part.part(), part.seq())) {
      return false;
    }
    changes.addAll(part.changes());
    return true;
  }

  List<Row> rows() {
    return rows;
  }

  List<RowChange> changes() {
    return changes;
  }

  boolean isEmpty() {
    return count == 0;
  }

  void clear() {
    count = 0;
    rows = new ArrayList<>(); // a large snapshot's space does not stay behind
    changes = new ArrayList<>();
  }

  private boolean follows(int part, long of) {
    if (part == 0) {
      clear();
      whole = of;
    } else if (part != count || whole != of) {
      return false;
    }
    count++;
    return true;
  }

  @Override
  public String toString() {
    return count == 0
        ? "no part"
        : count + (whole == OF_A_SNAPSHOT ? " of a snapshot" : " of batch " + whole);
  }
}
