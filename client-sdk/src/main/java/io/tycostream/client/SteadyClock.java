package io.tycostream.client;

import java.time.Instant;

/** The time of day at its making plus what has passed since: it never jumps. */
final class SteadyClock {

  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();

  Instant now() {
    return start.plusNanos(System.nanoTime() - startNanos);
  }
}
