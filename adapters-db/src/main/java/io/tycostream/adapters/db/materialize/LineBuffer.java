package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/**
 * Reads the lines of a {@code COPY} as they come, on a thread of its own, so that the end of a
 * connection is noticed at once: asked without waiting, the driver takes it for silence.
 *
 * <p>Holds {@value #MAX_BYTES} bytes and one line more at most. A reader that does not come by lets
 * the socket fill; a server that minds says so and ends the stream, which is resumed then.
 *
 * <p>{@link #take} is called by one thread; the thread that reads ends when the connection does.
 */
final class LineBuffer {

  /** More only costs time: lines that wait leave the cache, and the collector copies them. */
  private static final long MAX_BYTES = 1 << 20;

  private final CopyOut copy;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition emptied = lock.newCondition();
  // Guarded by the lock.
  private List<byte[]> lines = new ArrayList<>();
  private long bytes;
  private boolean ended;
  private boolean closed;
  private @Nullable Throwable failure;

  private LineBuffer(CopyOut copy) {
    this.copy = copy;
  }

  /** Begins to read. */
  static LineBuffer reading(CopyOut copy, String name) {
    LineBuffer buffer = new LineBuffer(copy);
    Thread.ofVirtual().name("lines-" + name).start(buffer::read);
    return buffer;
  }

  private void read() {
    try {
      for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
        put(line);
      }
      end(null);
    } catch (SQLException | RuntimeException | InterruptedException e) {
      end(e);
    } catch (Error e) { // such as no memory for a line; the server has not ended the stream
      end(e);
      throw e;
    }
  }

  private void end(@Nullable Throwable error) {
    lock.lock();
    try {
      ended = true;
      failure = error;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  private void put(byte[] line) throws InterruptedException {
    lock.lock();
    try {
      while (bytes > MAX_BYTES && !closed) {
        emptied.await();
      }
      if (closed) {
        return;
      }
      bytes += line.length;
      lines.add(line);
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The lines that have come, in order; waits for the first, but not longer than told. */
  List<byte[]> take(Duration patience) {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (lines.isEmpty() && !ended && left > 0) {
        left = filled.awaitNanos(left);
      }
      List<byte[]> taken = lines;
      lines = new ArrayList<>();
      bytes = 0;
      emptied.signal();
      return taken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** The first of the lines, or nothing when none comes in time. */
  Optional<byte[]> takeOne(Duration patience) {
    List<byte[]> taken = take(patience);
    if (taken.isEmpty()) {
      return Optional.empty();
    }
    lock.lock();
    try {
      List<byte[]> rest = new ArrayList<>(taken.subList(1, taken.size()));
      rest.addAll(lines);
      lines = rest;
      bytes = rest.stream().mapToLong(line -> line.length).sum();
    } finally {
      lock.unlock();
    }
    return Optional.of(taken.getFirst());
  }

  /** Whether nothing comes any more behind what was taken. */
  boolean isAtEnd() {
    lock.lock();
    try {
      return ended && lines.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Why it is at its end; nothing when the server has ended it as it should. */
  Optional<StreamException> failure(Connections connections) {
    lock.lock();
    try {
      return Optional.ofNullable(failure)
          .map(error ->
              error instanceof SQLException known
                  ? connections.failure("the stream", known)
                  : connections.failure(FailureKind.NETWORK, "the stream failed: " + error));
    } finally {
      lock.unlock();
    }
  }

  /** Lets the thread go that reads, when it waits for room. The connection is closed before. */
  void close() {
    lock.lock();
    try {
      closed = true;
      lines.clear();
      emptied.signal();
    } finally {
      lock.unlock();
    }
  }
}
