package io.tycostream.app.e2e;

import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.session.SessionSettings;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Gateways that lose patience about ten times as soon as the default ones, for tests with many
 * faults.
 */
final class Hasty {

  static final String DATABASE = "books";

  private Hasty() {}

  /**
   * A database behind a proxy.
   *
   * @param slot of this gateway alone
   * @param longestWait between two attempts
   * @param silence after which a stream is broken
   */
  static Configuration.Database database(
      EmbeddedPostgres postgres,
      FaultProxy proxy,
      String slot,
      Duration longestWait,
      Duration silence) {
    UpstreamSettings upstream =
        new UpstreamSettings(
            Backoff.exponential(Duration.ofMillis(10), longestWait, 2, 0.1),
            OptionalInt.empty(),
            Duration.ofSeconds(4),
            Duration.ofSeconds(4),
            silence,
            UpstreamSettings.DEFAULT.stallAfter(),
            Duration.ofSeconds(6),
            Duration.ofSeconds(6));
    return new Configuration.Database(
        DATABASE,
        new Configuration.Product.Postgres(slot, "tycostream", OptionalLong.of(1L << 30)),
        List.of(
            new Configuration.Endpoint("127.0.0.1", proxy.port(), postgres.database(), false, "")),
        postgres.user(),
        "",
        "disable",
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofMillis(100),
        Configuration.Database.POOL_SIZE,
        upstream,
        "");
  }

  /** Messages are small, so that snapshots and large batches come in parts. */
  static ClientLimits limits(Duration heartbeat) {
    ClientLimits usual = ClientLimits.DEFAULT;
    return new ClientLimits(
        usual.maxConnections(),
        usual.maxSubscriptions(),
        usual.maxRequest(),
        16 << 10,
        usual.requestsPerSecond(),
        usual.maxWaiting(),
        usual.requestPatience(),
        usual.buffers(),
        usual.sustainedFor(),
        new SessionSettings(
            usual.times().helloTimeout(),
            heartbeat,
            usual.times().closePatience(),
            usual.times().ttl()));
  }

  /** Ends the replication streams at the server's side. */
  static void terminateWalsenders(String jdbcUrl) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
              + " WHERE active_pid IS NOT NULL");
    }
  }
}
