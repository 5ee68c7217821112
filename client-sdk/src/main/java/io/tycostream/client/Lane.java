package io.tycostream.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one listener, one after the other, by a virtual thread that is there only while there
 * are some. Whoever puts them never waits.
 */
final class Lane {

  private static final System.Logger LOG = System.getLogger(Lane.class.getName());

  private record Call(Runnable action, Mailbox.@Nullable Load load, long since) {
    void release() {
      if (load != null) {
        load.release();
      }
    }
  }

  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Call> calls = new ArrayDeque<>();
  private final Consumer<Lane> over;
  private @Nullable Thread thread;
  private boolean ended;

  /** Whether the call in progress waits for other lanes, so that these must not wait for it. */
  private boolean leaving;

  /**
   * @param over told once, when the lane has ended and its last call has returned; may not block
   */
  Lane(String name, Consumer<Lane> over) {
    this.name = name;
    this.over = over;
  }

  /** Calls behind all that was put before. */
  void put(Runnable action) {
    put(new Call(action, null, System.nanoTime()));
  }

  /** The same, and the load is held until the call has returned or is dropped. */
  void put(Runnable action, Mailbox.Load load) {
    load.hold();
    put(new Call(action, load, System.nanoTime()));
  }

  private void put(Call call) {
    lock.lock();
    try {
      if (ended) {
        call.release();
        return;
      }
      calls.addLast(call);
      if (thread == null) {
        thread = Thread.ofVirtual().name(name).start(this::run);
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    Call call = head();
    while (call != null) {
      try {
        call.action().run();
      } catch (Throwable thrown) { // what follows is for others, and must not stop
        LOG.log(Level.ERROR, name + ": a call failed", thrown);
      }
      call.release();
      Thread.interrupted(); // a listener's interrupt of itself is not the next one's
      call = next();
    }
  }

  private @Nullable Call head() {
    lock.lock();
    try {
      return calls.peekFirst();
    } finally {
      lock.unlock();
    }
  }

  /** The call at the head has returned. */
  private @Nullable Call next() {
    boolean last;
    lock.lock();
    try {
      calls.pollFirst();
      Call call = calls.peekFirst();
      if (call != null) {
        return call;
      }
      last = ended;
      thread = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (last) {
      over.accept(this);
    }
    return null;
  }

  /** Nothing is called any more once the call in progress, if any, has returned. */
  void end() {
    boolean last;
    lock.lock();
    try {
      last = !ended && thread == null;
      ended = true;
      Call inProgress = thread == null ? null : calls.pollFirst();
      calls.forEach(Call::release);
      calls.clear();
      if (inProgress != null) {
        calls.addFirst(inProgress);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (last) {
      over.accept(this);
    }
  }

  /**
   * Said by the call in progress, which is going to wait for other lanes: nobody waits for it any
   * more. By any other thread it changes nothing.
   */
  void leave() {
    lock.lock();
    try {
      if (Thread.currentThread().equals(thread)) {
        leaving = true;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether this is the lane's own thread. */
  boolean isMine() {
    lock.lock();
    try {
      return Thread.currentThread().equals(thread);
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing waits behind the call in progress. */
  boolean isLast() {
    lock.lock();
    try {
      return calls.size() <= 1;
    } finally {
      lock.unlock();
    }
  }

  /** Since when the call that is the oldest waits or is in progress; zero when there is none. */
  Duration behind() {
    lock.lock();
    try {
      Call oldest = calls.peekFirst();
      return oldest == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest.since());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits in a call, unless the lane ends.
   *
   * @return whether it has ended
   */
  boolean awaitEnd(Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (!ended && left > 0) {
        try {
          left = changed.awaitNanos(left);
        } catch (InterruptedException e) {
          left = deadline - System.nanoTime(); // an interrupt of a listener's own
        }
      }
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is called; not for a call that waits for others itself. */
  void awaitQuiet(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (thread != null && !leaving && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }
}
