package io.tycostream.domain.backoff;

import java.time.Duration;

/**
 * How long to wait before an attempt, growing from attempt to attempt.
 *
 * <p>With {@code growing(a) = min(max, initial · factorᵃ)} for attempt {@code a} = 0, 1, 2, … and a
 * {@code chance} in [0, 1):
 *
 * <ul>
 *   <li>{@link #exponential}: {@code growing(a) · (1 + jitter · (2 · chance − 1))}, at most {@code
 *       max}: a single connection that wants to be back soon.
 *   <li>{@link #fullJitter}: {@code initial + chance · (growing(a + 1) − initial)}: anywhere in a
 *       growing window, also the first time, so that thousands who lost the same gateway at the
 *       same moment do not return at the same moment.
 * </ul>
 */
public final class Backoff {

  /** For databases: 100 ms to 30 s, doubling, ± 10 %. */
  public static final Backoff DATABASE =
      exponential(Duration.ofMillis(100), Duration.ofSeconds(30), 2, 0.1);

  /** For clients: 500 ms to 20 s. */
  public static final Backoff CLIENT = fullJitter(Duration.ofMillis(500), Duration.ofSeconds(20));

  private final Duration initial;
  private final Duration max;
  private final double factor;
  private final double jitter;
  private final boolean full;

  private Backoff(Duration initial, Duration max, double factor, double jitter, boolean full) {
    if (initial.isNegative() || initial.isZero() || max.compareTo(initial) < 0) {
      throw new IllegalArgumentException(
          "a backoff needs 0 < initial ≤ max, not " + initial + " and " + max);
    }
    if (!(factor >= 1) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("a backoff needs a factor ≥ 1, not " + factor);
    }
    if (!(jitter >= 0 && jitter < 1)) {
      throw new IllegalArgumentException("a backoff needs 0 ≤ jitter < 1, not " + jitter);
    }
    this.initial = initial;
    this.max = max;
    this.factor = factor;
    this.jitter = jitter;
    this.full = full;
  }

  /**
   * The wait grows from attempt to attempt, and varies a little.
   *
   * @param initial before attempt 0, more than zero
   * @param max at least {@code initial}
   * @param factor at least 1
   * @param jitter in [0, 1)
   * @throws IllegalArgumentException when a bound does not hold
   */
  public static Backoff exponential(Duration initial, Duration max, double factor, double jitter) {
    return new Backoff(initial, max, factor, jitter, false);
  }

  /**
   * The wait is anywhere in a window that grows from attempt to attempt.
   *
   * @param min the shortest wait, more than zero
   * @param max the longest, at least {@code min}
   * @throws IllegalArgumentException when a bound does not hold
   */
  public static Backoff fullJitter(Duration min, Duration max) {
    return new Backoff(min, max, 2, 0, true);
  }

  /**
   * The wait before an attempt; total for every number of both kinds.
   *
   * @param attempt how many attempts went before since the last success; less than 0 counts as 0
   * @param chance in [0, 1), from the caller's source of randomness; what is less, or no number,
   *     counts as 0, and what is more as the largest number below 1
   * @return between {@code initial · (1 − jitter)} and {@code max}
   */
  public Duration delay(int attempt, double chance) {
    return wait(Math.max(0, attempt), chance >= 0 ? Math.min(chance, Math.nextDown(1.0)) : 0);
  }

  private Duration wait(int a, double chance) {
    double nanos;
    if (full) {
      double window = growingNanos(a + 1.0) - nanosOf(initial);
      nanos = nanosOf(initial) + chance * window;
    } else {
      nanos = growingNanos(a) * (1 + jitter * (2 * chance - 1));
    }
    return Duration.ofNanos(Math.min((long) nanos, max.toNanos()));
  }

  private double growingNanos(double attempt) {
    // Infinity for a large attempt, which min() brings back to max.
    return Math.min(nanosOf(max), nanosOf(initial) * Math.pow(factor, attempt));
  }

  private static double nanosOf(Duration duration) {
    return (double) duration.toNanos();
  }
}
