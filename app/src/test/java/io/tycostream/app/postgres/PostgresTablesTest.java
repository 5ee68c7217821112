package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a table may be and become, and what its changes look like then. */
class PostgresTablesTest {

  /** Kept outside the row, so that an update that leaves it alone does not tell it. */
  private static final String LONG = "x".repeat(9000);

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
  void createSchema() throws Exception {
    database.execute("CREATE SCHEMA t");
  }

  @AfterEach
  void dropSchema() throws Exception {
    database.execute("DROP SCHEMA t CASCADE; DROP PUBLICATION IF EXISTS tables_publication");
  }

  private static PostgresTable table(String name) {
    return new PostgresTable(name, "t." + name, Optional.empty());
  }

  private static PostgresTable table(String name, List<String> key) {
    return new PostgresTable(name, "t." + name, Optional.of(key));
  }

  private Follower follower(PostgresTable... tables) {
    return new Follower(new PostgresSource(database.settings("tables"), List.of(tables)), sink);
  }

  @Test
  void shouldFollowRowsWithoutAKeyAsOftenAsTheyStand() throws Exception {
    database.execute(
        """
        CREATE TABLE t.bag (a text, b text);
        ALTER TABLE t.bag REPLICA IDENTITY FULL;
        ALTER TABLE t.bag ALTER COLUMN b SET STORAGE EXTERNAL;
        INSERT INTO t.bag VALUES ('x', 'l'), ('x', 'l'), (NULL, NULL), ('long', repeat('x', 9000));
        CREATE TABLE t.declared (id int4 PRIMARY KEY);
        """);
    PostgresTable declared = table("declared", List.of());
    try (Follower follower = follower(table("bag", List.of()), declared)) {
      follower.until(() -> sink.snapshots() == 1);
      assertTrue(
          sink.failures().get("declared").message().contains("REPLICA IDENTITY FULL, or remove"),
          sink.failures().toString());
      assertEquals(List.of(), sink.relation("bag").orElseThrow().key());
      assertEquals(
          Map.of(Row.of("x", "l"), 2L, Row.of(null, null), 1L, Row.of("long", LONG), 1L),
          sink.copies("bag"));
      database.execute(
          """
          BEGIN;
          INSERT INTO t.bag VALUES ('x', 'l'), (NULL, NULL);
          UPDATE t.bag SET a = 'y' WHERE a IN ('x', 'long');
          DELETE FROM t.bag WHERE ctid IN (SELECT ctid FROM t.bag WHERE a IS NULL LIMIT 1);
          COMMIT;
          """);
      follower.until(() -> sink.commits() == 1);
      assertEquals(
          Map.of(Row.of("y", "l"), 3L, Row.of(null, null), 1L, Row.of("y", LONG), 1L),
          sink.copies("bag"));
      database.execute(
          "BEGIN; INSERT INTO t.bag VALUES ('gone', ''); TRUNCATE t.bag;"
              + " INSERT INTO t.bag VALUES ('x', 'l'); COMMIT");
      follower.until(() -> sink.commits() == 2);
      assertEquals(Map.of(Row.of("x", "l"), 1L), sink.copies("bag"));
      assertEquals(List.of(), follower.failures());
    }
  }

  @Test
  void shouldLetRowsTakeEachOthersKeyWithinATransaction() throws Exception {
    database.execute(
        """
        CREATE TABLE t.seats (seat int4 NOT NULL, who text, UNIQUE (seat) DEFERRABLE);
        ALTER TABLE t.seats REPLICA IDENTITY FULL;
        INSERT INTO t.seats VALUES (1, 'a'), (2, 'b'), (3, 'c');
        """);
    try (Follower follower = follower(table("seats", List.of("seat")))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("UPDATE t.seats SET seat = 1 + seat % 3");
      follower.until(() -> sink.commits() == 1);
      assertEquals(
          Map.of("[1]", Row.of("1", "c"), "[2]", Row.of("2", "a"), "[3]", Row.of("3", "b")),
          sink.rows("seats"));
      database.execute(
          """
          BEGIN;
          SET CONSTRAINTS ALL DEFERRED;
          INSERT INTO t.seats VALUES (1, 'd');
          UPDATE t.seats SET who = 'cc' WHERE who = 'c';
          UPDATE t.seats SET seat = 2 WHERE who = 'cc';
          UPDATE t.seats SET who = 'aa' WHERE who = 'a';
          DELETE FROM t.seats WHERE who = 'aa';
          COMMIT;
          """);
      follower.until(() -> sink.commits() == 2);
      assertEquals(
          Map.of("[1]", Row.of("1", "d"), "[2]", Row.of("2", "cc"), "[3]", Row.of("3", "b")),
          sink.rows("seats"));
      assertEquals(List.of(), follower.failures());
    }
  }

  @ParameterizedTest
  @CsvSource({"DEFAULT", "FULL", "USING INDEX by_id"})
  void shouldKnowLongValuesThatDidNotChange(String identity) throws Exception {
    database.execute(
        """
        CREATE TABLE t.texts (id int4 NOT NULL, small int4, big text, PRIMARY KEY (id));
        CREATE UNIQUE INDEX by_id ON t.texts (id);
        ALTER TABLE t.texts ALTER COLUMN big SET STORAGE EXTERNAL;
        INSERT INTO t.texts VALUES (1, 1, repeat('x', 9000)), (2, 1, NULL);
        """);
    database.execute("ALTER TABLE t.texts REPLICA IDENTITY " + identity);
    try (Follower follower = follower(table("texts"))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("UPDATE t.texts SET small = 2");
      follower.until(() -> sink.commits() == 1);
      assertEquals(Row.of("1", "2", LONG), sink.rows("texts").get("[1]"));
      database.execute("UPDATE t.texts SET id = id + 10");
      follower.until(() -> sink.commits() == 2);
      assertEquals(
          Map.of("[11]", Row.of("11", "2", LONG), "[12]", Row.of("12", "2", null)),
          sink.rows("texts"));
      database.execute(
          """
          BEGIN;
          INSERT INTO t.texts VALUES (3, 3, repeat('x', 9000));
          UPDATE t.texts SET small = 4 WHERE id = 3;
          UPDATE t.texts SET id = 5 WHERE id = 3;
          UPDATE t.texts SET big = NULL WHERE id = 11;
          UPDATE t.texts SET big = repeat('x', 9000) WHERE id = 12;
          COMMIT;
          """);
      follower.until(() -> sink.commits() == 3);
      assertEquals(
          Map.of(
              "[5]", Row.of("5", "4", LONG),
              "[11]", Row.of("11", "2", null),
              "[12]", Row.of("12", "2", LONG)),
          sink.rows("texts"));
      assertEquals(List.of(), follower.failures());
    }
  }

  @Test
  void shouldEmptyAllTablesOfATruncate() throws Exception {
    database.execute(
        """
        CREATE TABLE t.owner (id int4 PRIMARY KEY);
        CREATE TABLE t.owned (id int4 PRIMARY KEY, owner int4 REFERENCES t.owner);
        CREATE TABLE t.other (id int4 PRIMARY KEY);
        INSERT INTO t.owner VALUES (1);
        INSERT INTO t.owned VALUES (1, 1);
        INSERT INTO t.other VALUES (1);
        """);
    try (Follower follower = follower(table("owner"), table("owned"), table("other"))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("TRUNCATE t.owner CASCADE");
      follower.until(() -> sink.commits() == 1);
      assertEquals(Map.of(), sink.rows("owner"));
      assertEquals(Map.of(), sink.rows("owned"));
      assertEquals(Set.of("[1]"), sink.rows("other").keySet());
      database.execute(
          "BEGIN; INSERT INTO t.owner VALUES (2); TRUNCATE t.owner, t.owned, t.other RESTART"
              + " IDENTITY; INSERT INTO t.owner VALUES (3); COMMIT");
      follower.until(() -> sink.commits() == 2);
      assertEquals(Set.of("[3]"), sink.rows("owner").keySet());
      assertEquals(Map.of(), sink.rows("other"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ADD COLUMN c int4 DEFAULT 5 | id a b c",
        "DROP COLUMN b | id a",
        "RENAME COLUMN b TO c | id a c",
        "ALTER COLUMN b TYPE text | id a b",
        "ALTER COLUMN b TYPE numeric(9, 3) | id a b",
        "REPLICA IDENTITY FULL | id a b",
      })
  void shouldReadATableAnewThatIsAlteredBetweenTwoRows(String alteration, String columns)
      throws Exception {
    database.execute(
        "CREATE TABLE t.shape (id int4 PRIMARY KEY, a text, b numeric(9, 2));"
            + " INSERT INTO t.shape VALUES (1, 'a', 1)");
    try (Follower follower = follower(table("shape"))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute(
          "INSERT INTO t.shape VALUES (2, 'b', 2); ALTER TABLE t.shape "
              + alteration
              + "; INSERT INTO t.shape VALUES (3, 'c')");
      follower.until(() -> sink.rows("shape").size() == 3);
      assertEquals(2, sink.snapshots());
      assertEquals(
          List.of(columns.split(" ")),
          sink.relation("shape").orElseThrow().columns().stream().map(Column::name).toList());
      assertEquals(database.rows("SELECT * FROM t.shape"), sink.rows("shape"));
      assertEquals(1, follower.times(FailureKind.HISTORY_LOST), follower.failures().toString());
    }
  }

  /** The stream says nothing of it, and describes the table afterwards as it did before. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE t.shape DROP COLUMN last, ADD COLUMN last text",
        "ALTER TABLE t.shape ALTER COLUMN last TYPE text USING upper(last)",
        "ALTER TYPE t.mood RENAME VALUE 'low' TO 'calm'",
        "ALTER TYPE t.point ADD ATTRIBUTE z int4",
      })
  void shouldReadATableAnewWhoseDefinitionChangedItsValues(String alteration) throws Exception {
    database.execute(
        """
        CREATE TYPE t.mood AS ENUM ('low', 'high');
        CREATE TYPE t.point AS (x int4, y int4);
        CREATE DOMAIN t.spots AS t.point[];
        CREATE TABLE t.shape (id int4 PRIMARY KEY, moods t.mood[], spots t.spots, last text);
        INSERT INTO t.shape VALUES (1, '{low}', ARRAY[(1, 2)::t.point], 'a');
        """);
    try (Follower follower = follower(table("shape"))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute(alteration);
      database.execute("INSERT INTO t.shape VALUES (2, '{high}', NULL, 'b')");
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(database.rows("SELECT * FROM t.shape"), sink.rows("shape"));
      assertEquals(1, follower.times(FailureKind.HISTORY_LOST), follower.failures().toString());
    }
  }

  @Test
  void shouldFollowTheNameAndNotTheTableThatHadIt() throws Exception {
    database.execute(
        "CREATE TABLE t.name (id int4 PRIMARY KEY); CREATE TABLE t.heir (id int4 PRIMARY KEY);"
            + " INSERT INTO t.heir VALUES (7)");
    try (Follower follower = follower(table("name"))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("ALTER TABLE t.name RENAME TO former; ALTER TABLE t.heir RENAME TO name");
      database.execute("INSERT INTO t.former VALUES (1); INSERT INTO t.name VALUES (8)");
      follower.until(() -> sink.rows("name").size() == 2);
      assertEquals(Set.of("[7]", "[8]"), sink.rows("name").keySet());
      assertEquals(2, sink.snapshots());
    }
  }

  @Test
  void shouldFailASourceAloneWhoseTableIsDropped() throws Exception {
    database.execute(
        "CREATE TABLE t.kept (id int4 PRIMARY KEY); CREATE TABLE t.dropped (id int4 PRIMARY KEY)");
    try (Follower follower = follower(table("kept"), table("dropped"))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("DROP TABLE t.dropped; INSERT INTO t.kept VALUES (1)");
      follower.until(() -> sink.failures().containsKey("dropped") && sink.snapshots() == 2);
      assertEquals(Set.of("[1]"), sink.rows("kept").keySet());
      database.execute("INSERT INTO t.kept VALUES (2)");
      follower.until(() -> sink.rows("kept").size() == 2);
      assertEquals(2, sink.snapshots());
    }
  }

  @Test
  void shouldLeaveGeneratedColumnsOut() throws Exception {
    database.execute(
        """
        CREATE TABLE t.doubled (id int4 PRIMARY KEY, a int4,
          stored int4 GENERATED ALWAYS AS (a * 2) STORED, z text);
        INSERT INTO t.doubled VALUES (1, 1, DEFAULT, 'z');
        """);
    if (database.ask("SELECT current_setting('server_version_num')::int4 >= 180000").equals("t")) {
      database.execute("ALTER TABLE t.doubled ADD COLUMN virtual int4 GENERATED ALWAYS AS (a * 3)");
    }
    try (Follower follower = follower(table("doubled"))) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("UPDATE t.doubled SET a = 5");
      follower.until(() -> sink.commits() == 1);
      assertEquals(Map.of("[1]", Row.of("1", "5", "z")), sink.rows("doubled"));
    }
  }
}
