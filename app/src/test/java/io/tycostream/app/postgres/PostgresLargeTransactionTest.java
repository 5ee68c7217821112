package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Either side is busy with one transaction for longer than the other one waits to hear of it. */
class PostgresLargeTransactionTest {

  /** More than {@link Database}'s limit of silence, which is also the server's. */
  private static final Duration LONGER_THAN_SILENCE = Duration.ofSeconds(3);

  private Database database;

  @BeforeEach
  void startServer() throws Exception {
    database =
        new Database(
            EmbeddedPostgres.Options.defaults()
                .withSetting("logical_decoding_work_mem", "64kB")
                .withSetting("log_min_messages", "warning"));
    database.execute(
        "CREATE TABLE followed (id int4 PRIMARY KEY, t text);"
            + " CREATE TABLE published (id int4 PRIMARY KEY, t text);"
            + " CREATE TABLE unknown (id int4 PRIMARY KEY, t text)");
  }

  @AfterEach
  void stopServer() {
    database.close();
  }

  private PostgresSource source() {
    return new PostgresSource(
        database.settings("large"),
        List.of(new PostgresTable("followed", "public.followed", Optional.empty())));
  }

  @Test
  void shouldTellTheServerThatWeLiveWhileATransactionIsBeingApplied() throws Exception {
    AtomicBoolean once = new AtomicBoolean();
    RecordingSink sink =
        new RecordingSink(() -> {
          if (once.compareAndSet(false, true)) {
            awaitHeardOfUsFor(LONGER_THAN_SILENCE);
          }
        });
    try (Follower follower = new Follower(source(), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("INSERT INTO followed VALUES (1)");
      follower.until(() -> sink.commits() == 1);
      database.execute("INSERT INTO followed VALUES (2)");
      follower.until(() -> sink.commits() == 2);
      assertTrue(once.get());
      assertEquals(List.of(), follower.failures());
      assertEquals(1, follower.opened());
    }
  }

  /** Until the server, by its own clock, has heard of us for so long. */
  private void awaitHeardOfUsFor(Duration time) {
    try {
      String from = database.ask("SELECT clock_timestamp()");
      Await.until(
          "the server hears of us",
          Duration.ofSeconds(30),
          () ->
              database
                  .ask(
                      "SELECT reply_time > '%s'::timestamptz + interval '%d ms'"
                              .formatted(from, time.toMillis())
                          + " FROM pg_stat_replication")
                  .equals("t"));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldFollowTransactionsThatDoNotFitIntoTheServersMemory() throws Exception {
    RecordingSink sink = new RecordingSink();
    try (Follower follower = new Follower(source(), sink)) {
      follower.until(() -> sink.snapshots() == 1);
      database.execute("ALTER PUBLICATION large_publication ADD TABLE published");
      for (String table : List.of("unknown", "published", "followed")) {
        database.execute(
            "INSERT INTO %s SELECT i, repeat('x', 100) FROM generate_series(1, 100000) i"
                .formatted(table));
      }
      follower.until(() -> sink.rows("followed").size() == 100_000);
      assertEquals(1, sink.snapshots());
      assertEquals(List.of(), follower.failures());
      assertEquals("t", database.ask("SELECT spill_txns >= 3 FROM pg_stat_replication_slots"));
    }
  }
}
