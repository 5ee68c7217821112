package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.Await;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A table that is larger than its source may be is not read to its end. */
class PostgresLimitsTest {

  private static final long MUCH = 1L << 40;

  private static Database database;

  private final RecordingSink sink = new RecordingSink();

  @BeforeAll
  static void startServer() throws Exception {
    database = new Database();
    database.execute("CREATE TABLE large (id int4 PRIMARY KEY, v text)");
    database.execute(
        "INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 5000) n");
    database.execute("CREATE TABLE small (id int4 PRIMARY KEY)");
    database.execute("INSERT INTO small VALUES (1), (2)");
  }

  @AfterAll
  static void stopServer() {
    database.close();
  }

  @AfterEach
  void forgetCounters() throws Exception {
    database.execute("SELECT pg_stat_reset()");
  }

  private static PostgresTable table(String source, String name, long rows, long bytes) {
    SourceLimits limits = new SourceLimits(HistoryLimits.DEFAULT, rows, bytes);
    return new PostgresTable(source, "public." + name, Optional.empty(), limits);
  }

  private Follower follow(PostgresTable... tables) {
    return new Follower(new PostgresSource(database.settings("limits"), List.of(tables)), sink);
  }

  private String failed(String source) {
    return Optional.ofNullable(sink.failures().get(source)).orElseThrow().message();
  }

  @Test
  void shouldReadOneRowMoreThanThereMayBeAndGoOnWithTheOtherTables() throws Exception {
    try (Follower follower =
        follow(table("large", "large", 1_000, MUCH), table("small", "small", 1_000, MUCH))) {
      follower.until(() -> sink.rows("small").size() == 2);
      assertTrue(
          failed("large").contains("public.large has more than 1,000 rows"), failed("large"));
      assertTrue(failed("large").contains("(cache.max-rows and cache.max-bytes)"), failed("large"));
      assertEquals(0, sink.rows("large").size());
      database.execute("INSERT INTO small VALUES (3)");
      follower.until(() -> sink.rows("small").size() == 3);
      database.execute("DELETE FROM small WHERE id = 3");
    }
    // The reader's own session tells its counters at its end.
    Await.until(
        "the server has counted the reading", Duration.ofSeconds(30), () -> read("large") > 0);
    assertEquals(1_001, read("large"));
  }

  private static long read(String table) throws Exception {
    return Long.parseLong(
        database.ask(
            "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = '" + table + "'"));
  }

  @Test
  void shouldKeepNoMoreBytesThanThereMayBe() throws Exception {
    try (Follower follower =
        follow(table("large", "large", MUCH, 100_000), table("small", "small", MUCH, MUCH))) {
      follower.until(() -> sink.rows("small").size() == 2);
      assertTrue(
          failed("large").contains("the rows of public.large take more than 100,000 bytes"),
          failed("large"));
    }
  }

  @Test
  void shouldReadAsMuchAsTheMostThatOneSourceOfATableMayHave() throws Exception {
    try (Follower follower =
        follow(table("few", "large", 10, MUCH), table("many", "large", 5_000, MUCH))) {
      follower.until(() -> sink.rows("many").size() == 5_000);
      assertTrue(sink.failures().isEmpty(), "the other one fails when its rows are loaded");
    }
  }

  @Test
  void shouldNotOpenAStreamThatWouldServeNobody() {
    try (Follower follower = follow(table("large", "large", 4_999, MUCH))) {
      StreamException e = assertThrows(StreamException.class, () -> follower.until(() -> false));
      assertEquals(FailureKind.QUERY, e.failure().kind());
      assertTrue(e.getMessage().contains("has more than 4,999 rows"), e.getMessage());
    }
  }
}
