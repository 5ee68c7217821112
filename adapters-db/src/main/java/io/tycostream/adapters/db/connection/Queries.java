package io.tycostream.adapters.db.connection;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Timeout;
import dev.failsafe.TimeoutExceededException;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.dbclient.DbClient;
import io.helidon.dbclient.jdbc.JdbcClientBuilder;
import io.helidon.dbclient.jdbc.JdbcConnectionPool;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Small reads of one server beside its stream: catalogue, probes, figures. Through a pool of a few
 * connections, each read bounded by the query timeout.
 *
 * <p>After three failures in a row a circuit breaker refuses further reads for a second, so that a
 * server in trouble is not asked by every watcher. It is no second gate before the stream: each
 * opening has a pool and a breaker of its own, and with them no connection from before.
 *
 * <p>Any thread. Connects when first asked.
 */
public final class Queries implements AutoCloseable {

  private static final int FAILURES = 3;
  private static final Duration REST = Duration.ofSeconds(1);

  /** Connections that nobody asked for so long are closed; the shortest that the pool takes. */
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final ConnectionSettings settings;
  private final String initialSql;
  private final BiFunction<String, SQLException, StreamException> failure;
  private final FailsafeExecutor<Object> guard;
  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock.
  private @Nullable DbClient client;
  private boolean closed;

  /** What is done with a connection of the pool; it is given back at the end. */
  public interface Question<T> {
    T ask(Connection connection) throws SQLException, StreamException;
  }

  /**
   * A row, as text.
   *
   * @param columns by name, without those that are NULL
   */
  public record Answer(Map<String, String> columns) {

    public Answer {
      columns = Map.copyOf(columns);
    }

    /** The value of a column that is never NULL. */
    public String text(String column) {
      String value = columns.get(column);
      if (value == null) {
        throw new IllegalStateException("no value of " + column + " beside " + columns);
      }
      return value;
    }
  }

  /**
   * @param initialSql what each connection of the pool does first; may be empty
   * @param failure what an error means, and what was being done
   */
  Queries(
      ConnectionSettings settings,
      String initialSql,
      BiFunction<String, SQLException, StreamException> failure) {
    this.settings = settings;
    this.initialSql = initialSql;
    this.failure = failure;
    CircuitBreaker<Object> breaker =
        CircuitBreaker.builder().withFailureThreshold(FAILURES).withDelay(REST).build();
    Timeout<Object> timeout = Timeout.builder(settings.queryTimeout()).withInterrupt().build();
    this.guard = Failsafe.with(breaker, timeout);
  }

  /**
   * All rows that a query gives; they should be few.
   *
   * @param doing what is being done, as in "reading the catalogue"
   * @param sql with {@code ?} for each parameter
   */
  public List<Answer> rows(String doing, String sql, Object... parameters) throws StreamException {
    // With DbClient's connection and not its statements, of which no column may be NULL.
    return ask(
        doing,
        connection -> {
          try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
              query.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = query.executeQuery()) {
              List<Answer> answers = new ArrayList<>();
              while (rows.next()) {
                answers.add(answer(rows));
              }
              return answers;
            }
          }
        });
  }

  /** Something that takes more than one statement on the same connection. */
  public <T> T ask(String doing, Question<T> question) throws StreamException {
    return guarded(
        doing,
        database -> {
          try (Connection connection = database.unwrap(Connection.class)) {
            return question.ask(connection);
          }
        });
  }

  private static Answer answer(ResultSet row) throws SQLException {
    Map<String, String> columns = new HashMap<>();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      String value = row.getString(i);
      if (value != null) {
        columns.put(row.getMetaData().getColumnLabel(i), value);
      }
    }
    return new Answer(columns);
  }

  private interface Read<T> {
    T from(DbClient database) throws SQLException, StreamException;
  }

  private <T> T guarded(String doing, Read<T> read) throws StreamException {
    try {
      return guard.get(() -> read.from(client()));
    } catch (CircuitBreakerOpenException e) {
      throw failed(doing, "not asked, because the last queries failed", e);
    } catch (TimeoutExceededException e) {
      throw failed(doing, "no answer within " + settings.queryTimeout().toMillis() + " ms", e);
    } catch (RuntimeException e) { // Failsafe's and DbClient's, which hide others
      throw meaning(doing, e);
    }
  }

  private StreamException meaning(String doing, RuntimeException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof StreamException known) {
        return known;
      }
      if (cause instanceof SQLException known) {
        return failure.apply(doing, innermost(known));
      }
    }
    return failed(doing, error.toString(), error);
  }

  /** The pool hides why it could not connect behind that it could not. */
  private static SQLException innermost(SQLException error) {
    SQLException inner = error;
    while (inner.getCause() instanceof SQLException cause) {
      inner = cause;
    }
    return inner;
  }

  private StreamException failed(String doing, String why, Throwable cause) {
    return new StreamException(
        FailureKind.NETWORK, settings.where() + ": " + doing + " failed: " + why, cause);
  }

  private DbClient client() throws StreamException {
    lock.lock();
    try {
      if (closed) {
        throw new StreamException(
            FailureKind.NETWORK, settings.where() + ": the connections were closed");
      }
      DbClient open = client;
      if (open == null) {
        open = connect();
        client = open;
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  private DbClient connect() {
    Map<String, String> pool = new HashMap<>();
    pool.put("url", url());
    pool.put("username", settings.user());
    pool.put("password", settings.password());
    pool.put("maximumPoolSize", Integer.toString(settings.poolSize()));
    pool.put("minimumIdle", "0");
    pool.put("idleTimeout", Long.toString(IDLE.toMillis()));
    pool.put("initializationFailTimeout", "-1"); // we ask when we need something
    pool.put("connectionTimeout", Long.toString(patience().toMillis()));
    pool.put("validationTimeout", Long.toString(patience().toMillis()));
    if (!initialSql.isEmpty()) {
      pool.put("connectionInitSql", initialSql);
    }
    Config config = Config.just(ConfigSources.create(pool));
    return JdbcClientBuilder.create().connectionPool(JdbcConnectionPool.create(config)).build();
  }

  /** The pool takes no less than a quarter of a second. */
  private Duration patience() {
    Duration least = Duration.ofMillis(250);
    Duration wanted = settings.connectTimeout();
    return wanted.compareTo(least) < 0 ? least : wanted;
  }

  private String url() {
    DatabaseEndpoint endpoint = settings.endpoint();
    return "jdbc:postgresql://"
        + endpoint.host()
        + ":"
        + endpoint.port()
        + "/"
        + encoded(endpoint.database())
        + "?sslmode="
        + settings.sslMode()
        + "&tcpKeepAlive=true&connectTimeout="
        + Connections.seconds(settings.connectTimeout())
        + "&socketTimeout="
        + Connections.seconds(settings.queryTimeout())
        + "&ApplicationName="
        + encoded(settings.applicationName());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * What is asked from now on fails; what is open is closed, without waiting for it: the pool waits
   * for connections that are just being made.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      DbClient open = client;
      client = null;
      if (open != null) {
        Thread.ofVirtual().name("tycostream-close-queries").start(open::close);
      }
    } finally {
      lock.unlock();
    }
  }
}
