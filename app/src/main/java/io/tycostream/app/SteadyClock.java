package io.tycostream.app;

import java.time.Instant;
import java.time.InstantSource;

/** The time since the program started, as instants: a wall clock that is set moves nothing here. */
final class SteadyClock implements InstantSource {

  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();

  @Override
  public Instant instant() {
    return start.plusNanos(System.nanoTime() - startNanos);
  }
}
