package io.tycostream.domain.log;

import java.time.Duration;

/**
 * How much may wait for a client, and what happens when it is more.
 *
 * @param maxSize row changes; {@link #AUTO} for as far back as the log reaches
 * @param policy what leaves
 * @param warnAt the share of {@code maxSize} from which the client is warned, in (0, 1]
 * @param disconnectAt the share from which a client whose socket takes too little is on its way
 *     out, in (0, 1], not below {@code warnAt}
 * @param maxAge for {@link DropPolicy#BY_AGE}: what waits for longer leaves
 * @param sample for {@link DropPolicy#SAMPLE}: one batch of so many is delivered
 */
public record Buffer(
    long maxSize,
    DropPolicy policy,
    double warnAt,
    double disconnectAt,
    Duration maxAge,
    int sample) {

  /** As far back as the log reaches. */
  public static final long AUTO = Long.MAX_VALUE;

  /** 16,600 changes, the oldest leave; warned at 0.8, critical at 0.95; 10 s of age, 1 of 10. */
  public static final Buffer DEFAULT =
      new Buffer(16_600, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofSeconds(10), 10);

  /**
   * @throws IllegalArgumentException when a bound does not hold
   */
  public Buffer {
    if (maxSize < 1) {
      throw new IllegalArgumentException("a buffer holds at least 1 change, not " + maxSize);
    }
    if (!(warnAt > 0 && warnAt <= disconnectAt && disconnectAt <= 1)) {
      throw new IllegalArgumentException(
          "a buffer needs 0 < warn ≤ disconnect ≤ 1, not " + warnAt + " and " + disconnectAt);
    }
    if (maxAge.isNegative() || maxAge.isZero()) {
      throw new IllegalArgumentException("a buffer's age is more than zero, not " + maxAge);
    }
    if (sample < 1) {
      throw new IllegalArgumentException("one batch of at least 1, not of " + sample);
    }
  }
}
