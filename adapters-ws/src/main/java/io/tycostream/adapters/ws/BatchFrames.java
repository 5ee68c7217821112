package io.tycostream.adapters.ws;

import io.tycostream.domain.log.LogEntry;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The encoded batches near the head of a log, each encoded at first need and once.
 *
 * <p>Bounded by count and by bytes: what leaves is encoded again for who still wants it. A batch
 * that is too large to be kept is shared as long as somebody is writing it. Reading what is there
 * takes no lock.
 */
final class BatchFrames {

  private static final int SLOTS = 4096;
  private static final long MAX_BYTES = 32L << 20;

  private final Function<LogEntry, List<Frame>> encoder;
  private final AtomicReferenceArray<Encoded> slots = new AtomicReferenceArray<>(SLOTS);

  private final ReentrantLock encoding = new ReentrantLock();
  // Guarded by the lock.
  private long bytes;
  private long oldest = Long.MAX_VALUE;
  private long newest;
  private WeakReference<@Nullable List<Frame>> largest = new WeakReference<>(null);
  private long largestIndex;

  private record Encoded(long index, List<Frame> frames, long bytes) {}

  BatchFrames(Function<LogEntry, List<Frame>> encoder) {
    this.encoder = encoder;
  }

  List<Frame> of(LogEntry entry) {
    Encoded present = slots.get(slot(entry.index()));
    return present != null && present.index() == entry.index() ? present.frames() : encode(entry);
  }

  private List<Frame> encode(LogEntry entry) {
    encoding.lock();
    try {
      Encoded present = slots.get(slot(entry.index()));
      if (present != null && present.index() == entry.index()) {
        return present.frames();
      }
      List<Frame> shared = largest.get();
      if (shared != null && largestIndex == entry.index()) {
        return shared;
      }
      List<Frame> frames = List.copyOf(encoder.apply(entry));
      if (present == null || present.index() < entry.index()) {
        keep(entry.index(), frames);
      }
      return frames;
    } finally {
      encoding.unlock();
    }
  }

  private void keep(long index, List<Frame> frames) {
    long size = frames.stream().mapToLong(Frame::length).sum();
    if (size > MAX_BYTES / 2) {
      largest = new WeakReference<>(frames);
      largestIndex = index;
      return;
    }
    drop(index);
    slots.set(slot(index), new Encoded(index, frames, size));
    bytes += size;
    oldest = Math.min(oldest, index);
    newest = Math.max(newest, index);
    oldest = Math.max(oldest, newest - SLOTS + 1);
    while (bytes > MAX_BYTES) {
      drop(oldest++);
    }
  }

  private void drop(long index) {
    Encoded leaving = slots.getAndSet(slot(index), null);
    if (leaving != null) {
      bytes -= leaving.bytes();
    }
  }

  private static int slot(long index) {
    return (int) (index % SLOTS);
  }
}
