package io.tycostream.adapters.db.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each read is bounded, and a server in trouble is left alone for a while. */
class QueriesTest {

  private static final FailureTable TABLE =
      new FailureTable(
          List.of(new FailureTable.Rule("22", "", FailureKind.HISTORY_LOST, "a rule of the test")));

  private final WireServer server = WireServer.listening(new RisingWaveSimulator());
  private Connections connections = connections(Duration.ofSeconds(10));
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void end() {
    connections.abort();
    server.close();
    assertEquals(List.of(), server.failures());
  }

  private Connections connections(Duration queryTimeout) {
    return new Connections(
        new ConnectionSettings(
            new DatabaseEndpoint("RisingWave", server.host(), server.port(), "dev", false, ""),
            "root",
            "",
            "disable",
            Duration.ofSeconds(4),
            queryTimeout,
            Duration.ofSeconds(1),
            Duration.ofSeconds(15),
            2,
            "tycostream test"),
        TABLE,
        "");
  }

  private String succeed() throws StreamException {
    return connections
        .queries()
        .ask(
            "succeeding",
            connection -> {
              asked.incrementAndGet();
              return "fine";
            });
  }

  private StreamException fail() {
    return assertThrows(
        StreamException.class,
        () ->
            connections
                .queries()
                .ask(
                    "failing",
                    connection -> {
                      asked.incrementAndGet();
                      throw new SQLException("as it was told to", "22000");
                    }));
  }

  @Test
  void shouldAnswerWithRowsAsText() throws StreamException {
    Queries queries = connections.queries();
    List<Queries.Answer> rows = queries.rows("asking", "SELECT version()");
    assertTrue(rows.getFirst().text("version").contains("RisingWave"), rows::toString);
  }

  @Test
  void shouldSayWhatAnErrorMeans() {
    StreamException failure = fail();
    assertEquals(FailureKind.HISTORY_LOST, failure.failure().kind());
    assertTrue(failure.getMessage().contains("failing failed: as it was told to"));
  }

  @Test
  void shouldAskNoMoreAfterThreeFailuresInARowAndAgainAfterARest() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertEquals(FailureKind.HISTORY_LOST, fail().failure().kind());
    }
    StreamException refused = assertThrows(StreamException.class, this::succeed);
    assertEquals(FailureKind.NETWORK, refused.failure().kind());
    assertTrue(
        refused.getMessage().contains("not asked, because the last queries failed"),
        refused.getMessage());
    assertEquals(3, asked.get(), "the server was asked nevertheless");
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    boolean answered = false;
    while (!answered) {
      assertTrue(System.nanoTime() < end, "it is never asked again");
      LockSupport.parkNanos(10_000_000);
      try {
        answered = succeed().equals("fine");
      } catch (StreamException e) {
        assertTrue(e.getMessage().contains("not asked"), e.getMessage());
      }
    }
    assertEquals(4, asked.get());
    assertEquals("fine", succeed());
  }

  @Test
  void shouldCountOnlyFailuresInARow() throws StreamException {
    for (int i = 0; i < 5; i++) {
      assertEquals(FailureKind.HISTORY_LOST, fail().failure().kind());
      assertEquals(FailureKind.HISTORY_LOST, fail().failure().kind());
      assertEquals("fine", succeed());
    }
    assertEquals(15, asked.get());
  }

  @Test
  void shouldBoundWhateverAQuestionDoesByTheQueryTimeout() throws Exception {
    connections = connections(Duration.ofSeconds(1));
    CountDownLatch interrupted = new CountDownLatch(1);
    StreamException late =
        assertThrows(
            StreamException.class,
            () ->
                connections
                    .queries()
                    .ask(
                        "thinking",
                        connection -> {
                          try {
                            return new CountDownLatch(1).await(20, TimeUnit.SECONDS);
                          } catch (InterruptedException e) {
                            interrupted.countDown();
                            throw new SQLException("interrupted", e);
                          }
                        }));
    assertEquals(FailureKind.NETWORK, late.failure().kind());
    assertTrue(
        late.getMessage().contains("thinking failed: no answer within 1000 ms"), late.getMessage());
    assertTrue(interrupted.await(20, TimeUnit.SECONDS));
  }

  @Test
  void shouldAskNothingOnceItIsClosed() {
    connections.abort();
    assertThrows(StreamException.class, this::succeed);
    assertEquals(0, asked.get());
  }
}
