package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.ScriptedGateway.Connection;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a listener that takes its time does to the connection, and to others: nothing. */
@Timeout(60)
final class ListenerTest {

  private static final String NOTE = "x".repeat(2_000);
  private static final String LARGE =
      "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"" + NOTE + "\"}}";

  private final ScriptedGateway gateway = new ScriptedGateway();
  private final Recorder told = new Recorder();
  private final Semaphore turns = new Semaphore(0);
  private TycostreamClient client = client(8 << 20);

  /** Takes one batch a turn. */
  private final SubscriptionListener slow =
      new SubscriptionListener() {
        @Override
        public void onBatch(Subscription subscription, TableBatch batch) {
          turns.acquireUninterruptibly();
          told.onBatch(subscription, batch);
        }
      };

  private TycostreamClient client(long maxWaitingBytes) {
    return TycostreamClient.builder(gateway.address())
        .backoff(Duration.ofMillis(10), Duration.ofMillis(40))
        .connectTimeout(Duration.ofSeconds(3))
        .maxWaitingBytes(maxWaitingBytes)
        .connectionListener(told)
        .connect();
  }

  @AfterEach
  void end() {
    turns.release(1_000_000);
    client.close();
    gateway.close();
  }

  private Connection begin(Subscription... subscriptions) {
    Connection connection = gateway.welcome();
    for (int asked = 0; asked < subscriptions.length; asked++) {
      connection.received();
    }
    connection.send(Wire.subscribed());
    connection.send(Wire.snapshotEnd(0, "p5", 5, "{\"id\":1,\"note\":\"5\"}"));
    return connection;
  }

  @Test
  void theConnectionLivesOnAndTheRowsAreRightWhileAListenerBlocks() {
    Subscription trades = client.subscribe("t", slow);
    Connection connection = begin(trades);
    connection.send(Wire.batch("p6", 6, "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"6\"}}"));
    connection.send(Wire.batch("p7", 7, "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"7\"}}"));
    connection.ping();
    assertEquals("pong", connection.received());
    connection.send("{\"type\":\"pong\"}");
    Eventually.holds(() -> trades.position().orElse("").equals("p7"));
    assertEquals("7", trades.rows().getFirst().text("note"));
    Eventually.holds(() -> !client.figures().behind().isZero());
    assertTrue(client.figures().waitingBytes() > 0);
    turns.release(2);
    told.expect("batch p6 [~ id=1 note=6]", "batch p7 [~ id=1 note=7]");
    Eventually.holds(() -> client.figures().waitingBytes() == 0);
    assertEquals(Duration.ZERO, client.figures().behind());
    assertEquals(2, client.figures().changes());
    assertEquals(1, client.figures().snapshots());
    assertEquals(1, client.figures().connections());
  }

  @Test
  void othersAreToldWhileAListenerBlocks() {
    Subscription blocked = client.subscribe("t", slow);
    Recorder other = new Recorder();
    Subscription u = client.subscribe("u", other);
    Connection connection = begin(blocked, u);
    connection.send(Wire.batch("p6", 6));
    connection.send(
        Wire.subscribed().replace("\"s1\"", "\"s2\"").replace("\"feed\":3", "\"feed\":4"));
    connection.send(
        Wire.snapshotEnd(0, "q5", 5, "{\"id\":1,\"note\":\"u\"}")
            .replace("\"feed\":3", "\"feed\":4"));
    assertEquals("snapshot q5 [id=1 note=u]", other.await("snapshot"));
  }

  @Test
  void whatIsProcessedIsAcknowledgedAndNothingElse() {
    Subscription trades = client.subscribe("t", slow);
    Connection connection = begin(trades);
    assertEquals("{\"type\":\"ack\",\"feed\":3,\"position\":\"p5\"}", connection.ack());
    connection.send(Wire.batch("p6", 6));
    connection.send(Wire.progress("p7"));
    Eventually.holds(() -> trades.position().orElse("").equals("p7"));
    Eventually.holds(() -> client.figures().behind().toMillis() > 300);
    assertFalse(connection.hasAck());
    turns.release();
    assertEquals("{\"type\":\"ack\",\"feed\":3,\"position\":\"p6\"}", connection.ack());
  }

  @Test
  void whoeverLetsTooMuchWaitStopsTheGatewayWhichIsToldThatTheClientLives() {
    Subscription trades = subscribeWithRoomForOne();
    Connection connection = begin(trades);
    connection.send(Wire.batch("p6", 6, LARGE));
    connection.send(Wire.batch("p7", 7)); // does not fit any more
    assertEquals("pong", connection.received()); // a sign of life that nobody asked for
    assertEquals("p6", trades.position().orElse(""));
    turns.release(2);
    told.expect("batch p6 [~ id=1 note=" + NOTE + "]", "batch p7 []");
    assertEquals(1, client.figures().connections());
  }

  @Test
  void whoeverLetsTooMuchWaitIsNotConnectedAgainBeforeThereIsRoom() {
    Subscription trades = subscribeWithRoomForOne();
    Connection connection = begin(trades);
    connection.send(Wire.batch("p6", 6, LARGE));
    connection.cut();
    told.await("waiting 2"); // over two thousand bytes, and no sense in a connection
    assertFalse(gateway.hasNext());
    turns.release();
    assertTrue(gateway.welcome().received().endsWith(",\"after\":\"p6\"}"));
  }

  private Subscription subscribeWithRoomForOne() {
    gateway.next();
    client.close();
    client = client(1_000);
    return client.subscribe("t", slow);
  }

  @Test
  void aConnectionListenerMayBlockAndThrow() {
    gateway.next();
    client.close();
    CountDownLatch blocked = new CountDownLatch(1);
    client =
        TycostreamClient.builder(gateway.address())
            .connectionListener(state -> {
              told.onConnectionState(state);
              if (state instanceof ConnectionState.Open) {
                await(blocked);
              }
              throw new IllegalStateException("thrown on purpose by a test");
            })
            .connect();
    Subscription trades = client.subscribe("t", told);
    Connection connection = begin(trades);
    told.expect("snapshot p5 [id=1 note=5]");
    connection.close(4400, "go away");
    told.await("ended the client has ended");
    blocked.countDown();
    told.await("closed 4400 go away");
  }

  @Test
  void aSubscriptionIsToldHowTheConnectionStands() {
    Recorder states = new Recorder();
    Subscription trades =
        client.subscribe(
            "t",
            new SubscriptionListener() {
              @Override
              public void onConnectionState(Subscription subscription, ConnectionState state) {
                states.onConnectionState(state);
              }
            });
    Connection connection = begin(trades);
    states.await("open n");
    assertEquals("n", assertOpen(client.connectionState()).node());
    connection.cut();
    states.await("waiting");
    states.await("connecting");
    Connection again = gateway.welcome();
    states.await("open n");
    assertEquals(2, client.figures().connections());
    assertEquals(0, client.figures().resumes());
    again.close(4400, "go away");
    states.await("closed 4400 go away");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static ConnectionState.Open assertOpen(ConnectionState state) {
    return (ConnectionState.Open) state;
  }
}
