package io.tycostream.adapters.ws;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether it is the socket that holds a client up: nearly all of the time goes by in writes that
 * wait for it. Judged once a second. Owned by a courier.
 */
final class Pace {

  private static final Duration WINDOW = Duration.ofSeconds(1);

  /** Where the processors are busy, writes that wait for nothing have taken half of the time. */
  private static final double NEARLY_ALL = 0.75;

  private @Nullable Instant since;
  private Duration writing = Duration.ZERO;
  private boolean tooLittle;

  /** A write began and ended. */
  void wrote(Instant began, Instant ended) {
    writing = writing.plus(Duration.between(began, ended));
  }

  /** The judgement about the last window that is over; not too little before the first. */
  boolean takesTooLittle(Instant now) {
    Instant from = since;
    if (from == null) {
      since = now;
      return false;
    }
    Duration passed = Duration.between(from, now);
    if (passed.compareTo(WINDOW) >= 0) {
      tooLittle = writing.toNanos() >= NEARLY_ALL * passed.toNanos();
      writing = Duration.ZERO;
      since = now;
    }
    return tooLittle;
  }
}
