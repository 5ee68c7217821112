package io.tycostream.adapters.db.connection;

import java.time.Duration;

/**
 * How one server is reached, and for how long what is waited for.
 *
 * @param sslMode as libpq has it: {@code disable}, {@code prefer}, {@code require}, …
 * @param connectTimeout for making a connection, log-in included
 * @param queryTimeout for an answer, and between two rows of a snapshot
 * @param heartbeatInterval how often the stream has to prove that it lives
 * @param silenceLimit how long the stream may be silent, and one message of it take to arrive whole
 * @param poolSize how many connections there may be for queries, beside the stream's own; at least
 *     1
 */
public record ConnectionSettings(
    DatabaseEndpoint endpoint,
    String user,
    String password,
    String sslMode,
    Duration connectTimeout,
    Duration queryTimeout,
    Duration heartbeatInterval,
    Duration silenceLimit,
    int poolSize,
    String applicationName) {

  /**
   * @throws IllegalArgumentException when a time or the pool's size is not positive
   */
  public ConnectionSettings {
    positive("connect-timeout", connectTimeout);
    positive("query-timeout", queryTimeout);
    positive("heartbeat.interval", heartbeatInterval);
    positive("heartbeat.timeout", silenceLimit);
    if (poolSize < 1) {
      throw new IllegalArgumentException("pool.max-size is not positive: " + poolSize);
    }
  }

  private static void positive(String name, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException(name + " is not positive: " + duration);
    }
  }

  /** Where the database is, for messages. */
  public String where() {
    return endpoint.name();
  }

  /** Without the password. */
  @Override
  public String toString() {
    return where() + " as " + user;
  }
}
