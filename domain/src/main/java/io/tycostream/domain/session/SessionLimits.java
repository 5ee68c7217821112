package io.tycostream.domain.session;

import java.time.Duration;

/**
 * How many a gateway serves.
 *
 * @param maxConnections at the same time; as many again may be waiting to hear that they are too
 *     many, and what comes beyond that is cut without a word
 * @param maxDetached sessions without a connection; the oldest gives way to one more
 * @param maxDetachedBytes that these take together; the oldest give way to one that is larger
 * @param maxSubscriptions of one session
 * @param fullRetry when one that was too many is asked to come back
 */
public record SessionLimits(
    int maxConnections,
    int maxDetached,
    long maxDetachedBytes,
    int maxSubscriptions,
    Duration fullRetry) {

  /** 64 MiB: six KiB for each of 10,000 sessions, where one with a filter or two takes one. */
  public static final long MAX_DETACHED_BYTES = 64L << 20;

  /** 10,000 connections, as many detached sessions, 100 subscriptions; back in 5 s. */
  public static final SessionLimits DEFAULT =
      new SessionLimits(10_000, 10_000, MAX_DETACHED_BYTES, 100, Duration.ofSeconds(5));

  /**
   * @throws IllegalArgumentException when a bound is negative, or nobody could connect
   */
  public SessionLimits {
    boolean nobody = maxConnections < 1 || maxSubscriptions < 1;
    if (nobody || maxDetached < 0 || maxDetachedBytes < 0 || fullRetry.isNegative()) {
      throw new IllegalArgumentException("a gateway that serves nobody");
    }
  }
}
