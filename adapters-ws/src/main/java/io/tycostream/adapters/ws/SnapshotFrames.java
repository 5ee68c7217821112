package io.tycostream.adapters.ws;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.source.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The encoded parts of one snapshot, each encoded when the first reader gets to it, and kept for
 * the others as long as there is room. What a feed shows of the rows is derived part by part too.
 */
final class SnapshotFrames {

  // Not the snapshot itself: a feed finds these frames through a weak reference to it.
  private final List<Row> rows;
  private final Derivation derivation;
  private final Position position;
  private final long seq;
  private final RowFrames encoder;
  private final FrameBudget.Account room;
  private final ReentrantLock encoding = new ReentrantLock();
  // Guarded by the lock.
  private final List<Known> parts = new ArrayList<>();

  /**
   * A part that somebody has got to.
   *
   * @param frame nothing when there was no room for it
   * @param nextRow that the next part begins with
   */
  private record Known(@Nullable Frame frame, int nextRow) {}

  SnapshotFrames(Delivery.Everything all, RowFrames encoder, FrameBudget budget) {
    this.rows = all.snapshot().rows();
    this.derivation = all.feed().derivation();
    this.position = all.position();
    this.seq = all.seq();
    this.encoder = encoder;
    this.room = budget.account(this);
  }

  /** Whether there is a part with this number; a reader has got all before it. */
  boolean has(int number) {
    encoding.lock();
    try {
      return number == 0 || parts.get(number - 1).nextRow() < rows.size();
    } finally {
      encoding.unlock();
    }
  }

  /** The part with a number, or nothing behind the last one. A reader asks for them in order. */
  Optional<Frame> part(int number) {
    encoding.lock();
    try {
      int from = number == 0 ? 0 : parts.get(number - 1).nextRow();
      if (number > 0 && from >= rows.size()) {
        return Optional.empty();
      }
      Known known = number < parts.size() ? parts.get(number) : null;
      if (known != null && known.frame() != null) {
        return Optional.of(known.frame());
      }
      RowFrames.Part part = encoder.snapshot(rows, derivation, position, seq, number, from);
      if (known == null) {
        Frame kept = room.take(part.frame().length()) ? part.frame() : null;
        parts.add(new Known(kept, part.nextRow()));
      }
      return Optional.of(part.frame());
    } finally {
      encoding.unlock();
    }
  }
}
