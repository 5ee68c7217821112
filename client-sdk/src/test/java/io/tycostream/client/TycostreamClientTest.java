package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.ScriptedGateway.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TycostreamClientTest {

  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

  /** What a session may still have is ended before it is asked for anew. */
  private static final String UNSUBSCRIBE = "{\"type\":\"unsubscribe\",\"ref\":\"s1\"}";

  private static final String SUBSCRIBE = "{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"t\"";

  private final ScriptedGateway gateway = new ScriptedGateway();
  private final Recorder told = new Recorder();

  private TycostreamClient client =
      TycostreamClient.builder(gateway.address())
          .backoff(Duration.ofMillis(10), Duration.ofMillis(40))
          .token("secret")
          .clientId("test")
          .connectionListener(told)
          .connect();

  @AfterEach
  void end() {
    client.close();
    gateway.close();
    Eventually.holds(() -> !client.isAlive());
  }

  @Test
  void greetsSubscribesAndTellsWhatHappens() {
    Subscription trades = client.subscribe("t", told);
    Connection connection = gateway.next();
    assertEquals("GET /v1/stream HTTP/1.1", connection.requestLine());
    assertEquals(
        "{\"type\":\"hello\",\"token\":\"secret\",\"client\":\"test\",\"acks\":true}",
        connection.received());
    assertEquals(SUBSCRIBE + "}", connection.received()); // pipelined: not welcomed yet
    connection.send("{\"type\":\"welcome\",\"heartbeatMs\":15000,\"node\":\"n\",\"new\":[{}]}");
    connection.send(
        "{\"type\":\"source\",\"ref\":\"s1\",\"state\":\"connecting\","
            + "\"since\":\"2026-11-21T20:45:16.1Z\"}");
    connection.send(Wire.subscribed());
    connection.send(Wire.snapshotPart(0, "{\"id\":1,\"note\":\"a\"}"));
    connection.send("{\"type\":\"unheard-of\",\"feed\":3,\"rows\":[1]}");
    connection.send(Wire.snapshotEnd(1, "p5", 5, "{\"note\":null,\"id\":2}"));
    connection.send(Wire.progress("p5"));
    connection.send(
        Wire.batch(
            "p6",
            6,
            "{\"op\":\"insert\",\"row\":{\"id\":3,\"note\":\"c\"}}",
            "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"A\"}}",
            "{\"op\":\"delete\",\"row\":{\"id\":2}}"));
    told.expect(
        "connecting 0",
        "open n",
        "source connecting",
        "snapshot p5 [id=1 note=a, id=2 note=NULL]",
        "progress p5",
        "batch p6 [+ id=3 note=c, ~ id=1 note=A, - id=2 note=NULL]");
    assertEquals(Optional.of("p6"), trades.position());
    assertEquals(2, trades.rows().size());
    trades.close();
    assertEquals(UNSUBSCRIBE, connection.received());
    connection.send(Wire.batch("p7", 7, "{\"op\":\"delete\",\"row\":{\"id\":3}}"));
    connection.send("{\"type\":\"unsubscribed\",\"ref\":\"s1\",\"feed\":3}");
    client.close();
    assertEquals("close 1000", connection.received());
    told.expect("closed 1000 closed by the program");
    assertThrows(IllegalStateException.class, () -> client.subscribe("t", told));
  }

  @Test
  void readsMessagesInAnyNumberOfFragments() {
    client.subscribe("t", told);
    Connection connection = gateway.welcome();
    connection.send(Wire.subscribed());
    String text = "x€𝄞".repeat(20_000);
    connection.sendFragmented(
        Wire.snapshotEnd(0, "p5", 5, "{\"id\":1,\"note\":\"" + text + "\"}"), 1_001);
    connection.sendFragmented(Wire.progress("p6"), 1);
    assertEquals("snapshot p5 [id=1 note=" + text + "]", told.await("snapshot"));
    told.expect("progress p6");
  }

  @Test
  void goesOnBehindTheLastPositionAfterACutAtAnyByte() {
    Subscription trades = client.subscribe("t", told);
    Connection connection = begin();
    for (int cut = 0, seq = 6; cut < 150; cut += 7, seq++) {
      String change = "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"" + seq + "\"}}";
      connection.sendCut(Wire.batch("p" + (seq + 10), seq, change), cut);
      told.await("waiting");
      connection = gateway.welcome();
      String last = trades.position().orElseThrow();
      assertEquals(SUBSCRIBE + ",\"after\":\"" + last + "\"}", connection.received());
      boolean whole = last.equals("p" + (seq + 10));
      connection.send(Wire.replay(last, whole ? seq : seq - 1));
      if (!whole) {
        connection.send(Wire.batch("p" + (seq + 10), seq, change));
      }
      connection.send(Wire.progress("p" + (seq + 10)));
      told.await("progress p" + (seq + 10));
      assertEquals(seq + "", trades.rows().getFirst().text("note"));
    }
  }

  @Test
  void returnsWhenTheGatewaySays() {
    client.subscribe("t", told);
    Connection connection = begin();
    long start = System.nanoTime();
    connection.send(
        "{\"type\":\"bye\",\"code\":1001,\"reason\":\"draining\",\"retryInMs\":300,"
            + "\"resumable\":true}");
    told.await("waiting draining");
    Connection next = gateway.welcome();
    assertTrue(System.nanoTime() - start >= Duration.ofMillis(300).toNanos());
    assertEquals(SUBSCRIBE + ",\"after\":\"p5\"}", next.received());
  }

  @Test
  void staysAwayWhenTheGatewaySays() {
    client.subscribe("t", told);
    Connection connection = begin();
    connection.send("{\"type\":\"bye\",\"code\":4401,\"reason\":\"expired\",\"resumable\":false}");
    assertEquals("ended the client has ended: expired", told.await("ended"));
    told.await("closed 4401 expired");
    Eventually.holds(() -> !client.isAlive());
    assertFalse(gateway.hasNext());
  }

  @Test
  void staysAwayAfterACloseThatSaysSo() {
    client.subscribe("t", told);
    Connection connection = begin();
    connection.close(4400, "protocol error");
    assertEquals("close 4400", connection.received());
    assertEquals("ended the client has ended: protocol error", told.await("ended"));
    told.await("closed 4400 protocol error");
    Eventually.holds(() -> !client.isAlive());
  }

  @Test
  void asksASilentGatewayAndReturnsWhenItDoesNotAnswer() {
    client.subscribe("t", told);
    Connection connection = gateway.welcome(50);
    connection.playDead();
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send(Wire.subscribed());
    connection.send(Wire.snapshotEnd(0, "p5", 5, "{\"id\":1,\"note\":null}"));
    assertEquals("{\"type\":\"ping\"}", connection.received());
    connection.send("{\"type\":\"pong\"}");
    assertEquals("{\"type\":\"ping\"}", connection.received());
    told.await("waiting nothing was heard from the gateway for ");
    assertEquals(SUBSCRIBE + ",\"after\":\"p5\"}", next().received());
  }

  @Test
  void aPingIsASignOfLifeAndIsAnswered() {
    client.subscribe("t", told);
    Connection connection = begin();
    connection.ping();
    assertEquals("pong", connection.received());
  }

  @Test
  void goesOnBehindThePositionOnceAfterABrokenSequenceAndThenFromASnapshot() {
    client.subscribe("t", told);
    begin().send(Wire.batch("p8", 8));
    told.await("waiting subscription to t: batch 8 of 1 after 5");
    Connection again = next();
    assertEquals(SUBSCRIBE + ",\"after\":\"p5\"}", again.received());
    again.send(Wire.replay("p5", 5));
    again.send(Wire.batch("p8", 8));
    told.await("waiting subscription to t: batch 8 of 1 after 5");
    Connection afresh = next();
    assertEquals(UNSUBSCRIBE, afresh.received());
    assertEquals(SUBSCRIBE + "}", afresh.received());
  }

  @Test
  void beginsWithASnapshotWhenTheRowsTurnOutWrong() {
    client.subscribe("t", told);
    begin().send(Wire.batch("p6", 6, "{\"op\":\"delete\",\"row\":{\"id\":9}}"));
    told.await("waiting subscription to t: batch 6: delete of a row that is not here");
    told.await("progress p5");
    Connection again = next();
    assertEquals(UNSUBSCRIBE, again.received());
    assertEquals(SUBSCRIBE + "}", again.received());
    again.send("{\"type\":\"unsubscribed\",\"ref\":\"s1\"}");
    again.send(Wire.subscribed());
    again.send(Wire.snapshotEnd(0, "p9", 1));
    assertEquals("snapshot p9 []", told.await("snapshot"));
  }

  @Test
  void whatIsNoMessageBreaksTheConnection() {
    client.subscribe("t", told);
    begin().send("{\"type\":\"batch\",\"feed\":3,\"seq\":6,");
    told.await("waiting the gateway sent what is not JSON");
    assertEquals(SUBSCRIBE + ",\"after\":\"p5\"}", next().received());
  }

  @Test
  void tellsAGapAndWhatMakesItGood() {
    client.subscribe("t", told);
    Connection connection = begin();
    connection.send(
        "{\"type\":\"gap\",\"feed\":3,\"after\":\"p5\",\"upTo\":\"p9\",\"dropped\":4,"
            + "\"reason\":\"drop-oldest\",\"recovery\":\"fold\"}");
    connection.send(
        "{\"type\":\"batch\",\"feed\":3,\"seq\":9,\"position\":\"p9\",\"merged\":4,\"changes\":["
            + "{\"op\":\"delete\",\"row\":{\"id\":77}}]}");
    assertEquals("gap p5 p9 drop-oldest", told.await("gap"));
    told.expect("batch p9 [] inexact");
  }

  @Test
  void triesARetryableRefusalAgainAndEndsAtAnyOther() {
    Subscription trades = client.subscribe("t", told);
    Connection connection = gateway.welcome();
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send(refusal("source-not-ready", true));
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send(refusal("source-not-ready", true));
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send(refusal("unknown-source", false));
    told.expect(
        "connecting 0",
        "open n",
        "error source-not-ready",
        "error source-not-ready",
        "error unknown-source",
        "ended because (unknown-source)");
    connection.cut();
    Connection again = gateway.welcome();
    client.subscribe("u", told);
    assertEquals("{\"type\":\"subscribe\",\"ref\":\"s2\",\"source\":\"u\"}", again.received());
    assertTrue(trades.rows().isEmpty());
  }

  @Test
  void aRefusedPositionIsForgotten() {
    client.subscribe("t", told);
    begin().cut();
    Connection connection = next();
    assertEquals(SUBSCRIBE + ",\"after\":\"p5\"}", connection.received());
    connection.send(refusal("bad-position", false));
    assertEquals(SUBSCRIBE + "}", connection.received());
  }

  @Test
  void followsASourceWithoutAKey() {
    Subscription trades = client.subscribe("t", told);
    Connection connection = gateway.welcome();
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send(Wire.subscribed().replace("[\"id\"]", "[]"));
    String row = "{\"id\":1,\"note\":\"5\"}";
    connection.send(Wire.snapshotEnd(0, "p5", 5, row, row));
    assertEquals("snapshot p5 [id=1 note=5, id=1 note=5]", told.await("snapshot"));
    connection.send(Wire.batch("p6", 6, "{\"op\":\"delete\",\"row\":" + row + "}"));
    told.expect("batch p6 [- id=1 note=5]");
    assertEquals(1, trades.rows().size());
  }

  @Test
  void endsASubscriptionWhoseColumnsContradictThemselves() {
    client.subscribe("t", told);
    Connection connection = gateway.welcome();
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send(Wire.subscribed().replace("\"name\":\"note\"", "\"name\":\"id\""));
    assertEquals(UNSUBSCRIBE, connection.received());
    assertTrue(told.await("ended").contains("has a column name twice"));
  }

  @Test
  void takesItsSessionUpAgainAndIsBroughtItsSubscriptions() {
    client.subscribe("t", told);
    Connection connection = gateway.next();
    connection.received(); // hello
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send("{\"type\":\"welcome\",\"heartbeatMs\":15000,\"resume\":\"T1\"}");
    connection.send(Wire.subscribed());
    connection.send(Wire.snapshotEnd(0, "p5", 5, "{\"id\":1,\"note\":\"5\"}"));
    told.await("snapshot");
    connection.cut();
    Connection again = gateway.next();
    assertEquals(
        "{\"type\":\"hello\",\"token\":\"secret\",\"client\":\"test\",\"resume\":\"T1\","
            + "\"positions\":{\"s1\":\"p5\"},\"acks\":true}",
        again.received());
    client.subscribe("u", told);
    assertEquals("{\"type\":\"subscribe\",\"ref\":\"s2\",\"source\":\"u\"}", again.received());
    again.send("{\"type\":\"welcome\",\"heartbeatMs\":15000,\"resume\":\"T2\",\"resumed\":true}");
    again.send(Wire.replay("p5", 5));
    again.send(Wire.batch("p6", 6));
    told.await("batch p6");
  }

  @Test
  void keepsTryingAndSaysWhyThereIsNoConnection() throws IOException {
    int unused;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    gateway.next();
    client.close();
    gateway.refuseWith("403 Forbidden");
    Recorder other = new Recorder();
    client =
        TycostreamClient.builder("ws://127.0.0.1:" + unused + "/v1/stream", gateway.address())
            .backoff(Duration.ofMillis(10), Duration.ofMillis(40))
            .connectionListener(other)
            .connect();
    other.expect(
        "connecting 0",
        "waiting nothing listens at 127.0.0.1:" + unused + ", or it cannot be reached",
        "connecting 1",
        "waiting the gateway refused the connection with HTTP 403",
        "connecting 2");
    other.await("waiting nothing listens at");
    gateway.refuseWith(null);
    gateway.welcome();
    other.await("open");
  }

  @Test
  void whatAListenerThrowsChangesNothing() {
    client.subscribe(
        "t",
        new SubscriptionListener() {
          @Override
          public void onSnapshot(Subscription subscription, TableState state) {
            throw new IllegalStateException("thrown on purpose by a test");
          }

          @Override
          public void onBatch(Subscription subscription, TableBatch batch) {
            Thread.currentThread().interrupt();
            told.onBatch(subscription, batch);
            throw new AssertionError("thrown on purpose by a test");
          }
        });
    Connection connection = begin();
    connection.send(Wire.batch("p6", 6));
    connection.send(Wire.batch("p7", 7));
    assertEquals("batch p6 []", told.await("batch"));
    told.expect("batch p7 []");
  }

  @Test
  void aListenerMayCloseItsClient() {
    AtomicInteger batches = new AtomicInteger();
    client.subscribe(
        "t",
        new SubscriptionListener() {
          @Override
          public void onBatch(Subscription subscription, TableBatch batch) {
            batches.incrementAndGet();
            client.close();
            client.close();
          }
        });
    Connection connection = begin();
    connection.send(Wire.batch("p6", 6));
    Eventually.holds(() -> !client.isAlive());
    assertEquals(1, batches.get());
    assertEquals("close 1000", connection.received());
    assertEquals("end", connection.received());
  }

  @Test
  void closesPromptlyWhateverTheGatewayDoes() {
    client.subscribe("t", told);
    Connection connection = begin();
    connection.playDead();
    client.close();
    assertFalse(client.isAlive());
    assertEquals("close 1000", connection.received());
    assertEquals("end", connection.received());
  }

  @Test
  void aSlowListenerSlowsTheGatewayDownAndLosesNothing() throws InterruptedException {
    gateway.next();
    client.close();
    Semaphore slow = new Semaphore(0);
    AtomicInteger seen = new AtomicInteger();
    client =
        TycostreamClient.builder(gateway.address())
            .maxWaitingBytes(10_000)
            .connectionListener(told)
            .connect();
    client.subscribe(
        "t",
        new SubscriptionListener() {
          @Override
          public void onBatch(Subscription subscription, TableBatch batch) {
            slow.acquireUninterruptibly();
            assertEquals("p" + (1_000_006 + seen.getAndIncrement()), batch.position());
          }
        });
    Connection connection = begin();
    String row = "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"" + "x".repeat(50_000) + "\"}}";
    AtomicInteger sent = new AtomicInteger();
    int total = 400;
    Thread sender =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; i < total; i++) {
                connection.send(Wire.batch("p" + (1_000_006 + i), 6 + i, row));
                sent.incrementAndGet();
              }
            });
    awaitStill(sent);
    assertTrue(sent.get() < total, "20 MB went into a client that takes nothing");
    slow.release(total);
    sender.join(Duration.ofSeconds(30));
    Eventually.holds(() -> seen.get() == total);
  }

  @Test
  void readersSeeWholeStatesOfOnePosition() throws InterruptedException {
    Subscription trades = client.subscribe("t", told);
    Connection connection = begin();
    connection.send(
        Wire.batch(
            "p0000006",
            6,
            "{\"op\":\"insert\",\"row\":{\"id\":2,\"note\":\"6\"}}",
            "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"6\"}}"));
    told.await("batch");
    AtomicReference<String> torn = new AtomicReference<>("");
    CountDownLatch done = new CountDownLatch(1);
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              while (done.getCount() > 0) {
                TableState state = trades.state();
                List<String> notes = state.rows().stream().map(r -> r.text("note")).toList();
                long position = Long.parseLong(state.position().orElseThrow().substring(1));
                if (!notes.equals(List.of(position + "", position + ""))) {
                  torn.set(state.toString());
                }
              }
            });
    int last = 3_000;
    for (int seq = 7; seq <= last; seq++) {
      String note = "\"note\":\"" + seq + "\"}}";
      connection.send(
          Wire.batch(
              "p%07d".formatted(seq),
              seq,
              "{\"op\":\"update\",\"row\":{\"id\":1," + note,
              "{\"op\":\"update\",\"row\":{\"id\":2," + note));
    }
    told.await("batch p%07d".formatted(last));
    done.countDown();
    reader.join();
    assertEquals("", torn.get());
  }

  /** A connection with a snapshot of one row, told up to there. */
  private Connection begin() {
    Connection connection = gateway.welcome();
    assertEquals(SUBSCRIBE + "}", connection.received());
    connection.send(Wire.subscribed());
    connection.send(Wire.snapshotEnd(0, "p5", 5, "{\"id\":1,\"note\":\"5\"}"));
    connection.send(Wire.progress("p5"));
    return connection;
  }

  private Connection next() {
    return gateway.welcome();
  }

  private static String refusal(String code, boolean retryable) {
    return "{\"type\":\"error\",\"ref\":\"s1\",\"code\":\""
        + code
        + "\",\"message\":\"because\",\"retryable\":"
        + retryable
        + "}";
  }

  /** Until a number has stayed the same for a while. */
  private static void awaitStill(AtomicInteger number) {
    int before = -1;
    long since = System.nanoTime();
    while (System.nanoTime() - since < Duration.ofMillis(500).toNanos()) {
      if (number.get() != before) {
        before = number.get();
        since = System.nanoTime();
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
