package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.ScriptedGateway.Connection;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A publisher keeps to the rules of reactive streams: demand, order, one end. */
@Timeout(60)
final class PublisherTest {

  private final ScriptedGateway gateway = new ScriptedGateway();
  private final TycostreamClient client =
      TycostreamClient.builder(gateway.address())
          .backoff(Duration.ofMillis(10), Duration.ofMillis(40))
          .connect();

  @AfterEach
  void end() {
    client.close();
    gateway.close();
  }

  /** Writes down its signals, and finds those that overlap or come behind the end. */
  private static final class Signals implements Flow.Subscriber<TableEvent> {
    final BlockingQueue<String> signals = new LinkedBlockingQueue<>();
    final AtomicReference<String> wrong = new AtomicReference<>("");
    final BlockingQueue<Runnable> insideNext = new LinkedBlockingQueue<>();
    volatile Flow.Subscription subscription = new None();
    private volatile boolean signalled;
    private volatile boolean over;

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      subscription = begun;
    }

    @Override
    public void onNext(TableEvent event) {
      signal(
          switch (event) {
            case TableState state -> "rows " + state.rows();
            case TableBatch batch -> "batch " + batch.position();
            case Gap gap -> "gap " + gap.reason() + " " + gap.recovery();
          });
    }

    @Override
    public void onError(Throwable failure) {
      signal("error " + failure.getMessage());
      over = true;
    }

    @Override
    public void onComplete() {
      signal("complete");
      over = true;
    }

    private void signal(String what) {
      if (signalled || over) {
        wrong.set(what);
      }
      signalled = true;
      Runnable inside = insideNext.poll();
      if (inside != null) {
        inside.run();
      }
      signals.add(what);
      signalled = false;
    }

    void expect(String expected) throws InterruptedException {
      assertEquals(expected, signals.poll(10, TimeUnit.SECONDS));
      assertEquals("", wrong.get());
    }

    private record None() implements Flow.Subscription {
      @Override
      public void request(long count) {}

      @Override
      public void cancel() {}
    }
  }

  private Connection begin(Signals signals) {
    client.publisher(TableQuery.of("t")).subscribe(signals);
    Connection connection = gateway.welcome();
    connection.received();
    connection.send(Wire.subscribed());
    connection.send(Wire.snapshotEnd(0, "p5", 5, "{\"id\":1,\"note\":\"5\"}"));
    return connection;
  }

  @Test
  void tellsNoMoreThanWasRequestedAndAllInOrder() throws Exception {
    Signals signals = new Signals();
    Connection connection = begin(signals);
    connection.send(Wire.batch("p6", 6));
    connection.send(
        "{\"type\":\"gap\",\"feed\":3,\"after\":\"p6\",\"upTo\":\"p9\",\"dropped\":4,"
            + "\"reason\":\"drop-oldest\",\"recovery\":\"snapshot\"}");
    connection.send(Wire.snapshotEnd(0, "p9", 9));
    Eventually.holds(() -> client.figures().snapshots() == 2);
    Eventually.holds(() -> client.figures().behind().toMillis() > 100);
    assertTrue(signals.signals.isEmpty());
    signals.subscription.request(1);
    signals.expect("rows [id=1 note=5]");
    signals.subscription.request(2);
    signals.expect("batch p6");
    signals.expect("gap drop-oldest SNAPSHOT");
    assertTrue(signals.signals.isEmpty());
    signals.subscription.request(Long.MAX_VALUE);
    signals.subscription.request(Long.MAX_VALUE);
    signals.expect("rows []");
  }

  @Test
  void completesWithTheClientBehindWhatIsBeingTold() throws Exception {
    Signals signals = new Signals();
    signals.insideNext.add(client::close);
    begin(signals);
    signals.subscription.request(5);
    signals.expect("rows [id=1 note=5]");
    signals.expect("complete");
    assertFalse(client.isAlive());
  }

  @Test
  void completesWithTheClientAlsoWhenNothingWasRequested() throws Exception {
    Signals signals = new Signals();
    begin(signals);
    client.close();
    signals.expect("complete");
  }

  @Test
  void tellsNothingAnyMoreOnceCancelled() {
    Signals signals = new Signals();
    Connection connection = begin(signals);
    signals.subscription.cancel();
    assertEquals("{\"type\":\"unsubscribe\",\"ref\":\"s1\"}", connection.received());
    signals.subscription.request(1);
    signals.subscription.cancel();
    client.close();
    assertTrue(signals.signals.isEmpty());
  }

  @Test
  void whoeverThrowsIsToldNothingAnyMore() {
    Signals signals = new Signals();
    signals.insideNext.add(() -> {
      throw new IllegalStateException("thrown on purpose by a test");
    });
    Connection connection = begin(signals);
    signals.subscription.request(5);
    assertEquals("{\"type\":\"unsubscribe\",\"ref\":\"s1\"}", connection.received());
    assertTrue(signals.signals.isEmpty());
    assertEquals(1, client.figures().failures());
  }

  @Test
  void failsWhenTheGatewayRefuses() throws Exception {
    Signals signals = new Signals();
    client.publisher(TableQuery.of("t")).subscribe(signals);
    Connection connection = gateway.welcome();
    connection.received();
    connection.send(
        "{\"type\":\"error\",\"ref\":\"s1\",\"code\":\"unknown-source\",\"message\":\"no t\","
            + "\"retryable\":false}");
    signals.expect("error t has ended: no t (unknown-source)");
  }

  @Test
  void failsWhenNothingIsRequestedOrTheClientHasEnded() throws Exception {
    Signals signals = new Signals();
    begin(signals);
    signals.subscription.request(0);
    signals.expect("error at least one has to be requested, not 0");
    client.close();
    Signals late = new Signals();
    client.publisher(TableQuery.of("t")).subscribe(late);
    late.expect("error this client has ended; build a new one");
  }

  @Test
  void aSecondSubscriberIsASecondSubscriptionWhichTheGatewayMayRefuse() throws Exception {
    Flow.Publisher<TableEvent> publisher = client.publisher(TableQuery.of("t"));
    Signals first = new Signals();
    publisher.subscribe(first);
    first.subscription.request(1);
    Connection connection = gateway.welcome();
    assertEquals("{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"t\"}", connection.received());
    Signals second = new Signals();
    publisher.subscribe(second);
    assertEquals("{\"type\":\"subscribe\",\"ref\":\"s2\",\"source\":\"t\"}", connection.received());
    connection.send(
        "{\"type\":\"error\",\"ref\":\"s2\",\"code\":\"duplicate-subscription\",\"message\":\"same\","
            + "\"retryable\":false}");
    second.expect("error t has ended: same (duplicate-subscription)");
    connection.send(Wire.subscribed());
    connection.send(Wire.snapshotEnd(0, "p5", 5));
    first.expect("rows []");
  }
}
