package io.tycostream.domain.session;

import java.time.Duration;

/**
 * How long a gateway waits for its clients.
 *
 * @param helloTimeout from the open socket to {@code hello}
 * @param heartbeat how often a client is pinged; silence for two of them ends the connection
 * @param closePatience how long after our close frame the client has to close the socket
 * @param ttl how long a session outlives its connection; zero for not at all
 */
public record SessionSettings(
    Duration helloTimeout, Duration heartbeat, Duration closePatience, Duration ttl) {

  /** 10 s for {@code hello}, a ping every 15 s, 2 s to close, sessions kept for 2 minutes. */
  public static final SessionSettings DEFAULT =
      new SessionSettings(
          Duration.ofSeconds(10),
          Duration.ofSeconds(15),
          Duration.ofSeconds(2),
          Duration.ofMinutes(2));

  /**
   * @throws IllegalArgumentException when the time to live is negative or another is not positive
   */
  public SessionSettings {
    if (!helloTimeout.isPositive() || !heartbeat.isPositive() || !closePatience.isPositive()) {
      throw new IllegalArgumentException("a client needs some time for everything");
    }
    if (ttl.isNegative()) {
      throw new IllegalArgumentException("a session cannot live for " + ttl);
    }
  }

  /** How long nothing may be heard from a client, and how long a write may take. */
  public Duration silenceLimit() {
    return heartbeat.multipliedBy(2);
  }
}
