package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.source.SourceState;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that lives and does not decode its log, and one that only rests. */
class PostgresStallTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** So many signs of life, one in 200 ms, are more than twice the time that is a stall. */
  private static final int SIGNS = 12;

  private Database database;
  private Source source;
  private UpstreamDriver driver;
  private final AtomicInteger signs = new AtomicInteger();

  /** The slot is one that the server's standbys go ahead of. */
  @BeforeEach
  void startServer() throws Exception {
    database = new Database(EmbeddedPostgres.Options.defaults().withSetting("autovacuum", "off"));
    database.execute(
        """
        CREATE TABLE followed (id int4 PRIMARY KEY);
        CREATE TABLE another (id int4 PRIMARY KEY);
        INSERT INTO followed VALUES (1);
        """);
    database.execute("SELECT pg_create_physical_replication_slot('standby')");
    database.execute(
        "SELECT pg_create_logical_replication_slot('stall', 'pgoutput', failover => true)");
    source = new Source("followed", SourceLimits.DEFAULT, Instant.now());
    UpstreamSettings usual = UpstreamSettings.DEFAULT;
    driver =
        new UpstreamDriver(
            "db",
            new PostgresSource(
                database.settings("stall"),
                List.of(new PostgresTable("followed", "public.followed", Optional.empty()))),
            List.of(source),
            new UpstreamSettings(
                usual.backoff(),
                usual.maxRetries(),
                usual.openLimit(),
                usual.readLimit(),
                usual.silenceLimit(),
                Duration.ofSeconds(1),
                usual.alertAfter(),
                usual.slowRetry()),
            (name, from, event, step) -> {
              if (event instanceof UpstreamEvent.Heard
                  || event instanceof UpstreamEvent.FrontierMoved) {
                signs.incrementAndGet();
              }
            },
            InstantSource.system());
    driver.start();
    await("it is live", () -> is(SourceCondition.LIVE));
  }

  @AfterEach
  void stopServer() {
    driver.close();
    database.close();
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Await.until(what, PATIENCE, condition);
  }

  private boolean is(SourceCondition condition) {
    return source.state().condition() == condition;
  }

  private long rows() {
    return source.generation().orElseThrow().log().head();
  }

  @Test
  void shouldSayStalledWhileTheServerWaitsForAStandbyAndGoOnWhereItWas() throws Exception {
    database.execute("ALTER SYSTEM SET synchronized_standby_slots = 'standby'");
    database.execute("SELECT pg_reload_conf()");
    long before = rows();
    database.execute("INSERT INTO followed VALUES (2)");
    await("it is stalled", () -> is(SourceCondition.STALLED));
    assertEquals(before, rows());
    signs.set(0);

    database.execute("ALTER SYSTEM RESET synchronized_standby_slots");
    database.execute("SELECT pg_reload_conf()");
    await("it is live again", () -> is(SourceCondition.LIVE));
    await("the row is here", () -> rows() == before + 1);
    assertTrue(signs.get() > 0);
    assertTrue(
        source.stateHistory().states().stream()
            .map(SourceState::condition)
            .noneMatch(SourceCondition.RECONNECTING::equals));
  }

  @Test
  void shouldNotSayStalledOfAServerThatRests() throws Exception {
    for (String sql :
        List.of("SELECT pg_switch_wal()", "CHECKPOINT", "INSERT INTO another VALUES (1)")) {
      database.execute(sql);
      int heard = signs.get();
      await("it rests", () -> signs.get() >= heard + SIGNS);
    }
    assertNeverStalled();
  }

  /** What is not committed yet, and what is not followed, is decoded and not told. */
  @Test
  void shouldNotSayStalledWhileAnothersTransactionIsLong() throws Exception {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute("BEGIN; INSERT INTO followed VALUES (3)");
      int heard = signs.get();
      for (int i = 0; signs.get() < heard + SIGNS; i++) {
        statement.execute("INSERT INTO another VALUES (" + i + ")");
        database.execute("SELECT pg_logical_emit_message(false, '', 'flushed')");
      }
      statement.execute("COMMIT");
    }
    assertNeverStalled();
  }

  private void assertNeverStalled() {
    assertTrue(
        source.stateHistory().states().stream()
            .map(SourceState::condition)
            .noneMatch(SourceCondition.STALLED::equals),
        () -> source.stateHistory().states().toString());
  }
}
