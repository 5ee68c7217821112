package io.tycostream.adapters.ws;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.session.BufferTerms;
import java.time.Duration;

/**
 * What clients may do, and how long is waited for them.
 *
 * @param maxConnections open at the same time
 * @param maxSubscriptions on one connection
 * @param maxRequest bytes of a message from a client
 * @param maxMessage bytes of a message to a client; only a single row may exceed it
 * @param helloTimeout from the open socket to {@code hello}
 * @param heartbeat how often a client is pinged; silence for two of them ends the connection
 * @param maxWaiting subscriptions of all connections that wait for sources which have no rows yet
 * @param requestPatience how long a subscription waits for a source that is not ready
 * @param buffers what may wait for a connection, and what it may ask for
 */
public record ClientLimits(
    int maxConnections,
    int maxSubscriptions,
    int maxRequest,
    int maxMessage,
    Duration helloTimeout,
    Duration heartbeat,
    int maxWaiting,
    Duration requestPatience,
    BufferTerms buffers) {

  /** The defaults of the configuration. */
  public static final ClientLimits DEFAULT =
      new ClientLimits(
          10_000,
          100,
          64 << 10,
          256 << 10,
          Duration.ofSeconds(10),
          Duration.ofSeconds(15),
          1_000,
          Duration.ofSeconds(30),
          new BufferTerms(Buffer.DEFAULT, 1_000_000, Duration.ofMinutes(10)));
}
