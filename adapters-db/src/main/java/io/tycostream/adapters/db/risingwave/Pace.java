package io.tycostream.adapters.db.risingwave;

import java.time.Duration;

/**
 * How fast a stream asks.
 *
 * @param fetchSeconds how long a FETCH waits for rows; RisingWave takes whole seconds, at least 1
 * @param leastWait an empty FETCH that came back sooner did not wait, and proves nothing
 * @param proofEvery how often a quiet stream asks how far its relation is committed; not more
 *     often, because the answer makes the meta node serialise its whole version
 * @param skewPatience how long a frontend may be behind us before that is a failure
 * @param skewRetry how often it is asked whether it still is
 * @param rows of one FETCH
 */
record Pace(
    int fetchSeconds,
    Duration leastWait,
    Duration proofEvery,
    Duration skewPatience,
    Duration skewRetry,
    int rows) {

  static final Pace USUAL =
      new Pace(
          1,
          Duration.ofMillis(900),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofMillis(200),
          1_000);
}
