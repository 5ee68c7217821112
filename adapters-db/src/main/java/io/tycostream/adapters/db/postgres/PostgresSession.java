package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * The connections of one stream, from its opening to its end. Each of them writes values in the
 * same way, so that the text of a value does not depend on how it was read.
 *
 * <p>Used by one thread at a time; {@link #abort} by any.
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

  private final PostgresSettings settings;
  private final Set<Connection> open = new HashSet<>();
  private @Nullable CompletableFuture<Connection> attempt;
  private boolean aborted;

  PostgresSession(PostgresSettings settings) {
    this.settings = settings;
  }

  PostgresSettings settings() {
    return settings;
  }

  /** Where the server is, for messages. */
  String where() {
    return settings.where();
  }

  /** A connection for queries; silent for longer than the query timeout it breaks. */
  Connection query() throws StreamException {
    return connect(dataSource(), "connecting");
  }

  /** A connection that takes replication commands; also bounded until {@link #limitSilence}. */
  Connection replication() throws StreamException {
    PGSimpleDataSource source = dataSource();
    source.setReplication("database");
    source.setPreferQueryMode(PreferQueryMode.SIMPLE);
    Connection connection = connect(source, "connecting for replication");
    try (Statement statement = connection.createStatement()) {
      // The server lets go of the slot of a connection that is gone as soon as we would notice it.
      statement.execute("SET wal_sender_timeout = " + settings.silenceLimit().toMillis());
    } catch (SQLException e) {
      throw failure("setting up the connection for replication", e);
    }
    return connection;
  }

  private PGSimpleDataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {settings.host()});
    source.setPortNumbers(new int[] {settings.port()});
    source.setDatabaseName(settings.database());
    source.setUser(settings.user());
    source.setPassword(settings.password());
    source.setSslMode(settings.sslMode());
    source.setApplicationName(settings.applicationName());
    source.setAssumeMinServerVersion("14");
    source.setTcpKeepAlive(true);
    source.setConnectTimeout(seconds(settings.connectTimeout()));
    // Holds for the log-in too; set to what the connection is for once it stands.
    source.setSocketTimeout(seconds(settings.connectTimeout()));
    return source;
  }

  /**
   * Connects on a thread of its own, because nothing else ends a log-in that hangs: neither a
   * timeout of the driver, which counts from each packet anew, nor {@link #abort}.
   */
  private Connection connect(PGSimpleDataSource source, String doing) throws StreamException {
    CompletableFuture<Connection> future = new CompletableFuture<>();
    synchronized (this) {
      if (aborted) {
        throw aborted();
      }
      attempt = future;
    }
    Thread.ofVirtual()
        .name("tycostream-connect")
        .start(() -> {
          try {
            Connection connection = source.getConnection();
            if (!future.complete(connection)) {
              abort(connection);
            }
          } catch (SQLException | RuntimeException e) {
            future.completeExceptionally(e);
          }
        });
    Connection connection;
    try {
      connection = future.get(settings.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException error) {
        throw failure(doing, error);
      }
      throw new StreamException(
          FailureKind.QUERY, settings.where() + ": " + doing + " failed: " + e.getCause(), e);
    } catch (TimeoutException | CancellationException | InterruptedException e) {
      discard(future);
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (!(e instanceof TimeoutException)) {
        throw aborted();
      }
      throw new StreamException(
          FailureKind.NETWORK,
          settings.where()
              + ": "
              + doing
              + " failed: no answer within "
              + settings.connectTimeout().toMillis()
              + " ms",
          e);
    }
    synchronized (this) {
      attempt = null;
      if (aborted) {
        abort(connection);
        throw aborted();
      }
      open.add(connection);
    }
    try (Statement statement = connection.createStatement()) {
      connection.setNetworkTimeout(Runnable::run, millis(settings.queryTimeout()));
      statement.execute(SET_UP);
      long lockMillis = Math.max(1, (long) (settings.queryTimeout().toMillis() * LOCK_SHARE));
      statement.execute("SET lock_timeout = " + lockMillis);
    } catch (SQLException e) {
      throw failure("setting up the connection", e);
    }
    return connection;
  }

  /** Nobody waits for this one any more. */
  private static void discard(CompletableFuture<Connection> future) {
    if (!future.cancel(false) && !future.isCompletedExceptionally()) {
      abort(future.join());
    }
  }

  /** From now on a message that has begun to arrive has the silence limit to arrive whole. */
  void limitSilence(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, millis(settings.silenceLimit()));
  }

  /** Ends a connection that is not needed any more, politely. */
  void release(Connection connection) throws SQLException {
    connection.close();
    synchronized (this) {
      open.remove(connection);
    }
  }

  /** Cuts all connections, and each that is made from now on; idempotent. */
  void abort() {
    List<Connection> connections;
    CompletableFuture<Connection> pending;
    synchronized (this) {
      aborted = true;
      connections = List.copyOf(open);
      open.clear();
      pending = attempt;
      attempt = null;
    }
    if (pending != null) {
      pending.cancel(false);
    }
    connections.forEach(PostgresSession::abort);
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw new IllegalStateException("only a missing permission or executor can cause this", e);
    }
  }

  /** What an error means; when the session was aborted, just that. */
  StreamException failure(String doing, SQLException error) {
    synchronized (this) {
      if (aborted) {
        return aborted();
      }
    }
    return PostgresFailures.of(settings.where(), doing, error);
  }

  /** A failure that we found ourselves. */
  StreamException failure(FailureKind kind, String sentence) {
    return new StreamException(kind, settings.where() + ": " + sentence);
  }

  private StreamException aborted() {
    return new StreamException(
        FailureKind.NETWORK, settings.where() + ": the connection was ended by the gateway itself");
  }

  private static int seconds(Duration duration) {
    return Math.max(1, Math.toIntExact((duration.toMillis() + 999) / 1000));
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
