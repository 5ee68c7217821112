package io.tycostream.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.demo.SampleTrading;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SampleTradingTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  /** One statement sees one state of all three tables: none may show half a transaction. */
  private static final String WRONG_POSITIONS =
      """
      with executed as (
        select desk, symbol, sum(case side when 'buy' then quantity else -quantity end) as quantity
        from trades where status <> 'cancelled' group by desk, symbol)
      select count(*) from positions
      left join executed using (desk, symbol)
      left join prices using (symbol)
      where positions.quantity <> coalesce(executed.quantity, 0)
        or market_value is distinct from positions.quantity * last
        or pnl is distinct from positions.quantity * (last - average_price)
      """;

  private EmbeddedPostgres postgres;
  private SampleTrading.Settings settings;

  @BeforeEach
  void startDatabase() {
    postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
    settings =
        SampleTrading.Settings.defaults(postgres.jdbcUrl())
            .withTransactionsPerSecond(500)
            .withMaxTrades(1_000_000);
  }

  @AfterEach
  void closeDatabase() {
    postgres.close();
  }

  @Test
  void shouldBeginWithTradesPositionsAndPrices() throws Exception {
    try (SampleTrading trading = SampleTrading.start(settings)) {
      assertTrue(number("select count(*) from trades") >= 1_000);
      assertEquals(12, number("select count(*) from prices"));
      assertTrue(number("select count(*) from positions") > 12);
      Await.until("at work", SOON, () -> trading.transactions() > 0);
    }
  }

  @Test
  void shouldShowNoHalfTransactionAlsoAfterACrash() throws Exception {
    try (SampleTrading trading = SampleTrading.start(settings)) {
      for (int round = 0; round < 3; round++) {
        long before = trading.transactions();
        Await.until("100 more", SOON, () -> trading.transactions() > before + 100);
        assertEquals(0, number(WRONG_POSITIONS));

        postgres.kill();
        postgres.start();

        assertEquals(0, number(WRONG_POSITIONS));
      }
      long before = trading.transactions();
      Await.until("goes on", SOON, () -> trading.transactions() > before + 100);
      for (String status : List.of("cancelled", "partial")) {
        String found = "select count(*) from trades where status = '" + status + "'";
        Await.until("some are " + status, SOON, () -> number(found) > 0);
      }
    }
    assertEquals(0, number(WRONG_POSITIONS));
  }

  @Test
  void shouldLogAnOutageOnceAndItsEndOnce() throws Exception {
    List<Level> levels = new CopyOnWriteArrayList<>();
    Logger logger = Logger.getLogger(SampleTrading.class.getName());
    Handler handler = new LevelRecorder(levels);
    logger.addHandler(handler);
    try (SampleTrading trading = SampleTrading.start(settings)) {
      Await.until("at work", SOON, () -> trading.transactions() > 0);
      postgres.stop();
      Await.until("outage", SOON, () -> !levels.isEmpty());
      long before = trading.transactions();
      postgres.start();
      Await.until("goes on", SOON, () -> trading.transactions() > before + 10);
    } finally {
      logger.removeHandler(handler);
    }
    assertEquals(List.of(Level.WARNING, Level.INFO), levels);
  }

  @Test
  void shouldRemoveTheOldestTradesAndCancelledOnesSooner() throws Exception {
    try (SampleTrading trading =
        SampleTrading.start(settings.withOpeningTrades(100).withMaxTrades(200))) {
      Await.until("many", SOON, () -> number("select max(id) from trades") > 500);
      assertTrue(number("select count(*) from trades") <= 200);
      long cancelled =
          number(
              "select coalesce((select max(id) from trades) - min(id), 0) from trades where status"
                  + " = 'cancelled'");
      // An old trade can still be cancelled; it goes with the next new one.
      assertTrue(cancelled <= 200, () -> "cancelled " + cancelled + " trades ago");
      assertTrue(trading.transactions() > 500);
    }
  }

  @Test
  void shouldGoOnWhereAnEarlierRunEnded() throws Exception {
    SampleTrading.start(settings).close();
    long trades = number("select count(*) from trades");
    try (SampleTrading trading = SampleTrading.start(settings.withTransactionsPerSecond(0.001))) {
      Await.until("first transaction", SOON, () -> trading.transactions() == 1);
      assertTrue(number("select count(*) from trades") <= trades + 1);
    }
  }

  @Test
  void shouldCloseAtOnceWhileTheDatabaseHangs() throws Exception {
    SampleTrading trading = SampleTrading.start(settings);
    Await.until("at work", SOON, () -> trading.transactions() > 0);
    postgres.pause();
    // Sooner than the socket's timeout of 10 s, and than close gives up.
    assertTimeout(Duration.ofSeconds(8), trading::close);
  }

  @Test
  void shouldSayWhyItCannotStart() {
    postgres.stop();
    IllegalStateException failure =
        assertThrows(IllegalStateException.class, () -> SampleTrading.start(settings));
    assertTrue(failure.getMessage().contains("refused"), failure.getMessage());
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static final class LevelRecorder extends Handler {
    private final List<Level> levels;

    LevelRecorder(List<Level> levels) {
      this.levels = levels;
    }

    @Override
    public void publish(LogRecord logged) {
      levels.add(logged.getLevel());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
