package io.tycostream.adapters.db.simulator.wire;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What goes wrong between a server and its clients. A stream is an answer that goes on and on: a
 * COPY, or what a session calls one by {@link Outlet#stream()}.
 */
public final class Faults {

  /** Which connections are silent: open, and nothing is written to them. */
  public enum Mute {
    NOBODY,
    /** Those that are in the middle of a stream; others are answered. */
    STREAMS,
    ALL
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Long> connectionCuts = new ArrayDeque<>();
  private final Deque<Long> streamCuts = new ArrayDeque<>();
  private Mute mute = Mute.NOBODY;
  private Duration delay = Duration.ZERO;
  private Optional<Report> refusal = Optional.empty();

  Faults() {}

  /**
   * Cuts the next connections, each after exactly so many bytes from its beginning, which is the
   * answer to an SSLRequest where there is one. The first connection takes the first number.
   */
  public void cutConnectionsAfter(long... bytes) {
    change(() -> add(connectionCuts, bytes));
  }

  /**
   * Cuts the next streams, each after exactly so many bytes from its beginning, which for a COPY is
   * the first byte of CopyOutResponse. A stream that is shorter is not cut.
   */
  public void cutStreamsAfter(long... bytes) {
    change(() -> add(streamCuts, bytes));
  }

  /** Half-open: what is written from now on waits until {@link #unmute()}. */
  public void mute(Mute whom) {
    change(() -> mute = whom);
  }

  /** What was held back is written, and the rest as ever. */
  public void unmute() {
    mute(Mute.NOBODY);
  }

  /** Waits so long before each piece of an answer, in real time. */
  public void delay(Duration duration) {
    change(() -> delay = duration);
  }

  /**
   * Turns new connections away with this error, before they are authenticated: 08004 {@code
   * upstream server not available}, 53000, 28000 … Those that are open stay so.
   */
  public void refuse(Report report) {
    change(() -> refusal = Optional.of(report));
  }

  /** Takes connections again. */
  public void admit() {
    change(() -> refusal = Optional.empty());
  }

  /** Nothing goes wrong any more, cuts that wait are forgotten. */
  public void clear() {
    change(() -> {
      connectionCuts.clear();
      streamCuts.clear();
      mute = Mute.NOBODY;
      delay = Duration.ZERO;
      refusal = Optional.empty();
    });
  }

  Optional<Report> refusal() {
    lock.lock();
    try {
      return refusal;
    } finally {
      lock.unlock();
    }
  }

  /** Where the connection that begins now is cut, counted from its beginning. */
  long nextConnectionCut() {
    return next(connectionCuts);
  }

  /** Where the stream that begins now is cut, counted from its beginning. */
  long nextStreamCut() {
    return next(streamCuts);
  }

  /** Blocks a writer for as long as the line is to be silent; not longer than it is alive. */
  void pass(Line line) {
    lock.lock();
    try {
      long due = System.nanoTime() + delay.toNanos();
      while (line.isAlive()) {
        boolean muted = mute == Mute.ALL || (mute == Mute.STREAMS && line.isStreaming());
        long left = delay.isZero() ? 0 : due - System.nanoTime();
        if (muted) {
          changed.await();
        } else if (left > 0) {
          changed.awaitNanos(left);
        } else {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGone();
    } finally {
      lock.unlock();
    }
  }

  /** A line has died: whoever waits looks again. */
  void wake() {
    change(() -> {});
  }

  private long next(Deque<Long> cuts) {
    lock.lock();
    try {
      return cuts.isEmpty() ? Long.MAX_VALUE : cuts.removeFirst();
    } finally {
      lock.unlock();
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static void add(Deque<Long> cuts, long[] bytes) {
    for (long each : bytes) {
      cuts.addLast(each);
    }
  }
}
