package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that keeps its connections but answers nothing, and one that goes away. */
class PostgresSilenceTest {

  private Database database;
  private PostgresSource source;
  private RecordingSink sink;

  @BeforeEach
  void startServer() throws Exception {
    database = new Database();
    database.execute("CREATE TABLE quiet (id int4 PRIMARY KEY); INSERT INTO quiet VALUES (1)");
    source = source(Duration.ofMillis(200));
    sink = new RecordingSink();
  }

  private PostgresSource source(Duration heartbeat) {
    return new PostgresSource(
        database.settings("silence", Duration.ofSeconds(2), heartbeat),
        List.of(new PostgresTable("quiet", "public.quiet", Optional.empty())));
  }

  @AfterEach
  void stopServer() {
    database.close();
  }

  /** Whether anything is heard within this time. */
  private boolean hearsWithin(ChangeStream stream, Duration time) throws StreamException {
    long end = System.nanoTime() + time.toNanos();
    boolean heard = false;
    while (System.nanoTime() < end && !heard) {
      heard = stream.poll(sink);
    }
    return heard;
  }

  @Test
  void shouldHearAQuietDatabaseAndNotASilentOne() throws Exception {
    try (ChangeStream stream = source.open(0, true, sink)) {
      for (int heartbeat = 0; heartbeat < 5; heartbeat++) {
        assertTrue(hearsWithin(stream, Duration.ofSeconds(1)), "a quiet stream is not heard");
      }
      database.server().pause();
      while (stream.poll(sink)) {
        assertEquals(0, sink.commits());
      }
      assertFalse(hearsWithin(stream, Duration.ofMillis(1500)), "a paused server was heard");
      database.server().resume();
      assertTrue(hearsWithin(stream, Duration.ofSeconds(10)));
    }
  }

  @Test
  void shouldNoticeThatTheServerIsGoneWithoutWaitingForAHeartbeat() throws Exception {
    PostgresSource unhurried = source(Duration.ofHours(1));
    try (ChangeStream stream = unhurried.open(0, true, sink)) {
      assertTrue(hearsWithin(stream, Duration.ofSeconds(10)));
      database.server().kill();
      StreamException e = assertThrows(StreamException.class, () -> pollUntilItFails(stream));
      assertEquals(FailureKind.NETWORK, e.failure().kind(), e.getMessage());
    }
  }

  private void pollUntilItFails(ChangeStream stream) throws StreamException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < end) {
      stream.poll(sink);
    }
  }

  @Test
  void shouldEndAStreamFromAnotherThread() throws Exception {
    ChangeStream stream = source.open(0, true, sink);
    CompletableFuture<Void> abort = CompletableFuture.runAsync(source::abort);
    StreamException e = assertThrows(StreamException.class, () -> pollUntilItFails(stream));
    assertEquals(FailureKind.NETWORK, e.failure().kind());
    abort.get();
    source.abort();
    stream.close();
    stream.close();
  }

  @Test
  void shouldNotWaitForASilentServerForEver() {
    database.server().pause();
    StreamException e = assertThrows(StreamException.class, () -> source.open(0, true, sink));
    assertEquals(FailureKind.NETWORK, e.failure().kind());
    assertTrue(e.getMessage().contains("no answer within 3000 ms"), e.getMessage());
  }

  @Test
  void shouldStopWaitingForASilentServerWhenTold() throws Exception {
    database.server().pause();
    CompletableFuture<StreamException> open =
        CompletableFuture.supplyAsync(
            () -> assertThrows(StreamException.class, () -> source.open(0, true, sink)));
    // Nothing tells that it waits already, so it is told again and again.
    while (!open.isDone()) {
      source.abort();
      Thread.onSpinWait();
    }
    String message = open.get().getMessage();
    assertTrue(message.contains("ended by the gateway itself"), message);
  }

  @ParameterizedTest
  @CsvSource({
    "LOCK TABLE quiet IN ACCESS EXCLUSIVE MODE, holds a lock",
    "INSERT INTO quiet VALUES (2), have not ended yet"
  })
  void shouldNotWaitForATransactionForEverAndLeaveNothingOpen(String sql, String words)
      throws Exception {
    try (var holder = database.connect();
        var statement = holder.createStatement()) {
      statement.execute("BEGIN; " + sql);
      CompletableFuture<StreamException> open =
          CompletableFuture.supplyAsync(
              () -> assertThrows(StreamException.class, () -> source.open(0, true, sink)));
      StreamException e = open.get(30, TimeUnit.SECONDS);
      assertEquals(FailureKind.NETWORK, e.failure().kind(), e.getMessage());
      assertTrue(e.getMessage().contains(words), e.getMessage());
      statement.execute("ROLLBACK");
    }
    try (Follower follower = new Follower(source, sink)) {
      follower.until(() -> sink.rows("quiet").size() == 1);
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    String connections =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tycostream-test'";
    while (!"0".equals(database.ask(connections))) {
      assertTrue(System.nanoTime() < end, "connections are left open");
    }
    assertEquals("1", database.ask("SELECT count(*) FROM pg_replication_slots"));
  }
}
