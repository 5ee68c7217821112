package io.tycostream.domain.replica;

import io.tycostream.domain.backoff.Backoff;
import java.time.Duration;

/**
 * How a client keeps its connection.
 *
 * @param backoff before each new attempt, unless the gateway said how long
 * @param connectTimeout for the socket, and again for the answer to {@code hello}
 * @param loops when a subscription that begins anew again and again is left alone
 */
public record ReplicaSettings(Backoff backoff, Duration connectTimeout, LoopLimits loops) {

  /** Full jitter from 500 ms to 20 s; 10 s to connect. */
  public static final ReplicaSettings DEFAULT =
      new ReplicaSettings(Backoff.CLIENT, Duration.ofSeconds(10));

  /** With {@link LoopLimits#DEFAULT}. */
  public ReplicaSettings(Backoff backoff, Duration connectTimeout) {
    this(backoff, connectTimeout, LoopLimits.DEFAULT);
  }
}
