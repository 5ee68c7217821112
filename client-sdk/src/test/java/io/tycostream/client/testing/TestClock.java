package io.tycostream.client.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Never goes back, and can be put forward. Guarded by the hub's lock. */
final class TestClock implements InstantSource {

  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();
  private Duration ahead = Duration.ZERO;

  @Override
  public Instant instant() {
    return start.plusNanos(System.nanoTime() - startNanos).plus(ahead);
  }

  void putForward(Duration by) {
    ahead = ahead.plus(by);
  }
}
