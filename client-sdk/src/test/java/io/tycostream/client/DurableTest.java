package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.ScriptedGateway.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions of programs that keep their place, and of those that follow events. */
@Timeout(60)
final class DurableTest {

  private static final String SUBSCRIBE = "{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"t\"";
  private static final String P5 = "e.0000000000000005.p";
  private static final String P6 = "e.0000000000000006.p";
  private static final String P7 = "e.0000000000000007.p";
  private static final TableQuery QUERY = TableQuery.of("t").durable("to the warehouse");

  @TempDir private Path directory;
  private final ScriptedGateway gateway = new ScriptedGateway();
  private final Recorder told = new Recorder();

  @AfterEach
  void end() {
    gateway.close();
  }

  private TycostreamClient client(PositionStore store) {
    return TycostreamClient.builder(gateway.address())
        .backoff(Duration.ofMillis(10), Duration.ofMillis(40))
        .positionStore(store)
        .connect();
  }

  @Test
  void aProgramThatIsStartedAgainIsToldWhatItMissed() {
    try (TycostreamClient client = client(PositionStore.inDirectory(directory))) {
      Subscription trades = client.subscribe(QUERY, told);
      Connection connection = gateway.welcome();
      assertEquals(SUBSCRIBE + "}", connection.received());
      connection.send(Wire.subscribed());
      connection.send(Wire.snapshotEnd(0, P5, 5, "{\"id\":1,\"note\":\"a\"}"));
      connection.send(Wire.batch(P6, 6, "{\"op\":\"insert\",\"row\":{\"id\":2,\"note\":\"b\"}}"));
      told.expect("snapshot " + P5 + " [id=1 note=a]", "batch " + P6 + " [+ id=2 note=b]");
      assertThrows(IllegalStateException.class, trades::state);
    }
    try (TycostreamClient client = client(PositionStore.inDirectory(directory))) {
      client.subscribe(QUERY, told);
      Connection connection = gateway.welcome();
      assertEquals(SUBSCRIBE + ",\"after\":\"" + P6 + "\"}", connection.received());
      connection.send(Wire.replay(P6, 6));
      connection.send(
          Wire.batch(
              P7,
              7,
              "{\"op\":\"update\",\"row\":{\"id\":2,\"note\":\"B\"}}",
              "{\"op\":\"delete\",\"row\":{\"id\":1}}"));
      told.expect("batch " + P7 + " [~ id=2 note=B, - id=1]");
    }
  }

  @Test
  void whatAListenerThrowsAtIsToldAgainAndNotSavedBefore() throws Exception {
    BlockingQueue<String> saved = new LinkedBlockingQueue<>();
    AtomicInteger calls = new AtomicInteger();
    PositionStore store = storing(name -> Optional.of(P5), saved);
    try (TycostreamClient client = client(store)) {
      client.subscribe(
          QUERY,
          new SubscriptionListener() {
            @Override
            public void onBatch(Subscription subscription, TableBatch batch) {
              if (calls.incrementAndGet() < 3) {
                assertTrue(saved.isEmpty());
                throw new IllegalStateException("thrown on purpose by a test");
              }
            }
          });
      Connection connection = gateway.welcome();
      connection.received();
      connection.send(Wire.replay(P5, 5));
      connection.send(Wire.batch(P6, 6));
      connection.send(Wire.batch(P7, 7));
      assertEquals("to the warehouse " + P6, saved.poll(10, TimeUnit.SECONDS));
      assertEquals("to the warehouse " + P7, saved.poll(10, TimeUnit.SECONDS));
      assertEquals(4, calls.get());
      assertEquals(2, client.figures().failures());
    }
  }

  @Test
  void whatIsInHandAtTheEndIsNotSaved() throws Exception {
    BlockingQueue<String> saved = new LinkedBlockingQueue<>();
    BlockingQueue<String> failed = new LinkedBlockingQueue<>();
    TycostreamClient client = client(storing(name -> Optional.of(P5), saved));
    client.subscribe(
        QUERY,
        new SubscriptionListener() {
          @Override
          public void onBatch(Subscription subscription, TableBatch batch) {
            failed.add(batch.position());
            throw new IllegalStateException("thrown on purpose by a test");
          }
        });
    Connection connection = gateway.welcome();
    connection.received();
    connection.send(Wire.replay(P5, 5));
    connection.send(Wire.batch(P6, 6));
    assertEquals(P6, failed.poll(10, TimeUnit.SECONDS));
    client.close();
    assertFalse(client.isAlive());
    assertTrue(saved.isEmpty(), saved.toString());
  }

  @Test
  void aStoreThatCannotSaveStopsNobody() {
    PositionStore broken =
        new PositionStore() {
          @Override
          public Optional<String> load(String name) {
            return Optional.of(P5);
          }

          @Override
          public void save(String name, String position) throws IOException {
            throw new IOException("thrown on purpose by a test");
          }
        };
    try (TycostreamClient client = client(broken)) {
      client.subscribe(QUERY, told);
      Connection connection = gateway.welcome();
      connection.received();
      connection.send(Wire.replay(P5, 5));
      connection.send(Wire.batch(P6, 6));
      connection.send(Wire.batch(P7, 7));
      told.expect("batch " + P6 + " []", "batch " + P7 + " []");
    }
  }

  @Test
  void whatCannotGoOnIsSaidToWhoeverSubscribes() throws IOException {
    try (TycostreamClient client =
        TycostreamClient.builder(gateway.address())
            .connectTimeout(Duration.ofSeconds(2))
            .connect()) {
      String message =
          assertThrows(IllegalStateException.class, () -> client.subscribe(QUERY, told))
              .getMessage();
      assertTrue(message.contains("give the client a positionStore"), message);
      assertThrows(
          IllegalArgumentException.class, () -> client.table(QUERY, row -> row, TableRow::key));
      assertThrows(
          IllegalArgumentException.class,
          () -> client.table(TableQuery.of("t").events(), row -> row, TableRow::key));
    }
    PositionStore store = PositionStore.inDirectory(directory);
    Files.writeString(directory.resolve("to+the+warehouse.position"), "yesterday\n");
    try (TycostreamClient client = client(store)) {
      String message =
          assertThrows(IllegalStateException.class, () -> client.subscribe(QUERY, told))
              .getMessage();
      assertTrue(message.contains("to+the+warehouse.position holds no position"), message);
    }
  }

  @Test
  void positionsInFilesAreThereAgainAndThoseInMemoryAsLongAsTheStore() throws Exception {
    Path deeper = directory.resolve("a").resolve("b");
    for (PositionStore store :
        new PositionStore[] {PositionStore.inMemory(), PositionStore.inDirectory(deeper)}) {
      assertEquals(Optional.empty(), store.load("../x"));
      store.save("../x", P5);
      store.save("y", P6);
      store.save("../x", P7);
      assertEquals(Optional.of(P7), store.load("../x"));
      assertEquals(Optional.of(P6), store.load("y"));
    }
    assertEquals(Optional.of(P7), PositionStore.inDirectory(deeper).load("../x"));
    try (var files = Files.list(deeper)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void eventsArePassedOnAndWhatIsLostIsTold() {
    try (TycostreamClient client = client(PositionStore.inMemory())) {
      client.subscribe(TableQuery.of("t").eventsFromNow(), told);
      Connection connection = gateway.welcome();
      assertEquals(
          SUBSCRIBE + ",\"snapshot\":false,\"onGap\":\"continue\"}", connection.received());
      connection.send(Wire.replay(P5, 5).replace("replay", "live"));
      connection.send(Wire.batch(P6, 6, "{\"op\":\"insert\",\"row\":{\"id\":2,\"note\":\"b\"}}"));
      connection.send(
          "{\"type\":\"gap\",\"feed\":3,\"after\":\"%s\",\"upTo\":\"%s\",\"dropped\":4,"
                  .formatted(P6, P7)
              + "\"reason\":\"drop-oldest\",\"recovery\":\"none\"}");
      told.expect("batch " + P6 + " [+ id=2 note=b]", "gap " + P6 + " " + P7 + " drop-oldest");
      connection.cut();
      assertEquals(
          SUBSCRIBE + ",\"after\":\"" + P7 + "\",\"snapshot\":false,\"onGap\":\"continue\"}",
          gateway.welcome().received());
      assertEquals(4, client.figures().dropped());
      assertEquals(1, client.figures().gaps());
    }
  }

  private static PositionStore storing(
      Function<String, Optional<String>> loading, BlockingQueue<String> saved) {
    return new PositionStore() {
      @Override
      public Optional<String> load(String name) {
        return loading.apply(name);
      }

      @Override
      public void save(String name, String position) {
        saved.add(name + " " + position);
      }
    };
  }
}
