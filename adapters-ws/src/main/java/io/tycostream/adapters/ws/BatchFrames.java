package io.tycostream.adapters.ws;

import io.tycostream.domain.source.Delivery;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The encoded batches near the head of a feed, each encoded at first need and once.
 *
 * <p>Bounded by count, by bytes, and by what is left on the node: what leaves is encoded again for
 * who still wants it. A batch that is too large to be kept is shared as long as somebody is writing
 * it. Reading what is there takes no lock.
 */
final class BatchFrames {

  private static final long MAX_BYTES = 32L << 20;

  private final Function<Delivery.Next, List<Frame>> encoder;
  private final AtomicReferenceArray<Encoded> slots;
  private final FrameBudget.Account room;

  private final ReentrantLock encoding = new ReentrantLock();
  // Guarded by the lock.
  private long bytes;
  private long oldest = Long.MAX_VALUE;
  private long newest;
  private WeakReference<@Nullable List<Frame>> largest = new WeakReference<>(null);
  private long largestSeq;

  private record Encoded(long seq, List<Frame> frames, long bytes) {}

  /**
   * @param count how many batches are kept at the most
   * @param room that they take
   */
  BatchFrames(Function<Delivery.Next, List<Frame>> encoder, int count, FrameBudget.Account room) {
    this.encoder = encoder;
    this.slots = new AtomicReferenceArray<>(count);
    this.room = room;
  }

  List<Frame> of(Delivery.Next next) {
    long seq = next.batch().seq();
    Encoded present = slots.get(slot(seq));
    return present != null && present.seq() == seq ? present.frames() : encode(next);
  }

  private List<Frame> encode(Delivery.Next next) {
    long seq = next.batch().seq();
    encoding.lock();
    try {
      Encoded present = slots.get(slot(seq));
      if (present != null && present.seq() == seq) {
        return present.frames();
      }
      List<Frame> shared = largest.get();
      if (shared != null && largestSeq == seq) {
        return shared;
      }
      List<Frame> frames = List.copyOf(encoder.apply(next));
      if (present == null || present.seq() < seq) {
        keep(seq, frames);
      }
      return frames;
    } finally {
      encoding.unlock();
    }
  }

  private void keep(long seq, List<Frame> frames) {
    long size = frames.stream().mapToLong(Frame::length).sum();
    if (size > MAX_BYTES / 2) {
      largest = new WeakReference<>(frames);
      largestSeq = seq;
      return;
    }
    drop(seq);
    if (!room.take(size)) {
      return;
    }
    slots.set(slot(seq), new Encoded(seq, frames, size));
    bytes += size;
    oldest = Math.min(oldest, seq);
    newest = Math.max(newest, seq);
    oldest = Math.max(oldest, newest - slots.length() + 1);
    while (bytes > MAX_BYTES) {
      drop(oldest++);
    }
  }

  private void drop(long seq) {
    Encoded leaving = slots.getAndSet(slot(seq), null);
    if (leaving != null) {
      bytes -= leaving.bytes();
      room.give(leaving.bytes());
    }
  }

  private int slot(long seq) {
    return (int) (seq % slots.length());
  }
}
