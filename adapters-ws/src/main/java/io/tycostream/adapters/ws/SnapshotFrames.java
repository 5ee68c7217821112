package io.tycostream.adapters.ws;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.source.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** The encoded parts of one snapshot, each encoded when the first reader gets to it. */
final class SnapshotFrames {

  // Not the snapshot itself: a feed finds these frames through a weak reference to it.
  private final List<Row> rows;
  private final Position position;
  private final long seq;
  private final RowFrames encoder;
  private final ReentrantLock encoding = new ReentrantLock();
  // Guarded by the lock.
  private final List<Frame> parts = new ArrayList<>();
  private int nextRow;

  SnapshotFrames(Delivery.Everything all, RowFrames encoder) {
    this.rows = all.rows();
    this.position = all.position();
    this.seq = all.seq();
    this.encoder = encoder;
  }

  /** The part with a number, or nothing behind the last one. A reader asks for them in order. */
  Optional<Frame> part(int number) {
    encoding.lock();
    try {
      boolean complete = !parts.isEmpty() && nextRow >= rows.size();
      if (number == parts.size() && !complete) {
        RowFrames.Part part = encoder.snapshot(rows, position, seq, number, nextRow);
        parts.add(part.frame());
        nextRow = part.nextRow();
      }
      return number < parts.size() ? Optional.of(parts.get(number)) : Optional.empty();
    } finally {
      encoding.unlock();
    }
  }
}
