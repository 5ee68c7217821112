package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A table that is not carried any more, or was not for a while, is read anew. */
class PostgresPublicationTest {

  private static Database database;

  private final RecordingSink sink = new RecordingSink();

  @BeforeAll
  static void startServer() {
    database = new Database();
  }

  @AfterAll
  static void stopServer() {
    database.close();
  }

  @BeforeEach
  void createTables() throws Exception {
    database.execute(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.goods (id int4 PRIMARY KEY);
        CREATE TABLE shop.sold (day int4, id int4, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
        CREATE TABLE shop.today PARTITION OF shop.sold FOR VALUES FROM (1) TO (9);
        """);
  }

  @AfterEach
  void dropTables() throws Exception {
    database.execute("DROP SCHEMA shop CASCADE; DROP PUBLICATION IF EXISTS live_publication");
  }

  private Follower follower(String... tables) {
    List<PostgresTable> followed =
        List.of(tables).stream()
            .map(table -> new PostgresTable(table, "shop." + table, Optional.empty()))
            .toList();
    return new Follower(new PostgresSource(database.settings("live"), followed), sink);
  }

  /** Five heartbeats, after which everything is looked at, are longer than anybody waits here. */
  @Test
  void shouldNoticeWithinAHeartbeatThatATableLeftThePublication() throws Exception {
    PostgresSource source =
        new PostgresSource(
            database.settings("live", Duration.ofSeconds(10), Duration.ofSeconds(7)),
            List.of(new PostgresTable("goods", "shop.goods", Optional.empty())));
    try (Follower follower = new Follower(source, sink)) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("ALTER PUBLICATION live_publication DROP TABLE shop.goods");
      database.execute("INSERT INTO shop.goods VALUES (1)");
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(1, sink.rows("goods").size());
      assertEquals(FailureKind.HISTORY_LOST, follower.failures().getFirst().kind());
      String why = follower.failures().getFirst().message();
      assertTrue(why.contains("was taken out of the publication"), why);
    }
  }

  /** The table leaves while nobody is connected, a row is written, and it comes back. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "goods | FOR TABLES IN SCHEMA shop | ALTER PUBLICATION live_publication DROP TABLES IN"
            + " SCHEMA shop | ALTER PUBLICATION live_publication ADD TABLES IN SCHEMA shop",
        "goods | FOR TABLE shop.goods | ALTER PUBLICATION live_publication DROP TABLE shop.goods |"
            + " ALTER PUBLICATION live_publication ADD TABLE shop.goods",
        "goods | FOR ALL TABLES | DROP PUBLICATION live_publication | CREATE PUBLICATION"
            + " live_publication FOR ALL TABLES",
        "goods | FOR TABLE shop.goods | ALTER PUBLICATION live_publication SET (publish = 'update')"
            + " | ALTER PUBLICATION live_publication SET (publish = 'insert, update, delete,"
            + " truncate')",
        "today | FOR TABLE shop.sold | ALTER PUBLICATION live_publication DROP TABLE shop.sold |"
            + " ALTER PUBLICATION live_publication ADD TABLE shop.sold",
        "today | FOR TABLE shop.sold | ALTER TABLE shop.sold DETACH PARTITION shop.today | ALTER"
            + " TABLE shop.sold ATTACH PARTITION shop.today FOR VALUES FROM (1) TO (9)",
      })
  void shouldReadATableAnewThatWasNotCarriedMeanwhile(
      String table, String published, String leave, String comeBack) throws Exception {
    database.execute("CREATE PUBLICATION live_publication " + published);
    try (Follower follower = follower(table)) {
      follower.until(() -> sink.snapshots() == 1);
      follower.cut();
      database.execute(leave);
      database.execute(insertInto(table, 2));
      database.execute(comeBack);
      database.execute(insertInto(table, 3));
      follower.until(() -> sink.rows(table).size() == 2);
      assertEquals(2, sink.snapshots());
      assertTrue(
          follower.failures().stream().anyMatch(f -> f.kind() == FailureKind.HISTORY_LOST),
          follower.failures().toString());
    }
  }

  private static String insertInto(String table, int value) {
    return table.equals("goods")
        ? "INSERT INTO shop.goods VALUES (%d)".formatted(value)
        : "INSERT INTO shop.today VALUES (%d, %d)".formatted(value, value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FOR TABLE shop.goods | ALTER PUBLICATION live_publication DROP TABLE shop.goods",
        "FOR TABLES IN SCHEMA shop | ALTER PUBLICATION live_publication DROP TABLES IN SCHEMA shop",
        "FOR TABLE shop.goods | DROP PUBLICATION live_publication",
        "FOR TABLE shop.goods | BEGIN; ALTER PUBLICATION live_publication DROP TABLE shop.goods;"
            + " ALTER PUBLICATION live_publication ADD TABLE shop.goods; COMMIT",
      })
  void shouldNoticeWhileTheStreamIsLiveThatATableIsNotCarriedAnyMore(String published, String leave)
      throws Exception {
    database.execute("CREATE PUBLICATION live_publication " + published);
    try (Follower follower = follower("goods")) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute(leave + "; INSERT INTO shop.goods VALUES (2)");
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(1, sink.rows("goods").size());
      // It was added again, and is followed on.
      database.execute("INSERT INTO shop.goods VALUES (3)");
      follower.until(() -> sink.rows("goods").size() == 2);
      assertEquals(2, sink.snapshots());
      assertEquals(1, follower.times(FailureKind.HISTORY_LOST), follower.failures().toString());
    }
  }

  @Test
  void shouldFailWhenThePublicationTellsNotAllAnyMore() throws Exception {
    try (Follower follower = follower("goods")) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("ALTER PUBLICATION live_publication SET (publish = 'insert')");
      StreamException e = assertThrows(StreamException.class, () -> follower.until(() -> false));
      assertEquals(FailureKind.QUERY, e.failure().kind());
      assertTrue(e.getMessage().contains("does not tell all changes"), e.getMessage());
    }
  }

  @Test
  void shouldNoticeAChangedDefinitionThatNoRowTellsOf() throws Exception {
    try (Follower follower = follower("goods")) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("ALTER TABLE shop.goods ADD COLUMN name text");
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(2, sink.relation("goods").orElseThrow().columns().size());
      database.execute("DROP TABLE shop.goods; CREATE TABLE shop.goods (id int4 PRIMARY KEY)");
      follower.until(() -> sink.snapshots() == 3);
      assertEquals(1, sink.relation("goods").orElseThrow().columns().size());
      assertEquals(2, follower.times(FailureKind.HISTORY_LOST), follower.failures().toString());
    }
  }

  @Test
  void shouldTakeATableInThatIsCreatedLater() throws Exception {
    try (Follower follower = follower("goods", "later")) {
      follower.until(() -> sink.snapshots() == 1);
      assertTrue(sink.failures().get("later").message().contains("there is no table shop.later"));
      database.execute("CREATE TABLE shop.later (id int4 PRIMARY KEY)");
      database.execute("INSERT INTO shop.later VALUES (1)");
      follower.until(() -> sink.rows("later").size() == 1);
      assertEquals(2, sink.snapshots());
      database.execute("INSERT INTO shop.later VALUES (2); INSERT INTO shop.goods VALUES (1)");
      follower.until(() -> sink.rows("later").size() == 2 && sink.rows("goods").size() == 1);
      assertEquals(2, sink.snapshots());
    }
  }
}
