package io.tycostream.adapters.db.connection;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
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

/**
 * The connections of one stream, from its opening to its end: those that are its own, and a small
 * pool for {@link #queries}. What breaks with one of them breaks for all.
 *
 * <p>Used by one thread at a time; {@link #queries} and {@link #abort} by any.
 */
public final class Connections {

  /** What is done with a connection before it is used. */
  public interface SetUp {
    void perform(Connection connection) throws SQLException;
  }

  /** Particulars of how a connection is made. */
  public interface Particulars {
    void set(PGSimpleDataSource source) throws SQLException;
  }

  private final ConnectionSettings settings;
  private final FailureTable failures;
  private final Set<Connection> open = new HashSet<>();
  private final Queries queries;
  private @Nullable CompletableFuture<Connection> attempt;
  private boolean aborted;

  /**
   * Connects to nothing yet.
   *
   * @param failures what an error means
   * @param queriesSql what each connection of {@link #queries} does first; may be empty
   */
  public Connections(ConnectionSettings settings, FailureTable failures, String queriesSql) {
    this.settings = settings;
    this.failures = failures;
    this.queries = new Queries(settings, queriesSql, this::failure);
  }

  public ConnectionSettings settings() {
    return settings;
  }

  /** Where the server is, for messages. */
  public String where() {
    return settings.where();
  }

  /** For small reads; the first one should come after {@link #connect} has succeeded. */
  public Queries queries() {
    return queries;
  }

  /**
   * A connection of the stream's own; blocks for at most the connect timeout and what the set-up
   * takes. Silent for longer than the query timeout it breaks, until {@link #limitSilence}.
   *
   * @param doing what is being done, as in "connecting"
   */
  public Connection connect(Particulars particulars, String doing, SetUp setUp)
      throws StreamException {
    Connection connection;
    try {
      connection = connect(dataSource(particulars), doing);
      connection.setNetworkTimeout(Runnable::run, millis(settings.queryTimeout()));
      setUp.perform(connection);
    } catch (SQLException e) {
      throw failure("setting up the connection", e);
    }
    return connection;
  }

  private PGSimpleDataSource dataSource(Particulars particulars) throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {settings.endpoint().host()});
    source.setPortNumbers(new int[] {settings.endpoint().port()});
    source.setDatabaseName(settings.endpoint().database());
    source.setUser(settings.user());
    source.setPassword(settings.password());
    source.setSslMode(settings.sslMode());
    source.setApplicationName(settings.applicationName());
    source.setTcpKeepAlive(true);
    source.setConnectTimeout(seconds(settings.connectTimeout()));
    // Holds for the log-in too; set to what the connection is for once it stands.
    source.setSocketTimeout(seconds(settings.connectTimeout()));
    particulars.set(source);
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
          FailureKind.QUERY, where() + ": " + doing + " failed: " + e.getCause(), e);
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
          where()
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
    return connection;
  }

  /** Nobody waits for this one any more. */
  private static void discard(CompletableFuture<Connection> future) {
    if (!future.cancel(false) && !future.isCompletedExceptionally()) {
      abort(future.join());
    }
  }

  /** From now on a message that has begun to arrive has the silence limit to arrive whole. */
  public void limitSilence(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, millis(settings.silenceLimit()));
  }

  /** Ends a connection that is not needed any more, politely. */
  public void release(Connection connection) throws SQLException {
    connection.close();
    synchronized (this) {
      open.remove(connection);
    }
  }

  /** Cuts all connections, and each that is made from now on; idempotent. */
  public void abort() {
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
    connections.forEach(Connections::abort);
    queries.close();
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw new IllegalStateException("only a missing permission or executor can cause this", e);
    }
  }

  /** What an error means; when the connections were aborted, just that. */
  public StreamException failure(String doing, SQLException error) {
    synchronized (this) {
      if (aborted) {
        return aborted();
      }
    }
    return failures.failure(where(), doing, error);
  }

  /** A failure that we found ourselves. */
  public StreamException failure(FailureKind kind, String sentence) {
    return new StreamException(kind, where() + ": " + sentence);
  }

  private StreamException aborted() {
    return failure(FailureKind.NETWORK, "the connection was ended by the gateway itself");
  }

  static int seconds(Duration duration) {
    return Math.max(1, Math.toIntExact((duration.toMillis() + 999) / 1000));
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
