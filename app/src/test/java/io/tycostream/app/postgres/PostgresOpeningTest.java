package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.Findings;
import io.tycostream.adapters.db.postgres.PostgresCheck;
import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is asked of a server and its tables before they are followed, and what is said otherwise.
 */
class PostgresOpeningTest {

  private static Database database;

  @BeforeAll
  static void startServer() {
    database = new Database();
  }

  @AfterAll
  static void stopServer() {
    database.close();
  }

  private static PostgresTable table(String name, String... key) {
    return new PostgresTable(
        name, "public." + name, key.length == 0 ? Optional.empty() : Optional.of(List.of(key)));
  }

  private static Follower follower(RecordingSink sink, String slot, PostgresTable... tables) {
    return follower(sink, database.settings(slot), tables);
  }

  private static Follower follower(
      RecordingSink sink, PostgresSettings settings, PostgresTable... tables) {
    return new Follower(new PostgresSource(settings, List.of(tables)), sink);
  }

  private static StreamException refused(PostgresSettings settings, PostgresTable... tables) {
    PostgresSource source = new PostgresSource(settings, List.of(tables));
    return assertThrows(
        StreamException.class, () -> source.open(0, true, new RecordingSink()).close());
  }

  private PostgresSettings as(PostgresSettings settings, String user, String base) {
    return database.as(settings, user, base, database.server().port());
  }

  private static void says(StreamException e, FailureKind kind, String... words) {
    assertEquals(kind, e.failure().kind(), e.getMessage());
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
    assertTrue(e.getMessage().startsWith("PostgreSQL 127.0.0.1:"), e.getMessage());
  }

  @Test
  void shouldFailASourceAloneAndSayWhatToDo() throws Exception {
    database.execute(
        """
        CREATE TABLE good (id int4 PRIMARY KEY);
        CREATE TABLE keyless (id int4);
        CREATE TABLE late (id int4, CONSTRAINT late_key PRIMARY KEY (id) DEFERRABLE);
        CREATE TABLE silent (id int4 PRIMARY KEY);
        ALTER TABLE silent REPLICA IDENTITY NOTHING;
        CREATE TABLE vague (id int4);
        ALTER TABLE vague REPLICA IDENTITY FULL;
        CREATE TABLE fleeting (id int4 PRIMARY KEY);
        ALTER TABLE fleeting SET UNLOGGED;
        CREATE TABLE parts (id int4 PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE VIEW sight AS SELECT 1 AS id;
        CREATE TABLE other_key (id int4 PRIMARY KEY, name text NOT NULL UNIQUE);
        INSERT INTO good VALUES (1);
        """);
    RecordingSink sink = new RecordingSink();
    try (Follower follower =
        follower(
            sink,
            "alone",
            table("good"),
            table("missing"),
            table("keyless"),
            table("late"),
            table("silent"),
            table("vague", "id"),
            table("fleeting"),
            table("parts"),
            table("sight"),
            table("other_key", "name"))) {
      follower.until(() -> sink.snapshots() == 1);
      Map<String, String> words =
          Map.of(
              "missing", "there is no table",
              "keyless", "no primary key",
              "late", "no primary key",
              "silent", "REPLICA IDENTITY DEFAULT",
              "vague", "SET NOT NULL",
              "fleeting", "SET LOGGED",
              "parts", "partitioned",
              "sight", "is a view",
              "other_key", "configured key");
      assertEquals(words.keySet(), sink.failures().keySet());
      words.forEach((source, word) -> {
        assertEquals(FailureKind.QUERY, sink.failures().get(source).kind());
        String message = sink.failures().get(source).message();
        assertTrue(message.contains(word) && message.contains("public." + source), message);
      });
      assertEquals(Set.of("[1]"), sink.rows("good").keySet());
      // It was not published: without a replica identity it could not be updated any more.
      database.execute("INSERT INTO keyless VALUES (1); UPDATE keyless SET id = 2");
      database.execute("INSERT INTO good VALUES (2)");
      follower.until(() -> sink.rows("good").size() == 2);

      database.execute("ALTER TABLE keyless ADD PRIMARY KEY (id)");
      follower.cut();
      follower.until(() -> sink.rows("keyless").size() == 1);
      assertEquals(FailureKind.HISTORY_LOST, follower.failures().getLast().kind());
    }
    StreamException e = refused(database.settings("none"), table("missing"));
    says(e, FailureKind.QUERY, "there is no table public.missing");
  }

  @Test
  void shouldResumeWithoutASourceThatTheSinkGaveUp() throws Exception {
    database.execute(
        "CREATE TABLE small (id int4 PRIMARY KEY); CREATE TABLE huge (id int4 PRIMARY KEY)");
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(sink, "given_up", table("small"), table("huge"))) {
      follower.until(() -> follower.opened() == 1);
      sink.giveUp("huge");
      follower.cut();
      database.execute("INSERT INTO huge VALUES (1); INSERT INTO small VALUES (1)");
      follower.until(() -> sink.rows("small").size() == 1);
      assertEquals(1, sink.snapshots());
    }
  }

  @Test
  void shouldFollowEveryUsableKey() throws Exception {
    database.execute(
        """
        CREATE TABLE by_index (id int4 PRIMARY KEY, a text NOT NULL, b int4 NOT NULL, c text);
        CREATE UNIQUE INDEX by_index_key ON by_index (b, a) INCLUDE (c);
        ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_key;
        CREATE TABLE by_choice (a text NOT NULL, b int4 NOT NULL, c text);
        ALTER TABLE by_choice REPLICA IDENTITY FULL;
        CREATE TABLE by_length (a text, b text, c text, PRIMARY KEY (a));
        ALTER TABLE by_length ALTER COLUMN a SET STORAGE EXTERNAL,
          ALTER COLUMN b SET STORAGE EXTERNAL;
        CREATE TABLE "By Name" ("The ""id" int4 PRIMARY KEY);
        CREATE TABLE parent (id int4 PRIMARY KEY);
        CREATE TABLE child () INHERITS (parent);
        INSERT INTO child VALUES (7);
        INSERT INTO by_index VALUES (1, 'x', 2, 'c');
        INSERT INTO by_choice VALUES ('x', 2, repeat('c', 9000));
        INSERT INTO by_length VALUES (repeat('k', 2600), repeat('l', 9000), 'm');
        """);
    RecordingSink sink = new RecordingSink();
    PostgresTable byName = new PostgresTable("by_name", "public.By Name", Optional.empty());
    try (Follower follower =
        follower(
            sink,
            "keys",
            table("by_index"),
            table("by_choice", "b"),
            table("by_length"),
            table("parent"),
            byName)) {
      follower.until(() -> sink.snapshots() == 1);
      assertEquals(Map.of(), sink.failures());
      assertEquals(List.of("b", "a"), sink.relation("by_index").orElseThrow().key());
      database.execute(
          """
          BEGIN;
          UPDATE by_index SET id = 5, a = 'y';
          UPDATE by_choice SET b = 3;
          UPDATE by_length SET c = 'n';
          INSERT INTO "By Name" VALUES (1);
          INSERT INTO child VALUES (8);
          INSERT INTO parent VALUES (9);
          COMMIT;
          """);
      follower.until(() -> sink.commits() == 1);
      assertEquals(Map.of("[2, y]", Row.of("5", "y", "2", "c")), sink.rows("by_index"));
      assertEquals(Map.of("[3]", Row.of("x", "3", "c".repeat(9000))), sink.rows("by_choice"));
      assertEquals(
          List.of(Row.of("k".repeat(2600), "l".repeat(9000), "n")),
          List.copyOf(sink.rows("by_length").values()));
      assertEquals(Set.of("[1]"), sink.rows("by_name").keySet());
      assertEquals(Set.of("[9]"), sink.rows("parent").keySet());
    }
  }

  @Test
  void shouldNameColumnsAndTypesAsTheDatabaseDoes() throws Exception {
    database.execute(
        """
        CREATE DOMAIN inner_price AS numeric(10, 2);
        CREATE DOMAIN outer_price AS inner_price CHECK (VALUE > 0);
        CREATE DOMAIN numbers AS int4[];
        CREATE TYPE color AS ENUM ('red');
        CREATE TABLE typed (id int8 PRIMARY KEY, gone text, p outer_price, n numbers, c color,
          cs color[], t timestamptz(3), v varchar(9), g int8 GENERATED ALWAYS AS (id) STORED);
        ALTER TABLE typed DROP COLUMN gone;
        """);
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(sink, "types", table("typed"))) {
      follower.until(() -> sink.snapshots() == 1);
      assertEquals(
          "id int8, p numeric, n _int4, c color, cs _color, t timestamptz, v varchar",
          sink.relation("typed").orElseThrow().columns().stream()
              .map((Column column) -> column.name() + " " + column.type())
              .collect(Collectors.joining(", ")));
      database.execute("INSERT INTO typed VALUES (1, 2.5, '{1}', 'red', '{red}', 'epoch', 'v')");
      follower.until(() -> sink.commits() == 1);
      assertEquals(
          Row.of("1", "2.50", "{1}", "red", "{red}", "1970-01-01 00:00:00+00", "v"),
          sink.rows("typed").get("[1]"));
    }
  }

  @Test
  void shouldNeverReadATableThatWasEmptiedMeanwhile() throws Exception {
    database.execute(
        "CREATE TABLE pulse (id int4 PRIMARY KEY);"
            + " INSERT INTO pulse SELECT generate_series(1, 10)");
    try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 5; round++) {
        RecordingSink[] sink = new RecordingSink[1];
        sink[0] = new RecordingSink(() -> assertEquals(10, sink[0].rows("pulse").size()));
        var writer = writers.submit(PostgresOpeningTest::emptyAndFill);
        try (Follower follower = follower(sink[0], "pulse", table("pulse"))) {
          follower.until(() -> follower.opened() == 1);
          assertEquals(10, sink[0].rows("pulse").size());
          follower.until(writer::isDone);
          writer.get();
        }
      }
    }
  }

  private static @Nullable Void emptyAndFill() throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      for (int i = 0; i < 60; i++) {
        statement.execute(
            "BEGIN; TRUNCATE pulse; INSERT INTO pulse SELECT generate_series(1, 10); COMMIT");
      }
    }
    return null;
  }

  @Test
  void shouldNotShareASlot() throws Exception {
    database.execute("CREATE TABLE shared (id int4 PRIMARY KEY)");
    RecordingSink sink = new RecordingSink();
    try (Follower follower = follower(sink, "shared", table("shared"))) {
      follower.until(() -> follower.opened() == 1);
      StreamException e = refused(database.settings("shared"), table("shared"));
      says(e, FailureKind.NETWORK, "shared is active for PID", "another gateway");
    }
    database.execute("SELECT pg_create_physical_replication_slot('physical')");
    says(
        refused(database.settings("physical"), table("shared")),
        FailureKind.QUERY,
        "configure another slot");
    database.execute("SELECT pg_drop_replication_slot('physical')");
  }

  @Test
  void shouldNotGoOnInAnotherHistory() throws Exception {
    database.execute("CREATE TABLE epochs (id int4 PRIMARY KEY)");
    RecordingSink sink = new RecordingSink();
    PostgresSource source =
        new PostgresSource(database.settings("epochs"), List.of(table("epochs")));
    source.open(0, true, sink).close();
    String systemId = database.ask("SELECT system_identifier FROM pg_control_system()");
    assertEquals("pg" + systemId + "-1", sink.complete().orElseThrow().epoch());

    sink.progress(Long.MAX_VALUE);
    StreamException e =
        assertThrows(StreamException.class, () -> source.open(0, false, sink).close());
    says(e, FailureKind.QUERY, "set back", "history-id");

    RecordingSink empty = new RecordingSink();
    e = assertThrows(StreamException.class, () -> source.open(0, false, empty).close());
    says(e, FailureKind.HISTORY_LOST);

    RecordingSink elsewhere = new RecordingSink();
    elsewhere.loaded(
        "epochs", sink.relation("epochs").orElseThrow(), new Checkpoint("pg1-1", 1), List.of());
    e = assertThrows(StreamException.class, () -> source.open(0, false, elsewhere).close());
    says(e, FailureKind.HISTORY_LOST, "another history");
  }

  @Test
  void shouldGoOnAtAnotherEndpointOfTheSameHistory() throws Exception {
    database.execute("CREATE TABLE routes (id int4 PRIMARY KEY)");
    PostgresSettings way = database.settings("routes");
    PostgresSettings nowhere =
        database.as(way, database.server().user(), database.server().database(), 1);
    PostgresSource source =
        new PostgresSource(List.of(nowhere, way, way), List.of(table("routes")));
    RecordingSink sink = new RecordingSink();
    assertThrows(StreamException.class, () -> source.open(0, true, sink));
    source.open(1, true, sink).close();
    assertEquals(Optional.empty(), source.probe(0));
    Checkpoint present = source.probe(1).orElseThrow();
    Checkpoint complete = sink.complete().orElseThrow();
    assertEquals(complete.epoch(), present.epoch());
    assertTrue(Long.compareUnsigned(present.time(), complete.time()) >= 0);
    try (Follower follower = new Follower(source, sink, 2)) {
      follower.until(() -> follower.opened() == 1);
      assertTrue(follower.sawOnly(FailureKind.NETWORK)); // the slot may be in use for a moment
    }
    assertEquals(1, sink.snapshots());
  }

  @Test
  void shouldSayWhatTheServerOrTheUserLacks() throws Exception {
    database.execute(
        """
        CREATE TABLE plain (id int4 PRIMARY KEY);
        CREATE ROLE reader LOGIN REPLICATION;
        GRANT SELECT ON plain TO reader;
        CREATE ROLE follower LOGIN REPLICATION;
        CREATE PUBLICATION inserts_publication WITH (publish = 'insert');
        CREATE PUBLICATION narrow_publication FOR TABLE plain WHERE (id > 5);
        CREATE PUBLICATION rights_publication;
        """);
    PostgresTable plain = table("plain");
    String base = database.server().database();
    says(
        refused(as(database.settings("lacks"), "reader", base), plain),
        FailureKind.QUERY,
        "publication lacks_publication is missing and may not be created");
    says(
        refused(as(database.settings("rights"), "reader", base), plain),
        FailureKind.QUERY,
        "run ALTER PUBLICATION \"rights_publication\" ADD TABLE ONLY \"public\".\"plain\"");
    database.execute("ALTER PUBLICATION rights_publication ADD TABLE plain");
    database.execute("ALTER ROLE reader NOREPLICATION");
    says(
        refused(as(database.settings("rights"), "reader", base), plain),
        FailureKind.QUERY,
        "REPLICATION");
    says(
        refused(as(database.settings("rights"), "follower", base), plain),
        FailureKind.QUERY,
        "grant SELECT");
    says(
        refused(database.settings("inserts"), plain),
        FailureKind.QUERY,
        "SET (publish = 'insert, update, delete, truncate')");
    says(refused(database.settings("narrow"), plain), FailureKind.QUERY, "row filter");
    says(
        refused(as(database.settings("lacks"), "nobody_at_all", base), plain),
        FailureKind.CREDENTIALS,
        "nobody_at_all");
    says(
        refused(as(database.settings("lacks"), "reader", "no_such_base"), plain),
        FailureKind.QUERY,
        "no_such_base");
  }

  @Test
  void shouldLookWithoutChangingAnything() throws Exception {
    database.execute(
        "CREATE TABLE looked_at (id int4 PRIMARY KEY); CREATE TABLE no_key (id int4);"
            + " INSERT INTO looked_at SELECT generate_series(1, 50); ANALYZE looked_at");
    Findings report = PostgresCheck.run(database.settings("look"), List.of(table("looked_at")));
    assertEquals(List.of(), report.problems());
    assertTrue(report.summary().get(0).contains("wal_level logical"), report::toString);
    assertTrue(
        report.summary().get(1).contains("public.looked_at, key id, about 50 rows"),
        report::toString);
    report =
        PostgresCheck.run(
            as(database.settings("look"), "looker", database.server().database()),
            List.of(table("looked_at")));
    assertEquals(1, report.problems().size(), report::toString);
    database.execute("CREATE ROLE looker LOGIN");
    report =
        PostgresCheck.run(
            as(database.settings("look"), "looker", database.server().database()),
            List.of(table("looked_at"), table("no_key"), table("not_there")));
    List<String> words =
        List.of("may not be created", "may not replicate", "looked_at", "no_key", "not_there");
    assertEquals(words.size(), report.problems().size(), report::toString);
    for (int i = 0; i < words.size(); i++) {
      assertTrue(report.problems().get(i).contains(words.get(i)), report::toString);
    }
    assertEquals(
        "0", database.ask("SELECT count(*) FROM pg_publication WHERE pubname LIKE 'look%'"));
    assertEquals(
        "0", database.ask("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'look'"));
  }

  @Test
  void shouldNameTheSettingThatIsMissing() throws SQLException {
    try (Database other =
        new Database(EmbeddedPostgres.Options.defaults().withSetting("wal_level", "replica"))) {
      other.execute("CREATE TABLE t (id int4 PRIMARY KEY)");
      says(
          refused(other.settings("s"), table("t")),
          FailureKind.QUERY,
          "wal_level is replica: set wal_level = logical in postgresql.conf and restart");
      Findings report = PostgresCheck.run(other.settings("s"), List.of(table("t")));
      assertTrue(report.problems().getFirst().contains("wal_level"), report::toString);
    }
  }
}
