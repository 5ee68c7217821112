package io.tycostream.adapters.db.demo;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A trading house that never sleeps: a steady stream of small transactions over the tables {@code
 * trades}, {@code positions} and {@code prices} of any PostgreSQL.
 *
 * <p>It runs on a thread of its own until it is closed. When the database goes away it tries again,
 * at growing intervals of at most two seconds, and goes on from what was committed; the log has one
 * line when an outage begins and one when it is over.
 */
public final class SampleTrading implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SampleTrading.class.getName());
  private static final Duration FIRST_RETRY = Duration.ofMillis(50);
  private static final Duration LAST_RETRY = Duration.ofSeconds(2);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Settings settings;
  private final Market market;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong transactions = new AtomicLong();
  private final Thread thread;

  /** Both are the thread's own. */
  private boolean outage;

  private Duration retryDelay = FIRST_RETRY;

  /**
   * How much happens.
   *
   * @param jdbcUrl the database, with user and password
   * @param seed the same seed on an empty database gives the same trades
   * @param transactionsPerSecond steady rate; after an outage nothing is made up for
   * @param openingTrades trades to begin with, when the tables are empty
   * @param maxTrades the oldest trades beyond this number are removed; cancelled ones sooner
   */
  public record Settings(
      String jdbcUrl, long seed, double transactionsPerSecond, int openingTrades, int maxTrades) {
    public Settings {
      if (!(transactionsPerSecond > 0)) {
        throw new IllegalArgumentException(
            "transactionsPerSecond must be above 0, not " + transactionsPerSecond);
      }
      if (openingTrades < 0 || maxTrades < 1) {
        throw new IllegalArgumentException(
            "openingTrades must not be negative and maxTrades at least 1, not %d and %d"
                .formatted(openingTrades, maxTrades));
      }
    }

    /** 50 transactions a second, from 1,000 trades at the start to 2,000. */
    public static Settings defaults(String jdbcUrl) {
      return new Settings(jdbcUrl, 1, 50, 1_000, 2_000);
    }

    public Settings withSeed(long value) {
      return new Settings(jdbcUrl, value, transactionsPerSecond, openingTrades, maxTrades);
    }

    public Settings withTransactionsPerSecond(double value) {
      return new Settings(jdbcUrl, seed, value, openingTrades, maxTrades);
    }

    public Settings withOpeningTrades(int value) {
      return new Settings(jdbcUrl, seed, transactionsPerSecond, value, maxTrades);
    }

    public Settings withMaxTrades(int value) {
      return new Settings(jdbcUrl, seed, transactionsPerSecond, openingTrades, value);
    }
  }

  private SampleTrading(Settings settings) {
    this.settings = settings;
    this.market = new Market(settings.seed());
    this.thread = Thread.ofVirtual().name("sample-trading").unstarted(this::run);
  }

  /**
   * Creates and fills the tables where they are missing, then returns while the workload goes on.
   *
   * @throws IllegalStateException when the database cannot be reached or the tables not be made
   */
  public static SampleTrading start(Settings settings) {
    SampleTrading trading = new SampleTrading(settings);
    try {
      trading.connect().close();
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The sample tables cannot be made in %s: %s"
              .formatted(withoutParameters(settings.jdbcUrl()), e.getMessage()),
          e);
    }
    trading.thread.start();
    return trading;
  }

  /** Transactions of the workload that were committed so far. */
  public long transactions() {
    return transactions.get();
  }

  /** Ends the workload, also one that waits for a database that hangs. */
  @Override
  public void close() {
    closed.countDown();
    // Ends a wait for the socket: a virtual thread's sockets are closed when it is interrupted.
    thread.interrupt();
    try {
      if (!thread.join(CLOSE_TIMEOUT)) {
        LOG.log(Level.WARNING, "The sample workload has not ended {0} after close", CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    do {
      try (TradingDatabase database = connect()) {
        trade(database);
      } catch (SQLException e) {
        failed(e);
      }
    } while (!closedWithin(retryDelay.toNanos()));
  }

  /** Returns when closed. */
  private void trade(TradingDatabase database) throws SQLException {
    long interval = (long) (TimeUnit.SECONDS.toNanos(1) / settings.transactionsPerSecond());
    long due = System.nanoTime();
    while (!closedWithin(due - System.nanoTime())) {
      database.write(market.next(), settings.maxTrades());
      transactions.incrementAndGet();
      due += interval;
      recovered();
    }
  }

  private void failed(SQLException e) {
    if (closed.getCount() == 0) {
      return; // close() has cut the connection.
    }
    if (outage) {
      Duration longer = retryDelay.multipliedBy(2);
      retryDelay = longer.compareTo(LAST_RETRY) < 0 ? longer : LAST_RETRY;
      return;
    }
    outage = true;
    retryDelay = FIRST_RETRY;
    LOG.log(Level.WARNING, "The sample workload waits for its database: {0}", e.getMessage());
  }

  /** Only a commit ends an outage: a database that lets us in may still refuse to write. */
  private void recovered() {
    if (outage) {
      outage = false;
      LOG.log(Level.INFO, "The sample workload goes on");
    }
  }

  private boolean closedWithin(long nanos) {
    try {
      return closed.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return true; // Only close() knows this thread.
    }
  }

  private TradingDatabase connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("ApplicationName", "tycostream sample workload");
    // Seconds. A database that hangs is an outage like any other.
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "10");
    Connection connection = DriverManager.getConnection(settings.jdbcUrl(), properties);
    try {
      TradingDatabase database = new TradingDatabase(connection);
      database.open(market, settings.openingTrades());
      return database;
    } catch (SQLException e) {
      connection.abort(Runnable::run);
      throw e;
    }
  }

  private static String withoutParameters(String jdbcUrl) {
    return jdbcUrl.replaceFirst("\\?.*", "");
  }
}
