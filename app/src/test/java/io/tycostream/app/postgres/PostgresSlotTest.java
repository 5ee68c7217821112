package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.adapters.db.postgres.Retention;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a replication slot, and what is kept for it. */
class PostgresSlotTest {

  private static final String SLOT = "lifecycle";
  private static final long SEGMENT = 16 << 20;

  private final RecordingSink sink = new RecordingSink();
  private Database database;

  @BeforeEach
  void startServer() throws Exception {
    database =
        new Database(
            EmbeddedPostgres.Options.defaults()
                .withSetting("min_wal_size", "32MB")
                .withSetting("max_slot_wal_keep_size", "64MB"));
    database.execute("CREATE TABLE kept (id int4 PRIMARY KEY); INSERT INTO kept VALUES (1)");
  }

  @AfterEach
  void stopServer() {
    database.close();
  }

  private PostgresSource source(PostgresSettings settings) {
    return new PostgresSource(
        settings, List.of(new PostgresTable("kept", "public.kept", Optional.empty())));
  }

  private String slot(String column) throws Exception {
    return database.ask(
        "SELECT " + column + " FROM pg_replication_slots WHERE slot_name = '" + SLOT + "'");
  }

  /** The server looks what it can let go of when it logs which transactions run. */
  private void letGo() {
    try {
      database.execute("SELECT pg_log_standby_snapshot()");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitFree() throws Exception {
    Await.until("slot free", Duration.ofSeconds(10), () -> slot("active").equals("f"));
  }

  private StreamException refused(PostgresSource source, boolean fresh) {
    return assertThrows(StreamException.class, () -> source.open(0, fresh, sink).close());
  }

  @Test
  void shouldMakeASlotOnceAndUseItAgain() throws Exception {
    PostgresSource source = source(database.settings(SLOT));
    try (Follower follower = new Follower(source, sink)) {
      follower.until(() -> sink.snapshots() == 1);
      assertEquals("pgoutput", slot("plugin"));
      assertEquals("f", slot("temporary"));
      follower.cut();
      database.execute("INSERT INTO kept VALUES (2)");
      follower.until(() -> sink.rows("kept").size() == 2);
      assertEquals(1, sink.snapshots());
    }
    awaitFree();
    // Another gateway's life: all is read anew, in the same slot.
    RecordingSink next = new RecordingSink();
    try (Follower follower = new Follower(source(database.settings(SLOT)), next)) {
      follower.until(() -> next.rows("kept").size() == 2);
      assertEquals("1", database.ask("SELECT count(*) FROM pg_replication_slots"));
    }
  }

  @Test
  void shouldReadAnewOnceWhenTheServerGaveTheSlotUp() throws Exception {
    try (Follower follower = new Follower(source(database.settings(SLOT)), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      follower.cut();
      awaitFree();
      database.execute("INSERT INTO kept VALUES (2)");
      database.fillLog(7);
      database.execute("CHECKPOINT");
      assertEquals("lost", slot("wal_status"));
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(Set.of("[1]", "[2]"), sink.rows("kept").keySet());
      assertEquals("reserved", slot("wal_status"));
      assertEquals(1, follower.failures().size(), follower.failures().toString());
      assertEquals(FailureKind.HISTORY_LOST, follower.failures().getFirst().kind());
      assertTrue(follower.failures().getFirst().message().contains("gave up"));
      database.execute("INSERT INTO kept VALUES (3)");
      follower.until(() -> sink.rows("kept").size() == 3);
      assertEquals(2, sink.snapshots());
    }
  }

  @Test
  void shouldReadAnewOnceWhenTheServerGaveTheSlotUpUnderTheStream() throws Exception {
    try (Follower follower = new Follower(source(database.settings(SLOT)), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      // A transaction that stays open keeps the log back although we are not slow.
      try (Connection writer = database.connect();
          Statement statement = writer.createStatement()) {
        statement.execute("BEGIN; INSERT INTO kept VALUES (2)");
        database.fillLog(7);
        database.execute("CHECKPOINT");
        statement.execute("COMMIT");
      }
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(Set.of("[1]", "[2]"), sink.rows("kept").keySet());
      assertEquals(
          1,
          follower.failures().stream().filter(f -> f.kind() == FailureKind.HISTORY_LOST).count(),
          follower.failures().toString());
    }
  }

  /** The server's own view of the slot says nothing of it. */
  @Test
  void shouldMakeTheSlotAnewOnceWhenAPartOfTheLogIsNotThere() throws Exception {
    try (Follower follower = new Follower(source(database.settings(SLOT)), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      follower.cut();
      awaitFree();
      database.fillLog(2);
      database.execute("CHECKPOINT");
      String needed = database.ask("SELECT pg_walfile_name(redo_lsn) FROM pg_control_checkpoint()");
      database.server().stop();
      try (DirectoryStream<Path> segments =
          Files.newDirectoryStream(database.server().folder().resolve("data/pg_wal"), "0*")) {
        for (Path segment : segments) {
          if (segment.getFileName().toString().compareTo(needed) < 0) {
            Files.delete(segment);
          }
        }
      }
      database.server().start();
      assertEquals("reserved", slot("wal_status"));
      for (int id = 2; id < 12; id++) {
        int rows = id;
        database.execute("INSERT INTO kept VALUES (" + id + ")");
        follower.until(() -> sink.rows("kept").size() == rows);
      }
      assertEquals(2, sink.snapshots(), follower.failures().toString());
      assertEquals(1, follower.times(FailureKind.HISTORY_LOST), follower.failures().toString());
    }
  }

  @Test
  void shouldWaitForASlotThatIsInUseAndSayByWhom() throws Exception {
    RecordingSink other = new RecordingSink();
    Follower first = new Follower(source(database.settings(SLOT)), other);
    try (first;
        Follower second = new Follower(source(database.settings(SLOT)), sink)) {
      first.until(() -> other.snapshots() == 1);
      second.until(() -> !second.failures().isEmpty());
      String message = second.failures().getFirst().message();
      assertEquals(FailureKind.NETWORK, second.failures().getFirst().kind());
      assertTrue(
          message.contains("is active for PID " + slot("active_pid") + " (tycostream-test)"),
          message);
      first.close();
      second.until(() -> sink.snapshots() == 1);
    }
  }

  @Test
  void shouldReadAnewWhenSomebodyMovedTheSlotAhead() throws Exception {
    try (Follower follower = new Follower(source(database.settings(SLOT)), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      follower.cut();
      awaitFree();
      database.execute("INSERT INTO kept VALUES (2)");
      database.execute(
          "SELECT pg_replication_slot_advance('" + SLOT + "', pg_current_wal_flush_lsn())");
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(Set.of("[1]", "[2]"), sink.rows("kept").keySet());
      assertTrue(
          follower.failures().getFirst().message().contains("not kept any more"),
          follower.failures().toString());
    }
  }

  @Test
  void shouldNotTakeASlotThatIsSomebodyElses() throws Exception {
    database.execute("SELECT pg_create_logical_replication_slot('lifecycle', 'test_decoding')");
    StreamException e = refused(source(database.settings(SLOT)), true);
    assertEquals(FailureKind.QUERY, e.failure().kind());
    assertTrue(e.getMessage().contains("the plugin 'test_decoding'"), e.getMessage());
    database.execute("SELECT pg_drop_replication_slot('lifecycle')");

    database.execute("CREATE DATABASE elsewhere");
    PostgresSettings there =
        database.as(
            database.settings(SLOT),
            database.server().user(),
            "elsewhere",
            database.server().port());
    try (Follower follower = new Follower(source(database.settings(SLOT)), sink)) {
      follower.until(() -> sink.snapshots() == 1);
    }
    awaitFree();
    try (Connection connection =
            DriverManager.getConnection(
                database.server().jdbcUrl().replace("/postgres?", "/elsewhere?"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE kept (id int4 PRIMARY KEY)");
    }
    e = refused(source(there), true);
    assertEquals(FailureKind.QUERY, e.failure().kind());
    assertTrue(e.getMessage().contains("the database 'postgres'"), e.getMessage());

    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_drop_replication_slot('lifecycle');"
              + " SELECT pg_create_logical_replication_slot('lifecycle', 'pgoutput', true)");
      e = refused(source(database.settings(SLOT)), true);
      assertEquals(FailureKind.NETWORK, e.failure().kind());
      assertTrue(e.getMessage().contains("is active for PID"), e.getMessage());
    }
    RecordingSink mine = new RecordingSink();
    try (Follower follower = new Follower(source(database.settings(SLOT)), mine)) {
      follower.until(() -> mine.snapshots() == 1);
    }
  }

  @Test
  void shouldReportWhatIsKept() throws Exception {
    PostgresSource source = source(Database.limited(database.settings(SLOT), 1L << 30));
    assertEquals(Optional.empty(), source.retention());
    try (Follower follower = new Follower(source, sink)) {
      follower.until(() -> source.retention().isPresent());
      Retention first = source.retention().orElseThrow();
      assertEquals("reserved", first.status());
      assertEquals(OptionalLong.of(1L << 30), first.maxBytes());
      assertTrue(first.safeBytes().isPresent());
      try (Connection writer = database.connect();
          Statement statement = writer.createStatement()) {
        statement.execute("BEGIN; INSERT INTO kept VALUES (2)");
        database.fillLog(2);
        follower.until(() -> source.retention().orElseThrow().heldBytes() > SEGMENT);
        assertTrue(
            source.retention().orElseThrow().safeBytes().orElseThrow()
                < first.safeBytes().orElseThrow());
        statement.execute("COMMIT");
      }
      // Everything is acknowledged and let go again.
      follower.until(() -> {
        letGo();
        return source.retention().orElseThrow().heldBytes() < SEGMENT;
      });
      assertEquals(List.of(), follower.failures());
    }
  }

  @Test
  void shouldKeepNoMoreForAHistoryThanHalfOfWhatMayBeKept() throws Exception {
    PostgresSettings settings = Database.limited(database.settings(SLOT), 4 * SEGMENT);
    try (Follower follower = new Follower(source(settings), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      sink.keepHistory();
      for (int segments = 0; segments < 6; segments++) {
        database.fillLog(1);
        letGo();
        String end = database.ask("SELECT pg_current_wal_lsn()");
        follower.until(() -> kept(end) <= 2 * SEGMENT);
      }
      assertTrue(kept(database.ask("SELECT pg_current_wal_lsn()")) > SEGMENT, "it is kept");
      assertEquals(List.of(), follower.failures());
    }
  }

  /** It asks until all is confirmed, which what is kept for a history never is. */
  @Test
  void shouldNotHoldUpAServerThatStopsAlthoughAHistoryIsKept() throws Exception {
    try (Follower follower = new Follower(source(database.settings(SLOT)), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      sink.keepHistory();
      database.execute("INSERT INTO kept VALUES (7)");
      follower.until(() -> sink.rows("kept").size() == 2);
      CompletableFuture<Void> stop = CompletableFuture.runAsync(database.server()::stop);
      follower.until(stop::isDone);
      stop.get();
    }
  }

  /** What is not confirmed of the log up to here. */
  private long kept(String end) {
    try {
      return Long.parseLong(slot("('" + end + "' - confirmed_flush_lsn)::int8"));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldGiveTheSlotUpAboveItsLimitAndReadAnew() throws Exception {
    PostgresSource source = source(Database.limited(database.settings(SLOT), SEGMENT));
    try (Follower follower = new Follower(source, sink)) {
      follower.until(() -> sink.snapshots() == 1);
      // While we are away.
      follower.cut();
      awaitFree();
      database.execute("INSERT INTO kept VALUES (2)");
      database.fillLog(2);
      follower.until(() -> sink.snapshots() == 2);
      assertEquals(Set.of("[1]", "[2]"), sink.rows("kept").keySet());
      assertTrue(
          follower.failures().getLast().message().contains("more than max-slot-wal allows"),
          follower.failures().toString());
      // And under the stream.
      try (Connection writer = database.connect();
          Statement statement = writer.createStatement()) {
        statement.execute("BEGIN; INSERT INTO kept VALUES (3)");
        database.fillLog(2);
        int failures = follower.failures().size();
        follower.until(() -> follower.failures().size() > failures);
        statement.execute("COMMIT");
      }
      follower.until(() -> sink.snapshots() == 3);
      assertEquals(Set.of("[1]", "[2]", "[3]"), sink.rows("kept").keySet());
    }
  }
}
