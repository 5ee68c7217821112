package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.testing.TestClient;
import io.tycostream.client.testing.TestGateway;
import io.tycostream.client.testing.TestSource;
import io.tycostream.client.testing.TestSubscription;
import io.tycostream.client.testing.TestTransaction;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tour of what a test can do with the gateway for tests, each with the real client. */
@Timeout(60)
final class TestGatewayTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TestGateway gateway = TestGateway.start();
  private final TestSource trades = trades(gateway);
  private final List<TycostreamClient> clients = new ArrayList<>();

  /** A row as a program has it. */
  record Trade(long id, String symbol, Optional<BigDecimal> price) {}

  /** What a listener was told, one word after the other. */
  private static final class Told implements SubscriptionListener {

    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();

    /** Waits for a word, whatever comes before it. */
    void await(String word) throws InterruptedException {
      List<String> before = new ArrayList<>();
      String next = "";
      while (!next.equals(word)) {
        next = words.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertTrue(next != null, () -> "not told \"" + word + "\" but " + before);
        before.add(next);
      }
    }

    /** How often a word has been told since the last that was awaited. */
    long count(String word) {
      return words.stream().filter(word::equals).count();
    }

    @Override
    public void onSnapshot(Subscription subscription, TableState state) {
      words.add("snapshot");
    }

    @Override
    public void onBatch(Subscription subscription, TableBatch batch) {
      words.add(batch.exact() ? "batch" : "merged");
    }

    @Override
    public void onGap(Subscription subscription, Gap gap) {
      words.add("gap");
    }

    @Override
    public void onProgress(Subscription subscription, String position) {
      words.add("progress");
    }

    @Override
    public void onSourceState(Subscription subscription, SourceState status) {
      words.add(status.state());
    }

    @Override
    public void onPressure(Subscription subscription, Pressure pressure) {
      words.add("pressure " + pressure.level());
    }

    @Override
    public void onError(Subscription subscription, Refusal error) {
      words.add("error " + error.code());
    }
  }

  private static TestSource trades(TestGateway gateway) {
    return gateway
        .source("trades")
        .column("id", "int8")
        .column("symbol", "text")
        .column("price", "numeric")
        .key("id")
        .create();
  }

  private static Map<String, Object> trade(long id, String price) {
    return Map.of("id", id, "symbol", "EURUSD", "price", new BigDecimal(price));
  }

  private TycostreamClient connect() {
    return connect(gateway);
  }

  private TycostreamClient connect(TestGateway to) {
    TycostreamClient client =
        TycostreamClient.builder(to.address())
            .backoff(Duration.ofMillis(5), Duration.ofMillis(40))
            .connect();
    clients.add(client);
    return client;
  }

  private static LiveTable<Long, Trade> table(TycostreamClient client) throws Exception {
    LiveTable<Long, Trade> table = client.table(TableQuery.of("trades"), Trade.class, Trade::id);
    assertTrue(table.awaitRows(PATIENCE));
    return table;
  }

  private static void assertHolds(LiveTable<Long, Trade> table, String position, Trade... trades)
      throws Exception {
    assertTrue(table.awaitPosition(position, PATIENCE), () -> "stands at " + table.position());
    assertEquals(
        List.of(trades),
        table.view().rows().values().stream()
            .sorted((one, other) -> Long.compare(one.id(), other.id()))
            .toList());
  }

  private static Trade eurusd(long id, String price) {
    return new Trade(id, "EURUSD", Optional.of(new BigDecimal(price)));
  }

  private static void awaitEnd(TycostreamClient client) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (client.isAlive()) {
      assertTrue(System.nanoTime() < until, "the client goes on");
      LockSupport.parkNanos(1_000_000);
    }
  }

  @AfterEach
  void end() {
    clients.forEach(TycostreamClient::close);
    gateway.close();
  }

  @Test
  void streamsWhatTheTestChanges() throws Exception {
    trades.put(trade(1, "1.0842"));
    LiveTable<Long, Trade> table = table(connect());
    String position = trades.put(Map.of("id", 2, "symbol", "EURGBP"));
    assertHolds(table, position, eurusd(1, "1.0842"), new Trade(2, "EURGBP", Optional.empty()));
    position =
        trades.transaction(t ->
            t.put(trade(1, "1.0843")).put(trade(3, "1")).delete(2).delete(3).put(trade(4, "4")));
    assertHolds(table, position, eurusd(1, "1.0843"), eurusd(4, "4"));
    assertHolds(table, trades.delete(Map.of("id", 1, "price", 7)), eurusd(4, "4"));
    assertHolds(table, trades.progress(), eurusd(4, "4"));
    assertHolds(table, trades.progress(), eurusd(4, "4"));
  }

  @Test
  void cutsConnectionsAfterWhichClientsGoOnBehindTheirPositions() throws Exception {
    LiveTable<Long, Trade> table = table(connect());
    for (int i = 0; i < 20; i++) {
      gateway.dropConnections();
      assertEquals(0, gateway.connections());
      assertHolds(table, trades.put(trade(1, "1." + i)), eurusd(1, "1." + i));
    }
    gateway.awaitConnections(1);
    List<String> said = gateway.requests();
    long resumes =
        said.stream()
            .filter(each -> each.contains("\"positions\":{\"") || each.contains("\"after\":\""))
            .count();
    assertTrue(resumes >= 20, said::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 100, 1_000, 5_000, 70_000})
  void cutsConnectionsAtAnyByte(int bytes) throws Exception {
    LiveTable<Long, Trade> table = table(connect());
    trades.awaitSubscriptions(1);
    gateway.dropConnectionsAfter(bytes);
    String position = "";
    for (int i = 0; i < 2_000; i++) {
      position = trades.put(trade(i % 3, i + "." + i));
    }
    assertHolds(
        table, position, eurusd(0, "1998.1998"), eurusd(1, "1999.1999"), eurusd(2, "1997.1997"));
    assertEquals(2, gateway.requests().stream().filter(said -> said.contains("\"hello\"")).count());
  }

  @Test
  void asksForABufferOfTheClientAndOfASubscription() throws Exception {
    TycostreamClient client =
        TycostreamClient.builder(gateway.address())
            .buffer(ClientBuffer.byPriority().maxSize(500))
            .connect();
    clients.add(client);
    TableQuery sampled = TableQuery.of("trades").buffer(ClientBuffer.sample(2));
    Told ofRows = new Told();
    client.subscribe(sampled, ofRows);
    ofRows.await("error policy-needs-events");
    Told ofEvents = new Told();
    client.subscribe(sampled.events(), ofEvents);
    ofEvents.await("snapshot");
    String wanted = "\"buffer\":{\"maxSize\":500,\"dropPolicy\":\"by-priority\"}";
    assertTrue(gateway.requests().getFirst().contains(wanted), gateway.requests()::toString);
  }

  @Test
  void isDownAndUpAgain() throws Exception {
    LiveTable<Long, Trade> table = table(connect());
    gateway.refuseConnections();
    gateway.dropConnections();
    String position = trades.put(trade(1, "1"));
    assertFalse(table.awaitPosition(position, Duration.ofMillis(100)));
    gateway.acceptConnections();
    assertHolds(table, position, eurusd(1, "1"));
    gateway.refuseConnectionsWith(503);
    gateway.dropConnections();
    position = trades.put(trade(1, "2"));
    assertFalse(table.awaitPosition(position, Duration.ofMillis(100)));
    gateway.acceptConnections();
    assertHolds(table, position, eurusd(1, "2"));
    assertThrows(IllegalArgumentException.class, () -> gateway.refuseConnectionsWith(200));
  }

  @Test
  void holdsMessagesBack() throws Exception {
    LiveTable<Long, Trade> table = table(connect());
    gateway.holdMessages();
    String position = trades.put(trade(1, "1"));
    assertFalse(table.awaitPosition(position, Duration.ofMillis(100)));
    assertEquals(1, gateway.connections());
    gateway.releaseMessages();
    assertHolds(table, position, eurusd(1, "1"));
  }

  @Test
  void saysGoodbyeWithACode() throws Exception {
    TycostreamClient client = connect();
    LiveTable<Long, Trade> table = table(client);
    gateway.goodbye(1001, Duration.ofMillis(1));
    assertHolds(table, trades.put(trade(1, "1")), eurusd(1, "1"));
    gateway.awaitConnections(1);
    gateway.goodbye(4503);
    assertHolds(table, trades.put(trade(1, "2")), eurusd(1, "2"));
    gateway.awaitConnections(1);
    assertThrows(IllegalArgumentException.class, () -> gateway.goodbye(4999));
    gateway.goodbye(4400);
    gateway.awaitConnections(0);
    assertThrows(
        IllegalStateException.class, () -> table.awaitPosition(trades.progress(), PATIENCE));
    awaitEnd(client);
  }

  @Test
  void asksForCredentials() throws Exception {
    gateway.requireToken("secret");
    TycostreamClient refused = connect();
    awaitEnd(refused);
    assertEquals(0, gateway.connections());
    TycostreamClient known =
        TycostreamClient.builder(gateway.address()).token("secret").clientId("desk-7").connect();
    clients.add(known);
    LiveTable<Long, Trade> table = table(known);
    assertHolds(table, trades.put(trade(1, "1")), eurusd(1, "1"));
    TestClient seen = gateway.clients().getFirst();
    assertEquals(Optional.of("desk-7"), seen.id());
    gateway.requireToken(null);
    gateway.dropConnections();
    assertHolds(table, trades.put(trade(1, "2")), eurusd(1, "2"));
    assertTrue(table(connect()).awaitRows(PATIENCE));
  }

  @Test
  void forgetsHistorySoThatWhoMissedSomethingStartsOver() throws Exception {
    Told told = new Told();
    TycostreamClient client = connect();
    client.subscribe("trades", told);
    LiveTable<Long, Trade> table = table(connect());
    told.await("snapshot");
    trades.loseHistory();
    gateway.dropConnections();
    assertHolds(table, trades.put(trade(1, "1")), eurusd(1, "1"));
    told.await("batch"); // nothing was missed when the history was lost
    gateway.refuseConnections();
    gateway.dropConnections();
    String position = trades.put(trade(1, "2"));
    trades.loseHistory();
    assertEquals(0, told.count("gap"));
    gateway.acceptConnections();
    told.await("gap");
    told.await("snapshot");
    assertHolds(table, position, eurusd(1, "2"));
  }

  @Test
  void makesAGapThatIsFolded() throws Exception {
    Told told = new Told();
    connect().subscribe("trades", told);
    LiveTable<Long, Trade> table = table(connect());
    told.await("progress");
    trades.awaitSubscriptions(2);
    String position =
        trades.gapWithFold(
            t -> t.put(trade(1, "1")), t -> t.put(trade(2, "2")), t -> t.put(trade(1, "3")));
    told.await("gap");
    told.await("merged");
    told.await("batch");
    assertHolds(table, position, eurusd(1, "3"), eurusd(2, "2"));
    assertHolds(table, trades.put(trade(2, "4")), eurusd(1, "3"), eurusd(2, "4"));
    told.await("batch");
    assertEquals(0, told.count("gap"));
  }

  @Test
  void makesAGapThatASnapshotMakesGood() throws Exception {
    Told told = new Told();
    connect().subscribe("trades", told);
    LiveTable<Long, Trade> table = table(connect());
    told.await("progress");
    trades.awaitSubscriptions(2);
    String position = trades.gapWithSnapshot(t -> t.put(trade(1, "1")));
    told.await("gap");
    told.await("snapshot");
    assertHolds(table, position, eurusd(1, "1"));
    assertHolds(table, trades.put(trade(2, "4")), eurusd(1, "1"), eurusd(2, "4"));
    told.await("batch");
    assertEquals(0, told.count("gap"));
  }

  @Test
  void resynchronises() throws Exception {
    trades.put(trade(1, "1"));
    trades.put(trade(2, "2"));
    Told told = new Told();
    connect().subscribe("trades", told);
    LiveTable<Long, Trade> table = table(connect());
    told.await("progress");
    String position = trades.resync(t -> t.delete(1).put(trade(2, "3")).put(trade(4, "4")));
    told.await("merged");
    assertHolds(table, position, eurusd(2, "3"), eurusd(4, "4"));
  }

  @Test
  void changesTheColumnsOfATable() throws Exception {
    trades.put(trade(1, "1"));
    Told told = new Told();
    Subscription subscription = connect().subscribe("trades", told);
    told.await("progress");
    trades.addColumn("note", "text");
    told.await("gap");
    told.await("snapshot");
    trades.put(Map.of("id", 2, "symbol", "EURUSD", "note", "new"));
    told.await("batch");
    assertEquals(
        "[id=1 symbol=EURUSD price=1 note=NULL, id=2 symbol=EURUSD price=NULL note=new]",
        sorted(subscription));
    trades.dropColumn("price");
    told.await("gap");
    told.await("snapshot");
    assertEquals(
        "[id=1 symbol=EURUSD note=NULL, id=2 symbol=EURUSD note=new]", sorted(subscription));
    assertThrows(IllegalArgumentException.class, () -> trades.dropColumn("price"));
    assertThrows(IllegalArgumentException.class, () -> trades.dropColumn("id"));
    assertThrows(IllegalArgumentException.class, () -> trades.addColumn("note", "int4"));
    trades.put(Map.of("id", 3, "symbol", "EURUSD", "note", "as before"));
    told.await("batch");
  }

  private static String sorted(Subscription subscription) {
    return subscription.rows().stream().map(TableRow::toString).sorted().toList().toString();
  }

  @Test
  void tellsHowTheSourceStands() throws Exception {
    Told told = new Told();
    connect().subscribe("trades", told);
    LiveTable<Long, Trade> table = table(connect());
    told.await("live");
    trades.reconnecting("the database is gone");
    told.await("reconnecting");
    String missed = trades.put(trade(1, "1"));
    assertThrows(IllegalStateException.class, trades::progress);
    assertFalse(table.awaitPosition(missed, Duration.ofMillis(50)));
    trades.snapshotting();
    told.await("snapshotting");
    trades.put(trade(2, "2"));
    assertEquals(0, table.size());
    trades.catchingUp();
    told.await("catching-up");
    told.await("batch");
    told.await("batch");
    trades.live();
    told.await("live");
    assertHolds(table, missed, eurusd(1, "1"), eurusd(2, "2"));
    trades.stalled();
    told.await("stalled");
    trades.failed("somebody has to look at it");
    told.await("failed");
    String last = trades.delete(2);
    trades.live();
    told.await("live");
    assertHolds(table, last, eurusd(1, "1"));
    trades.completed();
    told.await("completed");
    assertThrows(IllegalStateException.class, () -> trades.delete(1));
    assertThrows(IllegalStateException.class, trades::live);
  }

  @Test
  void hasASourceThatIsNotReady() throws Exception {
    TestSource late = gateway.source("late").column("id", "int4").key("id").notReady().create();
    Told told = new Told();
    connect().subscribe("late", told);
    told.await("connecting");
    late.put(Map.of("id", 1));
    assertEquals(0, told.count("snapshot"));
    late.live();
    told.await("snapshot");
    late.put(Map.of("id", 2));
    told.await("batch");
    TestSource broken = gateway.source("broken").column("id", "int4").key("id").notReady().create();
    broken.failed("no such table");
    Told refused = new Told();
    connect().subscribe("broken", refused);
    refused.await("error source-failed");
  }

  @Test
  void tellsOfPressure() throws Exception {
    Told told = new Told();
    connect().subscribe("trades", told);
    told.await("progress");
    for (String level : List.of("warn", "critical", "normal")) {
      gateway.pressure(level);
      told.await("pressure " + level);
    }
    assertThrows(IllegalArgumentException.class, () -> gateway.pressure("high"));
  }

  @Test
  void restartsAndForgetsAllButTheRows() throws Exception {
    trades.put(trade(1, "1"));
    Told told = new Told();
    connect().subscribe("trades", told);
    LiveTable<Long, Trade> table = table(connect());
    told.await("progress");
    gateway.restart();
    assertHolds(table, trades.put(trade(1, "2")), eurusd(1, "2"));
    told.await("batch");
    assertEquals(0, told.count("gap") + told.count("snapshot"));
    gateway.awaitConnections(2);
    assertTrue(gateway.clients().stream().noneMatch(TestClient::resumed));
  }

  @Test
  void sendsSnapshotsAndBatchesInManyParts() throws Exception {
    try (TestGateway small = TestGateway.builder().maxMessage(400).start()) {
      TestSource source = trades(small);
      for (int i = 0; i < 100; i++) {
        source.put(trade(i, i + ".5"));
      }
      LiveTable<Long, Trade> table = table(connect(small));
      assertEquals(100, table.size());
      String position =
          source.transaction(t -> {
            for (int i = 50; i < 150; i++) {
              t.put(trade(i, i + ".7"));
            }
          });
      assertTrue(table.awaitPosition(position, PATIENCE));
      assertEquals(150, table.size());
      assertEquals(Optional.of(eurusd(149, "149.7")), table.get(149L));
    }
  }

  @Test
  void showsWhatClientsFollow() throws Exception {
    TycostreamClient client = connect();
    assertEquals(List.of(), trades.subscriptions());
    Subscription whole = client.subscribe("trades", new SubscriptionListener() {});
    Subscription part =
        client.subscribe(
            TableQuery.of("trades").where(Where.column("price").isAbove(100)),
            new SubscriptionListener() {});
    trades.awaitSubscriptions(2);
    TestSubscription seen = trades.subscriptions().getFirst();
    assertEquals("trades", seen.source());
    assertEquals(Optional.empty(), seen.after());
    assertEquals(2, gateway.clients().getFirst().subscriptions().size());
    part.close();
    trades.awaitSubscriptions(1);
    whole.close();
    trades.awaitSubscriptions(0);
  }

  @Test
  void saysWhatIsWrongWithAChange() {
    assertWrong("no column \"symbl\"; there are [id, symbol, price]", Map.of("id", 1, "symbl", ""));
    assertWrong("needs a value for \"id\"", Map.of("symbol", "EURUSD"));
    assertWrong("column \"id\" is int8: one is java.lang.String", Map.of("id", "one"));
    assertWrong("column \"price\" is numeric: dear is", Map.of("id", 1, "price", "dear"));
    assertThrows(IllegalArgumentException.class, () -> trades.delete(1));
    assertThrows(IllegalArgumentException.class, () -> trades.delete());
    assertThrows(IllegalArgumentException.class, () -> trades.delete(1, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> trades.transaction(t -> t.put(trade(1, "1")).delete(2)));
    assertThrows(IllegalArgumentException.class, () -> trades.delete(1)); // none was made
    assertThrows(IllegalArgumentException.class, () -> trades(gateway));
    assertThrows(IllegalArgumentException.class, () -> gateway.source("x").create());
    assertThrows(
        IllegalArgumentException.class,
        () -> gateway.source("x").column("id", "int8").key("nr").create());
  }

  private void assertWrong(String reason, Map<String, Object> row) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> trades.put(row));
    assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
  }

  @Test
  void streamsATableWithoutAKey() throws Exception {
    TestSource ticks = gateway.source("ticks").column("symbol", "text").create();
    ticks.put(Map.of("symbol", "A"));
    Told told = new Told();
    Subscription subscription = connect().subscribe("ticks", told);
    told.await("snapshot");
    ticks.put(Map.of("symbol", "A"));
    told.await("batch");
    assertEquals("[symbol=A, symbol=A]", subscription.rows().toString());
    ticks.transaction(
        t -> t.delete(Map.of("symbol", "A")).delete(Map.of("symbol", "A")).put(Map.of()));
    told.await("batch");
    assertEquals("[symbol=NULL]", subscription.rows().toString());
    assertThrows(IllegalArgumentException.class, () -> ticks.delete(Map.of("symbol", "A")));
    assertThrows(IllegalArgumentException.class, () -> ticks.delete("A"));
  }

  @Test
  void comesThroughAllFaultsWithEqualRows() throws Exception {
    List<Runnable> faults =
        List.of(
            gateway::dropConnections,
            () -> gateway.dropConnectionsAfter(777),
            trades::loseHistory,
            gateway::restart,
            () -> trades.gapWithFold(this::change, this::change, this::change, this::change),
            () -> trades.gapWithSnapshot(this::change, this::change),
            () -> trades.reconnecting("gone"),
            trades::live,
            () -> trades.resync(this::change),
            () -> gateway.goodbye(1001, Duration.ofMillis(2)),
            gateway::holdMessages,
            gateway::releaseMessages,
            gateway::refuseConnections,
            gateway::acceptConnections,
            () -> gateway.goodbye(4503),
            () -> gateway.pressure("warn"));
    for (int round = 1; round <= 7; round++) { // each step has another distance to the one before
      // Others each time: one that begins anew too often is left alone for a while.
      List<LiveTable<Long, Trade>> tables = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        tables.add(table(connect()));
      }
      for (int i = 0; i < faults.size(); i++) {
        faults.get(i).run();
        for (int n = 0; n < (i * round) % 5; n++) {
          trades.transaction(this::change);
        }
      }
      String position = trades.transaction(this::change);
      for (LiveTable<Long, Trade> table : tables) {
        assertTrue(table.awaitPosition(position, PATIENCE), () -> "stands at " + table.position());
        assertEquals(rows, table.view().rows());
      }
      clients.forEach(TycostreamClient::close);
      gateway.awaitConnections(0);
    }
  }

  private final Map<Long, Trade> rows = new HashMap<>();
  private long changes;

  /** One row more or another price; now and then one row less. */
  private void change(TestTransaction transaction) {
    long id = changes++ * 7 % 23;
    if (changes % 5 == 0 && rows.containsKey(id)) {
      rows.remove(id);
      transaction.delete(id);
    } else {
      rows.put(id, eurusd(id, "1." + changes));
      transaction.put(trade(id, "1." + changes));
    }
  }

  @Test
  @Timeout(20) // a second for each would be too long
  void tellsOfProgressWithoutATimeThatPasses() throws Exception {
    LiveTable<Long, Trade> table = table(connect());
    for (int i = 0; i < 40; i++) {
      assertHolds(table, trades.progress());
    }
  }

  @Test
  void endsAllThatItStarted() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (TestGateway each = TestGateway.start()) {
        trades(each).put(trade(1, "1"));
        table(connect(each));
      }
    }
    // Every close has waited for all threads of its gateway; that nothing hangs is the proof.
    assertEquals(20, clients.size());
  }
}
