package io.tycostream.domain.log;

import java.time.Duration;

/**
 * How much history is kept; what is over any of the three leaves, the oldest first.
 *
 * @param maxEvents row changes
 * @param maxAge since they were appended
 * @param maxBytes about how much memory they take
 */
public record HistoryLimits(long maxEvents, Duration maxAge, long maxBytes) {

  /** A million changes, ten minutes, 256 MiB. */
  public static final HistoryLimits DEFAULT =
      new HistoryLimits(1_000_000, Duration.ofMinutes(10), 256L << 20);
}
