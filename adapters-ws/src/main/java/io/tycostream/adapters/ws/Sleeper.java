package io.tycostream.adapters.ws;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A thread that sleeps while there is nothing for it to do, and misses nothing.
 *
 * <p>It first sees to it that it will be woken, then looks once more, and only then sleeps. Whoever
 * has something for it first makes that visible and then wakes it. A wake-up before the sleep makes
 * the sleep end at once.
 */
final class Sleeper {

  private final Thread thread;

  /** Remembered here because any lock that the thread waits for takes the JDK's own wake-up. */
  private volatile boolean woken;

  Sleeper(Thread thread) {
    this.thread = thread;
  }

  /** Ends the sleep, the present one or else the next. Any thread. */
  void wake() {
    woken = true;
    LockSupport.unpark(thread);
  }

  /**
   * Sleeps until it is woken, unless there is something to do. Also ends for no reason now and
   * then. Only the thread itself.
   *
   * @param hangOn from now on whoever has something new wakes this sleeper
   * @param look whether there is something to do
   * @param nanos the longest sleep, asked for after the look; none when not above 0
   * @return whether there was nothing to do, and it slept
   */
  boolean sleepUnless(Runnable hangOn, BooleanSupplier look, LongSupplier nanos) {
    woken = false;
    hangOn.run();
    if (look.getAsBoolean()) {
      return false;
    }
    long longest = nanos.getAsLong();
    if (!woken) {
      LockSupport.parkNanos(this, longest);
    }
    return true;
  }
}
