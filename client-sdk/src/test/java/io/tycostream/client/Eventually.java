package io.tycostream.client;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what is going to be so. */
final class Eventually {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long POLL_NANOS = Duration.ofMillis(2).toNanos();

  private Eventually() {}

  static void holds(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it was not so within " + PATIENCE);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
