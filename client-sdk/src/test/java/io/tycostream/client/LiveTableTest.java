package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.LiveTable.Change;
import io.tycostream.client.LiveTable.Changes;
import io.tycostream.client.ScriptedGateway.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LiveTableTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final TableQuery ALL = TableQuery.of("t");

  private final ScriptedGateway gateway = new ScriptedGateway();
  private final TycostreamClient client =
      TycostreamClient.builder(gateway.address())
          .backoff(Duration.ofMillis(1), Duration.ofMillis(4))
          .connect();

  record Item(int id, Optional<String> note) {
    Item(int id, String note) {
      this(id, Optional.of(note));
    }
  }

  /** Like an item, of which a NULL can be no part. */
  record Strict(int id, long note) {}

  private final BlockingQueue<Changes<Integer, Item>> told = new LinkedBlockingQueue<>();

  @AfterEach
  void end() {
    client.close();
    gateway.close();
  }

  private LiveTable<Integer, Item> items() {
    LiveTable<Integer, Item> items = client.table(ALL, Item.class, Item::id);
    items.onChanges(told::add);
    return items;
  }

  private Connection begin() {
    Connection connection = gateway.welcome();
    assertEquals("{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"t\"}", connection.received());
    connection.send(Wire.subscribed());
    connection.send(
        Wire.snapshotEnd(0, at(5), 5, "{\"id\":1,\"note\":\"a\"}", "{\"id\":2,\"note\":null}"));
    return connection;
  }

  private static String at(long time) {
    return "e.%016x.p".formatted(time);
  }

  @Test
  void whoeverListensLateIsToldAllRowsFirst() throws Exception {
    LiveTable<Integer, Item> items = client.table(ALL, Item.class, Item::id);
    Connection connection = begin();
    assertTrue(items.awaitRows(PATIENCE));
    items.onChanges(told::add);
    Changes<Integer, Item> all = next();
    assertFalse(all.exact());
    assertEquals(at(5), all.position());
    assertEquals(
        Set.of(
            change(1, "", "a"),
            new Change<>(2, Optional.empty(), Optional.of(new Item(2, Optional.empty())))),
        Set.copyOf(all.changes()));
    connection.send(Wire.batch(at(6), 6, "{\"op\":\"delete\",\"row\":{\"id\":2}}"));
    assertEquals(1, next().changes().size());
  }

  private Changes<Integer, Item> next() throws InterruptedException {
    Changes<Integer, Item> next = told.poll(20, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing more was told");
    return next;
  }

  private static Change<Integer, Item> change(int id, String before, String now) {
    return new Change<>(
        id,
        Optional.of(before).filter(note -> !note.isEmpty()).map(note -> new Item(id, note)),
        Optional.of(now).filter(note -> !note.isEmpty()).map(note -> new Item(id, note)));
  }

  @Test
  void holdsTheRowsOfOnePosition() throws InterruptedException {
    LiveTable<Integer, Item> items = items();
    assertFalse(items.awaitRows(Duration.ZERO));
    assertEquals(Optional.empty(), items.position());
    Connection connection = begin();
    assertTrue(items.awaitRows(PATIENCE));
    assertEquals(Optional.of(new Item(1, "a")), items.get(1));
    assertEquals(Optional.of(new Item(2, Optional.empty())), items.get(2));
    assertEquals(Optional.empty(), items.get(3));
    assertEquals(2, items.size());
    assertEquals(2, next().changes().size());

    LiveTable.View<Integer, Item> before = items.view();
    connection.send(
        Wire.batch(
            at(6),
            6,
            "{\"op\":\"insert\",\"row\":{\"id\":3,\"note\":\"c\"}}",
            "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"A\"}}",
            "{\"op\":\"delete\",\"row\":{\"id\":2}}"));
    assertTrue(items.awaitPosition(at(6), PATIENCE));
    assertEquals(
        new LiveTable.View<>(Optional.of(at(6)), Map.of(1, new Item(1, "A"), 3, new Item(3, "c"))),
        items.view());
    assertEquals(Optional.of(at(5)), before.position());
    assertEquals(Set.of(1, 2), before.rows().keySet());
    Changes<Integer, Item> changes = next();
    assertEquals(at(6), changes.position());
    assertTrue(changes.exact());
    assertEquals(
        Set.of(
            change(1, "a", "A"),
            change(3, "", "c"),
            new Change<>(2, Optional.of(new Item(2, Optional.empty())), Optional.empty())),
        Set.copyOf(changes.changes()));

    assertFalse(items.awaitPosition(at(9), Duration.ZERO));
    connection.send(Wire.progress(at(9)));
    assertTrue(items.awaitPosition(at(8), PATIENCE));
    assertEquals(Optional.of(at(9)), items.position());
    assertThrows(IllegalArgumentException.class, () -> items.awaitPosition("nonsense", PATIENCE));
    String others = at(10).replace(".p", ".other");
    assertThrows(IllegalArgumentException.class, () -> items.awaitPosition(others, PATIENCE));
  }

  @Test
  void tellsWhatIsDifferentWhenAllRowsComeAnew() throws InterruptedException {
    LiveTable<Integer, Item> items = items();
    Connection connection = begin();
    next();
    connection.send(
        "{\"type\":\"gap\",\"feed\":3,\"after\":\"%s\",\"upTo\":\"%s\",\"dropped\":-1,\"reason\":\"history-expired\",\"recovery\":\"snapshot\"}"
            .formatted(at(5), at(9)));
    connection.send(
        Wire.snapshotEnd(0, at(9), 9, "{\"id\":1,\"note\":\"a\"}", "{\"id\":3,\"note\":\"c\"}"));
    Changes<Integer, Item> changes = next();
    assertFalse(changes.exact());
    assertEquals(
        Set.of(
            change(3, "", "c"),
            new Change<>(2, Optional.of(new Item(2, Optional.empty())), Optional.empty())),
        Set.copyOf(changes.changes()));
    assertEquals(Set.of(1, 3), items.view().rows().keySet());
  }

  @Test
  void goesOnBehindACut() throws InterruptedException {
    LiveTable<Integer, Item> items = items();
    begin().cut();
    assertEquals(2, next().changes().size());
    Connection again = gateway.welcome();
    assertEquals(
        "{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"t\",\"after\":\"" + at(5) + "\"}",
        again.received());
    assertEquals(2, items.size(), "and the rows are there meanwhile");
    again.send(Wire.replay(at(5), 50));
    again.send(Wire.batch(at(6), 51, "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"A\"}}"));
    assertEquals(List.of(change(1, "a", "A")), next().changes());
  }

  @Test
  void aRowThatMovesToAnotherKeyOfTheProgramIsThereOnce() throws InterruptedException {
    LiveTable<String, Item> byNote =
        client.table(ALL, Item.class, item -> item.note().orElse("none"));
    Connection connection = begin();
    assertTrue(byNote.awaitRows(PATIENCE));
    connection.send(Wire.batch(at(6), 6, "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"b\"}}"));
    assertTrue(byNote.awaitPosition(at(6), PATIENCE));
    assertEquals(Set.of("b", "none"), byNote.view().rows().keySet());
  }

  @Test
  void whateverTheProgramsObjectsThrowEndsTheTableAndIsNotPassedOver() {
    LiveTable<Object, Item> items =
        client.table(
            ALL,
            new RecordReader<>(Item.class),
            item ->
                new Object() {
                  @Override
                  public int hashCode() {
                    throw new AssertionError("thrown on purpose by a test");
                  }
                });
    begin();
    IllegalStateException ended =
        assertThrows(IllegalStateException.class, () -> items.awaitRows(PATIENCE));
    assertTrue(String.valueOf(ended.getMessage()).startsWith("the rows cannot be kept"));
  }

  @Test
  void aListenerCannotWaitForItsOwnTable() throws InterruptedException {
    LiveTable<Integer, Item> items = client.table(ALL, Item.class, Item::id);
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    items.onChanges(changes -> {
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> items.awaitRows(PATIENCE));
      said.add(String.valueOf(refused.getMessage()));
    });
    begin();
    assertEquals(
        "the table does not move while its listener waits for it", said.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void rowsMayExchangeTheirKeysInOneBatch() throws InterruptedException {
    LiveTable<String, Item> byNote =
        client.table(ALL, Item.class, item -> item.note().orElse("none"));
    Connection connection = begin();
    assertTrue(byNote.awaitRows(PATIENCE));
    connection.send(
        Wire.batch(
            at(6),
            6,
            "{\"op\":\"update\",\"row\":{\"id\":1,\"note\":null}}",
            "{\"op\":\"update\",\"row\":{\"id\":2,\"note\":\"a\"}}"));
    assertTrue(byNote.awaitPosition(at(6), PATIENCE));
    assertEquals(Optional.of(new Item(2, "a")), byNote.get("a"));
    assertEquals(Optional.of(new Item(1, Optional.empty())), byNote.get("none"));
  }

  @Test
  void twoRowsWithOneKeyOfTheProgramEndTheTable() throws InterruptedException {
    LiveTable<String, Item> byNote =
        client.table(ALL, Item.class, item -> item.note().orElse("none"));
    Connection connection = begin();
    assertTrue(byNote.awaitRows(PATIENCE));
    connection.send(Wire.batch(at(6), 6, "{\"op\":\"insert\",\"row\":{\"id\":3,\"note\":\"a\"}}"));
    IllegalStateException ended =
        assertThrows(IllegalStateException.class, () -> byNote.awaitPosition(at(6), PATIENCE));
    assertEquals("two rows have the same key", ended.getMessage());
  }

  @Test
  void aListenerThatThrowsIsNoReasonNotToTellTheOthers() throws InterruptedException {
    LiveTable<Integer, Item> items = client.table(ALL, Item.class, Item::id);
    items.onChanges(changes -> {
      throw new IllegalStateException("as it is meant to");
    });
    items.onChanges(told::add);
    Connection connection = begin();
    next();
    connection.send(Wire.batch(at(6), 6, "{\"op\":\"delete\",\"row\":{\"id\":1}}"));
    assertEquals(List.of(change(1, "a", "")), next().changes());
    assertEquals(2, client.figures().failures());
  }

  @Test
  void whatCannotBeAnObjectEndsTheTableLoudly() {
    LiveTable<Integer, Strict> strict = client.table(ALL, Strict.class, Strict::id);
    Connection connection = begin();
    IllegalStateException ended =
        assertThrows(IllegalStateException.class, () -> strict.awaitRows(PATIENCE));
    assertTrue(
        String.valueOf(ended.getMessage()).startsWith("no object can be made of id="),
        ended::toString);
    assertThrows(IllegalStateException.class, () -> strict.get(1));
    assertEquals("{\"type\":\"unsubscribe\",\"ref\":\"s1\"}", connection.received());
  }

  @Test
  void endsWithItsClient() {
    LiveTable<Integer, Item> items = items();
    gateway
        .next()
        .send("{\"type\":\"bye\",\"code\":4403,\"reason\":\"not you\",\"resumable\":false}");
    IllegalStateException ended =
        assertThrows(IllegalStateException.class, () -> items.awaitRows(PATIENCE));
    assertTrue(String.valueOf(ended.getMessage()).contains("not you"), ended::toString);
  }

  @Test
  void tellsObserversWhatHappensToItBesides() throws InterruptedException {
    LiveTable<Integer, Item> items = items();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    items.observe(new Observer(seen, items));
    Connection connection = begin();
    assertEquals("rows 2 of 2", nextIn(seen));
    connection.send(
        "{\"type\":\"source\",\"ref\":\"s1\",\"state\":\"reconnecting\","
            + "\"since\":\"2026-01-01T00:00:00Z\"}");
    assertEquals("source reconnecting", nextIn(seen));
    connection.send(Wire.batch(at(6), 6, "{\"op\":\"delete\",\"row\":{\"id\":1}}"));
    assertEquals("batch of 1, 1 left", nextIn(seen));
    connection.send(
        "{\"type\":\"gap\",\"feed\":3,\"after\":\"%s\",\"upTo\":\"%s\",\"dropped\":3,"
                .formatted(at(6), at(9))
            + "\"reason\":\"drop-oldest\",\"recovery\":\"snapshot\"}");
    assertEquals("gap of 3", nextIn(seen));
  }

  @Test
  void tellsObserversOfItsEndOnceWhateverEndsIt() throws InterruptedException {
    LiveTable<Integer, Strict> strict = client.table(ALL, Strict.class, Strict::id);
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    strict.observe(new Observer(seen, strict));
    begin();
    String end = nextIn(seen);
    assertTrue(end.startsWith("ended: no object can be made of id="), end);

    strict.observe(new Observer(seen, strict)); // too late, and told so by the same thread
    assertEquals(end, seen.poll());
    client.close();
    assertEquals(null, seen.poll());
  }

  @Test
  void anObserverThatThrowsIsNoReasonNotToTellTheOthers() throws InterruptedException {
    LiveTable<Integer, Item> items = items();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    items.observe(
        new SubscriptionListener() {
          @Override
          public void onSnapshot(Subscription of, TableState state) {
            throw new IllegalStateException("as it is meant to");
          }
        });
    items.observe(new Observer(seen, items));
    begin();
    assertEquals("rows 2 of 2", nextIn(seen));
    assertEquals(1, client.figures().failures());
  }

  private static String nextIn(BlockingQueue<String> seen) throws InterruptedException {
    String next = seen.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return next == null ? "nothing" : next;
  }

  /** Writes down what it is told, and how many rows the table has then. */
  private record Observer(BlockingQueue<String> seen, LiveTable<?, ?> table)
      implements SubscriptionListener {
    @Override
    public void onSnapshot(Subscription of, TableState state) {
      seen.add("rows " + state.rows().size() + " of " + table.size());
    }

    @Override
    public void onBatch(Subscription of, TableBatch batch) {
      seen.add("batch of " + batch.changes().size() + ", " + table.size() + " left");
    }

    @Override
    public void onGap(Subscription of, Gap gap) {
      seen.add("gap of " + gap.dropped().orElse(-1));
    }

    @Override
    public void onSourceState(Subscription of, SourceState state) {
      seen.add("source " + state.state());
    }

    @Override
    public void onEnded(Subscription of, String reason) {
      seen.add("ended: " + reason);
    }
  }
}
