package io.tycostream.app.e2e;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Two tables that never stand still: {@code stock}, whose rows need several messages, and now and
 * then change all at once; and {@code ticks}, which has no key and the same row several times.
 */
final class ChangingTables implements AutoCloseable {

  private static final int ROWS = 3_000;
  private static final int TICKS = 200;
  private static final long PAUSE_NANOS = 20_000_000;

  /** Transactions from one change of all rows to the next. */
  private static final int EVERYTHING_EVERY = 25;

  private final String jdbcUrl;
  private final SplittableRandom random;
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable SQLException failure;
  private int nextId = ROWS;

  ChangingTables(String jdbcUrl, long seed) throws SQLException {
    this.jdbcUrl = jdbcUrl;
    this.random = new SplittableRandom(seed);
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE stock (id int8 PRIMARY KEY, name text, price numeric, pieces int4, note"
              + " text)");
      statement.execute(
          "INSERT INTO stock SELECT i, 'part ' || i, i / 4.0, i % 50, CASE WHEN i % 3 > 0 THEN"
              + " repeat('é', 60) END FROM generate_series(1, "
              + ROWS
              + ") i");
      statement.execute("CREATE TABLE ticks (at int4, price float8, up bool)");
      statement.execute("ALTER TABLE ticks REPLICA IDENTITY FULL");
      statement.execute(
          "INSERT INTO ticks SELECT i % 100, i % 7, i % 2 = 0 FROM generate_series(1, "
              + TICKS
              + ") i");
    }
    this.thread = Thread.ofVirtual().name("changes").start(this::change);
  }

  private void change() {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int transaction = 1; !closing; transaction++) {
        if (transaction % EVERYTHING_EVERY == 0) {
          statement.execute("UPDATE stock SET pieces = pieces + 1");
        } else {
          changeStock(statement);
        }
        changeTicks(statement);
        if (random.nextInt(10) == 0) {
          connection.rollback();
        } else {
          connection.commit();
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (SQLException e) {
      failure = e;
    }
  }

  private void changeStock(Statement statement) throws SQLException {
    int id = random.nextInt(1, nextId + 1);
    switch (random.nextInt(4)) {
      case 0 -> {
        nextId++;
        statement.execute(
            "INSERT INTO stock VALUES (%d, 'part %d', NULL, 0, NULL)".formatted(nextId, nextId));
      }
      case 1 -> statement.execute("DELETE FROM stock WHERE id = " + id);
      case 2 -> {
        nextId++;
        statement.execute("UPDATE stock SET id = %d WHERE id = %d".formatted(nextId, id));
      }
      default -> {}
    }
    statement.execute(
        "UPDATE stock SET price = %d.25, note = NULL WHERE id BETWEEN %d AND %d"
            .formatted(random.nextInt(100), id + 1, id + 3));
  }

  private void changeTicks(Statement statement) throws SQLException {
    int at = random.nextInt(100);
    statement.execute("DELETE FROM ticks WHERE at = " + at);
    for (int i = 0; i < 2; i++) {
      statement.execute(
          "INSERT INTO ticks VALUES (%d, %d, %s)"
              .formatted(at, random.nextInt(2), i == 0 ? "true" : "NULL"));
      statement.execute("INSERT INTO ticks VALUES (%d, 0.5, true)".formatted(at));
    }
  }

  /** Ends the changes, which have gone well all the time. */
  @Override
  public void close() {
    closing = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    SQLException broken = failure;
    if (broken != null) {
      throw new AssertionError("the tables could not be changed", broken);
    }
  }
}
