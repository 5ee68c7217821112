package io.tycostream.app.e2e;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The demo's table {@code trades}, with rows that come, change and go all the time. */
final class Trades implements AutoCloseable {

  private static final int ROWS = 200;
  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

  private final String jdbcUrl;
  private final SplittableRandom random = new SplittableRandom(1);
  private final Thread thread;
  private volatile boolean finished;
  private volatile @Nullable SQLException failure;

  Trades(String jdbcUrl) throws SQLException {
    this.jdbcUrl = jdbcUrl;
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE trades (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            symbol text NOT NULL,
            side text NOT NULL,
            price numeric(12,4) NOT NULL,
            quantity int NOT NULL,
            executed_at timestamptz NOT NULL)
          """);
      insert(statement, "OPEN", ROWS);
    }
    thread = Thread.ofVirtual().name("trades").start(this::change);
  }

  private static void insert(Statement statement, String symbol, int count) throws SQLException {
    statement.execute(
        """
        INSERT INTO trades (symbol, side, price, quantity, executed_at)
        SELECT '%s', 'buy', (random() * 100)::numeric, i, clock_timestamp()
        FROM generate_series(1, %d) i
        """
            .formatted(symbol, count));
  }

  private void change() {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!finished) {
        insert(statement, "NEW", random.nextInt(4));
        statement.execute(
            "UPDATE trades SET side = 'sell', quantity = quantity + 1 WHERE symbol <> 'MARK' AND id"
                + " % 40 = "
                + random.nextInt(40));
        statement.execute(
            "DELETE FROM trades WHERE symbol <> 'MARK' AND id % 100 = " + random.nextInt(100));
        connection.commit();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (SQLException e) {
      failure = e;
    }
  }

  /** Enters a trade that stays as it is, and says its id. */
  long mark() throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO trades (symbol, side, price, quantity, executed_at) VALUES ('MARK', 'buy',"
              + " 1, 1, clock_timestamp()) RETURNING id");
      try (ResultSet result = statement.getResultSet()) {
        result.next();
        return result.getLong(1);
      }
    }
  }

  /** Nothing changes by itself any more. */
  void finish() throws SQLException, InterruptedException {
    close();
    thread.join();
    if (failure != null) {
      throw failure;
    }
  }

  /** What the table has, by id, each row as the record that the example makes of it is printed. */
  Map<Long, String> rows() throws SQLException {
    Map<Long, String> rows = new TreeMap<>();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT * FROM trades")) {
      while (result.next()) {
        rows.put(
            result.getLong("id"),
            "Trade[id=%d, symbol=%s, side=%s, price=%s, quantity=%d, executedAt=%s]"
                .formatted(
                    result.getLong("id"),
                    result.getString("symbol"),
                    result.getString("side"),
                    result.getBigDecimal("price"),
                    result.getInt("quantity"),
                    result.getObject("executed_at", OffsetDateTime.class).toInstant()));
      }
    }
    return rows;
  }

  @Override
  public void close() {
    finished = true;
  }
}
