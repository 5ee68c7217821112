package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.ScriptedGateway.Connection;
import io.tycostream.domain.replica.ReplicaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * However a client ends, nobody is called behind that, nobody waits, and nobody is told nothing.
 */
@Timeout(60)
final class EndingTest {

  private static final String P5 = "e.0000000000000005.p";
  private static final String P6 = "e.0000000000000006.p";
  private static final String P7 = "e.0000000000000007.p";
  private static final TableQuery DURABLE = TableQuery.of("t").durable("to the warehouse");

  private final ScriptedGateway gateway = new ScriptedGateway();
  private final BlockingQueue<String> saved = new LinkedBlockingQueue<>();
  private final TycostreamClient client = client();
  private volatile boolean storeFails;

  /** In the hands of a listener until somebody opens it. */
  private final CountDownLatch door = new CountDownLatch(1);

  private final CountDownLatch inHand = new CountDownLatch(1);

  @AfterEach
  void end() {
    door.countDown();
    client.close();
    gateway.close();
  }

  private TycostreamClient client() {
    return TycostreamClient.builder(gateway.address())
        .backoff(Duration.ofMillis(10), Duration.ofMillis(40))
        .positionStore(
            new PositionStore() {
              @Override
              public Optional<String> load(String name) {
                return Optional.of(P5);
              }

              @Override
              public void save(String name, String position) {
                if (storeFails) {
                  throw new AssertionError("thrown on purpose by a test");
                }
                saved.add(position);
              }
            })
        .connect();
  }

  private void hold() {
    inHand.countDown();
    try {
      door.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a listener", e);
    }
  }

  private Connection replay() {
    Connection connection = gateway.welcome();
    connection.received();
    connection.send(Wire.replay(P5, 5));
    return connection;
  }

  /** Takes what was requested, with whatever it does about that. */
  private static class Taking implements Flow.Subscriber<TableEvent> {
    final AtomicReference<Flow.Subscription> subscription = new AtomicReference<>();
    final BlockingQueue<String> signals = new LinkedBlockingQueue<>();

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      signals.add("subscribed");
      subscription.set(begun);
    }

    @Override
    public void onNext(TableEvent event) {
      signals.add("next");
    }

    @Override
    public void onError(Throwable failure) {
      signals.add("error " + failure.getMessage());
    }

    @Override
    public void onComplete() {
      signals.add("complete");
    }
  }

  @Test
  void whatADurablePublisherDidNotDeliverIsNotSaved() throws Exception {
    Taking taking = new Taking();
    client.publisher(DURABLE).subscribe(taking);
    Connection connection = replay();
    connection.send(Wire.batch(P6, 6));
    connection.send(Wire.progress(P7));
    Eventually.holds(() -> client.figures().batches() == 1);
    Eventually.holds(() -> client.figures().behind().toMillis() > 50);
    client.close();
    assertEquals(List.of("subscribed", "complete"), List.copyOf(taking.signals));
    assertEquals(List.of(), List.copyOf(saved));
  }

  @Test
  void whatADurablePublisherCancelledIsNotSavedNorWhatCameBehind() throws Exception {
    Taking taking = new Taking();
    client.publisher(DURABLE).subscribe(taking);
    Connection connection = replay();
    connection.send(Wire.batch(P6, 6));
    connection.send(Wire.progress(P7));
    Eventually.holds(() -> client.figures().behind().toMillis() > 50);
    taking.subscription.get().cancel();
    assertEquals("{\"type\":\"unsubscribe\",\"ref\":\"s1\"}", connection.received());
    client.close();
    assertEquals(List.of(), List.copyOf(saved));
  }

  @Test
  void whatADurablePublisherDeliveredIsSaved() throws Exception {
    Taking taking = new Taking();
    client.publisher(DURABLE).subscribe(taking);
    Connection connection = replay();
    connection.send(Wire.batch(P6, 6));
    taking.subscription.get().request(1);
    assertEquals(P6, saved.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void closingWaitsForASubscriptionThatWasClosedJustBefore() throws Exception {
    Subscription trades =
        client.subscribe(
            DURABLE,
            new SubscriptionListener() {
              @Override
              public void onBatch(Subscription subscription, TableBatch batch) {
                hold();
              }
            });
    assertClosesBehindTheCall(trades::close);
  }

  @Test
  void closingWaitsForAPublishersCall() throws Exception {
    Taking taking =
        new Taking() {
          @Override
          public void onNext(TableEvent event) {
            hold();
            super.onNext(event);
          }
        };
    client.publisher(DURABLE).subscribe(taking);
    taking.subscription.get().request(1);
    assertClosesBehindTheCall(() -> {});
    assertEquals(List.of("subscribed", "next", "complete"), List.copyOf(taking.signals));
    assertEquals(List.of(P6), List.copyOf(saved));
  }

  private void assertClosesBehindTheCall(Runnable before) throws Exception {
    Connection connection = replay();
    connection.send(Wire.batch(P6, 6));
    inHand.await();
    before.run();
    CompletableFuture<Boolean> closed =
        CompletableFuture.supplyAsync(() -> {
          client.close();
          return door.getCount() == 0;
        });
    Eventually.holds(() -> !client.isAlive());
    assertFalse(closed.isDone());
    door.countDown();
    assertTrue(closed.get(10, TimeUnit.SECONDS), "closed while a listener was being called");
  }

  @Test
  void aSubscriberThatThrowsWhenItIsOverKeepsNothingFromEnding() throws Exception {
    Taking taking =
        new Taking() {
          @Override
          public void onComplete() {
            throw new IllegalStateException("thrown on purpose by a test");
          }
        };
    client.publisher(TableQuery.of("t")).subscribe(taking);
    gateway.welcome();
    client.close();
    assertFalse(client.isAlive());
  }

  @Test
  void whoeverWaitsForATableThatIsClosedWaitsNoLonger() throws Exception {
    LiveTable<String, TableRow> table =
        client.table(TableQuery.of("t"), row -> row, row -> row.text("id"));
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(() -> {
          try {
            return table.awaitRows(Duration.ofDays(1_000_000));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    gateway.welcome();
    client.close();
    assertFalse(waiting.get(10, TimeUnit.SECONDS));
  }

  @Test
  void aStoreThatFailsAltogetherStopsNobody() {
    storeFails = true;
    Recorder told = new Recorder();
    client.subscribe(DURABLE, told);
    Connection connection = replay();
    connection.send(Wire.batch(P6, 6));
    connection.send(Wire.batch(P7, 7));
    told.expect("batch " + P6 + " []", "batch " + P7 + " []");
    Eventually.holds(() -> client.figures().waitingBytes() == 0);
    assertEquals(List.of(), List.copyOf(saved));
  }

  @Test
  void twoSubscriptionsOfOneClientDoNotKeepOnePlace() throws Exception {
    SubscriptionListener listener = new SubscriptionListener() {};
    try (Subscription first = client.subscribe(DURABLE, listener)) {
      assertEquals("t", first.source());
      IllegalStateException second =
          assertThrows(IllegalStateException.class, () -> client.subscribe(DURABLE, listener));
      assertTrue(String.valueOf(second.getMessage()).contains("keeps the place to the warehouse"));
    }
    Eventually.holds(() -> follows(listener)); // the place is free again
  }

  private boolean follows(SubscriptionListener listener) {
    try {
      return client.subscribe(DURABLE, listener).source().equals("t");
    } catch (IllegalStateException stillKept) {
      return false;
    }
  }

  @Test
  void aConditionThatCannotBeWrittenIsRefusedAtOnce() {
    Where deep = Where.column("a").is(1);
    for (int i = 0; i < 2_000; i++) {
      deep = Where.not(deep);
    }
    TableQuery query = TableQuery.of("t").where(deep);
    assertThrows(
        IllegalArgumentException.class,
        () -> client.subscribe(query, new SubscriptionListener() {}));
    assertTrue(client.isAlive());
  }

  /** Told by the gateway not to return, in the very moment in which the program follows more. */
  @RepeatedTest(50)
  void whoeverBeginsWhileTheClientEndsIsToldSo() throws Exception {
    gateway
        .welcome()
        .send("{\"type\":\"bye\",\"code\":4403,\"reason\":\"not you\",\"resumable\":false}");
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    SubscriptionListener listener =
        new SubscriptionListener() {
          @Override
          public void onEnded(Subscription subscription, String reason) {
            ends.add(reason);
          }
        };
    int begun = 0;
    try {
      while (begun < 200) {
        client.subscribe("t", listener);
        begun++;
        LockSupport.parkNanos(50_000); // what is asked for goes before what the gateway says
      }
    } catch (IllegalStateException ended) {
      assertEquals("this client has ended; build a new one", ended.getMessage());
    }
    int all = begun;
    Eventually.holds(() -> ends.size() == all);
  }

  /** Nothing is known to do this; a mistake of ours would. */
  @Test
  void aClientThatFailsSaysSo() {
    Recorder connection = new Recorder();
    Mailbox mailbox = new Mailbox(1_000);
    ClientLoop loop =
        new ClientLoop(
            new ClientSettings(
                List.of(GatewayUri.of(gateway.address())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                ReplicaSettings.DEFAULT,
                Optional.empty(),
                connection,
                Optional.empty(),
                Optional.empty(),
                1_000),
            mailbox,
            new Counters());
    client.close();
    Recorder told = new Recorder();
    LiveSubscription subscription =
        new LiveSubscription(
            "s1",
            TableQuery.of("t"),
            told,
            Optional.empty(),
            new Counters(),
            loop.lock(),
            closing -> {},
            receipt -> {},
            lane -> {});
    mailbox.put(new Input.Request(() -> loop.add(subscription)));
    mailbox.put(
        new Input.Request(() -> {
          throw new IllegalStateException("thrown on purpose by a test");
        }));
    loop.run();
    String reason =
        "the client failed: java.lang.IllegalStateException: thrown on purpose by a test";
    connection.await("closed 1006 " + reason);
    told.await("ended " + reason);
    assertEquals(new ConnectionState.Closed(1006, reason), loop.state());
  }

  @Test
  void theLastThatWasProcessedIsAcknowledgedThoughNothingFollows() {
    client.subscribe(DURABLE, new SubscriptionListener() {});
    Connection connection = replay();
    connection.send(Wire.batch(P6, 6));
    connection.send(Wire.batch(P7, 7));
    String ack = connection.ack();
    while (!ack.contains(P7)) {
      ack = connection.ack();
    }
  }
}
