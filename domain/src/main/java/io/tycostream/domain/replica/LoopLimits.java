package io.tycostream.domain.replica;

import io.tycostream.domain.backoff.Backoff;
import java.time.Duration;

/**
 * When a subscription that begins anew again and again is left alone for a while.
 *
 * @param resyncs how many times it may begin anew within the window
 * @param withoutBatch how many times in a row within the window without one batch between them,
 *     before it is a loop
 * @param window more than zero
 * @param pause before it is subscribed again; it grows from pause to pause until a whole window
 *     went by without one
 */
public record LoopLimits(int resyncs, int withoutBatch, Duration window, Backoff pause) {

  /** Three in five minutes, three in a row; 5 s to 1 min. */
  public static final LoopLimits DEFAULT =
      new LoopLimits(
          3,
          3,
          Duration.ofMinutes(5),
          Backoff.exponential(Duration.ofSeconds(5), Duration.ofMinutes(1), 2, 0.1));

  /**
   * @throws IllegalArgumentException when a bound does not hold
   */
  public LoopLimits {
    if (resyncs < 1 || withoutBatch < 1 || !window.isPositive()) {
      throw new IllegalArgumentException(
          "at least once in some time, not "
              + resyncs
              + " and "
              + withoutBatch
              + " times in "
              + window);
    }
  }
}
