package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.Queries;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * The connections of one stream, from its opening to its end. Each of them writes values in the
 * same way, so that the text of a value does not depend on how it was read.
 *
 * <p>Used by one thread at a time; {@link #queries}, {@link #awaitEnd} and {@link #abort} by any.
 */
final class PostgresSession {

  /** What decides how values are written, and what could end a long read. */
  private static final String SET_UP =
      """
      SET TimeZone = 'UTC';
      SET DateStyle = 'ISO';
      SET IntervalStyle = 'postgres';
      SET extra_float_digits = 3;
      SET bytea_output = 'hex';
      SET search_path = 'pg_catalog';
      SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN
        ('statement_timeout', 'transaction_timeout', 'idle_session_timeout',
         'idle_in_transaction_session_timeout');
      """;

  /** The server gives up waiting for a lock sooner than we do for the server, and says so. */
  private static final double LOCK_SHARE = 0.9;

  /** What the server is told the driver expects at least, which spares it a question. */
  private static final String OLDEST_SERVER = "14";

  private final PostgresSettings settings;
  private final Connections connections;
  private final CountDownLatch over = new CountDownLatch(1);

  PostgresSession(PostgresSettings settings) {
    this.settings = settings;
    this.connections =
        new Connections(settings.connection(), PostgresFailures.TABLE, queriesSql(settings));
  }

  private static String queriesSql(PostgresSettings settings) {
    return "SET search_path = 'pg_catalog'; " + lockTimeout(settings);
  }

  private static String lockTimeout(PostgresSettings settings) {
    long wait = settings.connection().queryTimeout().toMillis();
    return "SET lock_timeout = " + Math.max(1, (long) (wait * LOCK_SHARE));
  }

  PostgresSettings settings() {
    return settings;
  }

  /** Where the server is, for messages. */
  String where() {
    return connections.where();
  }

  /** For the catalogue, figures and small changes; any thread. */
  Queries queries() {
    return connections.queries();
  }

  /** A connection for long reads; silent for longer than the query timeout it breaks. */
  Connection query() throws StreamException {
    return connections.connect(
        source -> source.setAssumeMinServerVersion(OLDEST_SERVER), "connecting", this::setUp);
  }

  /** A connection that takes replication commands; also bounded until {@link #limitSilence}. */
  Connection replication() throws StreamException {
    return connections.connect(
        source -> {
          source.setAssumeMinServerVersion(OLDEST_SERVER);
          source.setReplication("database");
          source.setPreferQueryMode(PreferQueryMode.SIMPLE);
        },
        "connecting for replication",
        connection -> {
          setUp(connection);
          try (Statement statement = connection.createStatement()) {
            // The server lets go of the slot of a connection that is gone as soon as we would
            // notice it.
            statement.execute(
                "SET wal_sender_timeout = " + settings.connection().silenceLimit().toMillis());
          }
        });
  }

  private void setUp(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SET_UP);
      statement.execute(lockTimeout(settings));
    }
  }

  /** From now on a message that has begun to arrive has the silence limit to arrive whole. */
  void limitSilence(Connection connection) throws SQLException {
    connections.limitSilence(connection);
  }

  /** Ends a connection that is not needed any more, politely. */
  void release(Connection connection) throws SQLException {
    connections.release(connection);
  }

  /** Cuts all connections, and each that is made from now on; idempotent. */
  void abort() {
    over.countDown();
    connections.abort();
  }

  /**
   * Waits for the session to be aborted.
   *
   * @return whether it was, within this time
   */
  boolean awaitEnd(Duration time) {
    try {
      return over.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** What an error means; when the session was aborted, just that. */
  StreamException failure(String doing, SQLException error) {
    return connections.failure(doing, error);
  }

  /** A failure that we found ourselves. */
  StreamException failure(FailureKind kind, String sentence) {
    return connections.failure(kind, sentence);
  }
}
