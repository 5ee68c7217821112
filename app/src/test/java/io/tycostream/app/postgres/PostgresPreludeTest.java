package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a gateway that is started again reads of the time before its snapshot. */
class PostgresPreludeTest {

  private static final List<PostgresTable> TABLES =
      List.of(
          new PostgresTable("one", "public.one", Optional.empty()),
          new PostgresTable("two", "public.two", Optional.empty()));

  private Database database;

  @BeforeEach
  void startServer() throws Exception {
    database = new Database();
    database.execute(
        """
        CREATE TYPE word AS ENUM ('a', 'b', 'c', 'd', 'x');
        CREATE TABLE one (id int4 PRIMARY KEY, v word);
        CREATE TABLE two (id int4 PRIMARY KEY);
        INSERT INTO one SELECT i, 'a' FROM generate_series(1, 9) i;
        """);
  }

  @AfterEach
  void stopServer() {
    database.close();
  }

  /** A gateway's life, or the beginning of one; each has a source of its own. */
  private Follower follower(RecordingSink sink) {
    return follower(TABLES, sink);
  }

  private Follower follower(List<PostgresTable> tables, RecordingSink sink) {
    return new Follower(new PostgresSource(database.settings("prelude"), tables), sink);
  }

  private static PostgresTable limited(
      String source, String relation, long maxEvents, long maxBytes) {
    HistoryLimits history = new HistoryLimits(maxEvents, Duration.ofMinutes(10), maxBytes);
    SourceLimits limits = new SourceLimits(history, 1_000, 1L << 20);
    return new PostgresTable(source, relation, Optional.empty(), limits);
  }

  private void liveOnce() throws Exception {
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(sink)) {
      follower.until(() -> sink.snapshots() == 1);
    }
  }

  @Test
  void shouldTellWhichKeysWereTouchedSinceTheSlotWasConfirmedLast() throws Exception {
    liveOnce();
    database.execute(
        """
        UPDATE one SET v = 'b' WHERE id = 1;
        DELETE FROM one WHERE id = 2;
        UPDATE one SET id = 13 WHERE id = 3;
        INSERT INTO one VALUES (14, 'c');
        """);
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(sink)) {
      follower.until(() -> sink.snapshots() == 1);
      assertEquals(
          Map.of("one", Set.of("[1]", "[2]", "[3]", "[13]", "[14]"), "two", Set.of()),
          sink.touched());
      assertEquals(9, sink.rows("one").size());
      database.execute("INSERT INTO one VALUES (15, 'd'); INSERT INTO two VALUES (1)");
      follower.until(() -> sink.rows("one").size() == 10 && sink.rows("two").size() == 1);
      assertEquals(0, sink.repeated());
      assertEquals(1, sink.snapshots());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRUNCATE one",
        "ALTER TABLE one ADD COLUMN w text",
        "ALTER TABLE one REPLICA IDENTITY FULL",
        "ALTER TYPE word RENAME VALUE 'a' TO 'z'",
        "ALTER PUBLICATION prelude_publication DROP TABLE one; INSERT INTO one VALUES (20, 'x');"
            + " ALTER PUBLICATION prelude_publication ADD TABLE one",
        "DROP TABLE one; CREATE TABLE one (id int4 PRIMARY KEY, v text)",
      })
  void shouldTellNothingOfATableOfWhichNotEachChangeIsThere(String meanwhile) throws Exception {
    liveOnce();
    database.execute("UPDATE one SET v = 'b' WHERE id = 1; INSERT INTO two VALUES (1)");
    database.execute(meanwhile);
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(sink)) {
      follower.until(() -> sink.snapshots() == 1);
      assertEquals(Map.of("two", Set.of("[1]")), sink.touched());
      int rows = sink.rows("one").size();
      database.execute("INSERT INTO one VALUES (30, 'd')");
      follower.until(() -> sink.rows("one").size() == rows + 1);
      assertEquals(1, sink.snapshots());
      assertEquals(database.rows("SELECT * FROM one"), sink.rows("one"));
    }
  }

  /** Several sources of a table each have their own history. */
  @Test
  void shouldTellNothingOfATableOfWhichMoreWasTouchedThanItsHistoryMayHold() throws Exception {
    liveOnce();
    database.execute("UPDATE one SET v = 'b' WHERE id < 5; UPDATE one SET v = 'c' WHERE id < 5");
    database.execute("INSERT INTO two VALUES (1), (2)");
    long key = Row.of("1").bytes();
    List<PostgresTable> tables =
        List.of(
            limited("four changes", "public.one", 4, 1 << 20),
            limited("three changes", "public.one", 3, 1 << 20),
            limited("two keys", "public.two", 4, 2 * key),
            limited("nearly two keys", "public.two", 4, 2 * key - 1));
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(tables, sink)) {
      follower.until(() -> sink.snapshots() == 1);
      assertEquals(Set.of("four changes", "two keys"), sink.touched().keySet());
    }
  }

  @Test
  void shouldTellNothingWhenThePublicationTellsMoreOrLessThanBefore() throws Exception {
    liveOnce();
    database.execute(
        "ALTER PUBLICATION prelude_publication SET (publish = 'insert');"
            + " DELETE FROM one WHERE id = 1;"
            + " ALTER PUBLICATION prelude_publication SET"
            + " (publish = 'insert, update, delete, truncate')");
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(sink)) {
      follower.until(() -> sink.snapshots() == 1);
      assertEquals(Map.of(), sink.touched());
      assertEquals(8, sink.rows("one").size());
    }
  }
}
