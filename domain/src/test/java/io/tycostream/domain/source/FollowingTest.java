package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * What a subscription is told while it goes on, delivery by delivery. A source begins at 100, and
 * each of its moments is one later.
 */
final class FollowingTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<Column> ID = List.of(new Column("id", "text"));
  private static final Relation KEYED = new Relation("public.t", "1", ID, List.of("id"));
  private static final Relation KEYLESS = new Relation("public.t", "1", ID, List.of());
  private static final long PLENTY = 1L << 40;

  /** What is merged for readers, and a log, take so much at the most. */
  private static final long ROOM = 100_000;

  private long time = 100;

  @Test
  void whatIsDroppedIsCounted() {
    Source source = source(KEYED, PLENTY);
    Cursor cursor = events(source, DropPolicy.DROP_OLDEST, 4, false);
    assertTold(cursor, "began live at 100 with seq 0", "status connecting", "reached 100");
    insert(source, "1", "2", "3", "4", "5", "6");
    assertTold(
        cursor,
        "lost 4 from 100 to 104: drop-oldest, none",
        "batch 5 at 105: +5",
        "batch 6 at 106: +6");
    insert(source, "7", "8", "9", "10", "11", "12");
    assertTold(
        cursor,
        "lost 4 from 106 to 110: drop-oldest, none",
        "batch 11 at 111: +11",
        "batch 12 at 112: +12");
  }

  @Test
  void whatHasLeftTheLogIsCountedToo() {
    Source source = source(KEYED, 2);
    Cursor cursor = events(source, DropPolicy.DROP_OLDEST, 4, true);
    assertTold(
        cursor, "began snapshot", "rows [] at 100 with seq 0", "status connecting", "reached 100");
    insert(source, "1", "2", "3");
    assertTold(
        cursor,
        "lost 1 from 100 to 101: drop-oldest, none",
        "batch 2 at 102: +2",
        "batch 3 at 103: +3");
  }

  @Test
  void itTellsHowFarItIsAndWhatWaits() {
    Source source = source(KEYED, PLENTY);
    Cursor cursor = state(source, DropPolicy.BY_PRIORITY, 4);
    assertEquals(Optional.empty(), cursor.feed());
    assertEquals(0, cursor.read());
    assertEquals(0, cursor.behind());
    Told.all(cursor, NOW);
    assertEquals(Definition.WHOLE, cursor.feed().orElseThrow().derivation().definition());
    assertEquals(0, cursor.behind());
    insert(source, "1", "2", "3", "4");
    assertEquals(0, cursor.read());
    assertEquals(4, cursor.behind());
    cursor.next(NOW);
    assertEquals(1, cursor.read());
    assertEquals(3, cursor.behind());
    cursor.allow(0); // the newest is not counted
    assertTold(
        cursor,
        "lost 2 from 101 to 103: by-priority, fold",
        "merged 2 to 3 at 103: +2 +3",
        "batch 4 at 104: +4");
  }

  @Test
  void whatIsFoldedIsAllThatIsThere() {
    Source source = source(KEYED, PLENTY);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    insert(source, "1", "2", "3");
    assertTold(cursor, "merged 3 to 3 at 103: +1 +2 +3");
  }

  @Test
  void aFoldWithADifferenceInItIsOne() {
    Source source = source(KEYED, PLENTY);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    insert(source, "1", "2");
    load(source, KEYED, "2", "3");
    insert(source, "4");
    assertTold(cursor, "merged 4 to 4 at 104: +2 +3 +4, resync");
    insert(source, "5", "6");
    assertTold(cursor, "merged 2 to 6 at 106: +5 +6");
  }

  @Test
  void aFoldGivesBackWhatItDoesNotNeed() {
    Source source = source(KEYED, PLENTY);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    for (int i = 0; i < 50; i++) { // comes to nothing, and would take more than half the room
      insert(source, "1" + "x".repeat(500));
      delete(source, "1" + "x".repeat(500));
    }
    assertTrue(cursor.next(NOW) instanceof Delivery.Merged);
    assertRoom(source, ROOM - 1_000);
  }

  @Test
  void whatLeavesTheLogDuringAMergedBatchComesMergedBehindIt() {
    Source source = source(KEYED, 2);
    ChangeLog log = source.generation().orElseThrow().log();
    Cursor cursor = state(source, DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    insert(source, "1", "2");
    assertEquals("merged 2 to 2 at 102: +1 +2", Told.words(cursor.next(NOW)));
    insert(source, "3", "4", "5", "6");
    assertTrue(log.canHold(2), "it is kept for the one that is busy");
    assertEquals("merged 2 to 4 at 104: +3 +4", Told.words(cursor.next(NOW)));
    assertFalse(log.canHold(2), "that one has it");
    assertTold(cursor, "merged 2 to 6 at 106: +5 +6");
    insert(source, "7", "8", "9");
    assertFalse(log.canHold(4), "nothing had left behind it");
    assertFalse(log.canHold(6), "nor behind this");
  }

  @Test
  void whatLeavesTheLogAndIsNotShownIsNotTold() {
    Source source = source(KEYED, 2);
    Filter where = new Filter.Compared("id", Filter.Comparison.EQ, new Literal.Text("9"));
    Definition nine = new Definition(where, Optional.empty(), false);
    Terms terms = new Terms(nine, Optional.empty(), true, OnGap.SNAPSHOT, Buffer.DEFAULT);
    Cursor cursor = new Cursor(source, terms, NOW, PATIENCE, () -> {});
    takeRows(cursor);
    insert(source, "1", "2", "3");
    assertTold(cursor, "reached 103");
    insert(source, "9");
    assertTold(cursor, "batch 1 at 104: +9");
  }

  @Test
  void whatGrewTooLargeWhileItWasKeptIsReplacedByAllRows() {
    Source source = source(KEYED, 2);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 4);
    takeRows(cursor);
    for (int i = 1; i <= 200; i++) {
      insert(source, i + "x".repeat(1_000));
    }
    assertEquals("lost 200 from 100 to 300: conflate, snapshot", Told.words(cursor.next(NOW)));
    assertTrue(cursor.next(NOW) instanceof Delivery.Everything);
    assertTold(cursor, "reached 300");
  }

  @Test
  void rowsThatAreOlderThanTheLogAreCountedAsWhatTheyAre() {
    Source source = source(KEYED, 0);
    List<Cursor> busy = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Cursor each = state(source, DropPolicy.DROP_OLDEST, 9);
      takeRows(each);
      busy.add(each);
      insert(source, "1" + i, "2" + i);
    }
    Cursor sharing = state(source, DropPolicy.DROP_OLDEST, 9);
    assertEquals("began snapshot", Told.words(sharing.next(NOW)));
    assertEquals("rows [10, 11, 12, 20, 21, 22] at 106 with seq 6", Told.words(sharing.next(NOW)));
    assertEquals(6, sharing.read());
    assertEquals(2, sharing.behind());
    busy.forEach(Cursor::close);
  }

  @Test
  void whoFollowsEventsHasNothingKept() {
    Source source = source(KEYED, 2);
    Cursor cursor = events(source, DropPolicy.DROP_OLDEST, 9, true);
    takeRows(cursor);
    insert(source, "1", "2", "3");
    assertFalse(source.generation().orElseThrow().log().canHold(0));
  }

  @Test
  void whoLeavesHasNothingKept() {
    Source source = source(KEYED, 2);
    Cursor cursor = state(source, DropPolicy.DROP_OLDEST, 9);
    takeRows(cursor);
    insert(source, "1", "2", "3");
    ChangeLog log = source.generation().orElseThrow().log();
    assertTrue(log.canHold(0));
    cursor.close();
    assertFalse(log.canHold(0));
    assertEquals(new Delivery.Nothing(), cursor.next(NOW));
  }

  @Test
  void ofAnotherShapeNothingOfTheFormerOneIsKept() {
    Source source = source(KEYED, 2);
    Cursor cursor = state(source, DropPolicy.DROP_OLDEST, 9);
    takeRows(cursor);
    Generation former = source.generation().orElseThrow();
    insert(source, "1", "2", "3");
    Relation other = new Relation("public.t", "2", KEYED.columns(), List.of());
    load(source, other, "4");
    assertTold(
        cursor,
        "lost -1 from 100 to 104: source-reset, snapshot",
        "began snapshot",
        "rows [4] at 104 with seq 0",
        "status connecting",
        "reached 104");
    assertFalse(former.log().canHold(0));
    for (int tick = 0; tick <= 30; tick++) {
      former.tick();
    }
    assertEquals(List.of(), List.copyOf(former.feeds().feeds()));
  }

  /** Copies of rows are told as many as come and go, which of a difference nobody knows. */
  @Test
  void withoutAKeyADifferenceIsNoneOfTheEvents() {
    Source source = source(KEYLESS, PLENTY);
    Cursor cursor = events(source, DropPolicy.DROP_OLDEST, 9, false);
    Told.all(cursor, NOW);
    insert(source, "1");
    load(source, KEYLESS, "2", "3");
    insert(source, "4");
    assertTold(
        cursor,
        "batch 1 at 101: +1",
        "lost -1 from 101 to 102: history-expired, none",
        "batch 3 at 103: +4");
  }

  @Test
  void withoutAKeyADifferenceIsReplacedByAllRows() {
    Source source = source(KEYLESS, PLENTY);
    Cursor cursor = state(source, DropPolicy.DROP_OLDEST, 9);
    Told.all(cursor, NOW);
    insert(source, "1");
    load(source, KEYLESS, "2", "3");
    assertTold(
        cursor,
        "batch 1 at 101: +1",
        "lost -1 from 101 to 102: history-expired, snapshot",
        "rows [2, 3] at 102 with seq 2",
        "reached 102");
  }

  @Test
  void withoutAKeyWhoComesBehindADifferenceIsGivenAllRowsOnce() {
    Source source = source(KEYLESS, PLENTY);
    takeRows(state(source, DropPolicy.DROP_OLDEST, 9)); // of before, and shared
    load(source, KEYLESS, "2", "3");
    assertTold(
        state(source, DropPolicy.DROP_OLDEST, 9),
        "began snapshot",
        "rows [2, 3] at 101 with seq 1",
        "status connecting",
        "reached 101");
  }

  @Test
  void withoutAKeyAFoldWithADifferenceInItIsReplacedByAllRows() {
    Source source = source(KEYLESS, PLENTY);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 9);
    Told.all(cursor, NOW);
    insert(source, "1");
    load(source, KEYLESS, "2", "3");
    insert(source, "4");
    assertEquals("lost 5 from 100 to 103: conflate, snapshot", Told.words(cursor.next(NOW)));
    assertRoom(source, ROOM);
    assertTold(cursor, "rows [2, 3, 4] at 103 with seq 3", "reached 103");
    insert(source, "4", "5");
    assertTold(cursor, "merged 2 to 5 at 105: +4 +5");
  }

  @Test
  void withoutAKeyWhatWasKeptIsToldAsCopies() {
    Source source = source(KEYLESS, 2);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 9);
    takeRows(cursor);
    insert(source, "1", "1", "2", "3");
    assertTold(cursor, "merged 2 to 2 at 102: +1 +1", "merged 2 to 4 at 104: +2 +3", "reached 104");
  }

  @Test
  void withoutAKeyADifferenceThatWasKeptIsReplacedByAllRows() {
    Source source = source(KEYLESS, 2);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 9);
    takeRows(cursor);
    load(source, KEYLESS, "1", "2");
    insert(source, "3", "4");
    assertEquals("lost 4 from 100 to 103: conflate, snapshot", Told.words(cursor.next(NOW)));
    assertRoom(source, ROOM);
    assertTold(cursor, "rows [1, 2, 3, 4] at 103 with seq 3", "reached 103");
  }

  /** What leaves the log while it waits follows nothing that it has. */
  @Test
  void whoWaitsForAllRowsInPlaceOfWhatWasKeptIsGivenThem() {
    Source source = source(KEYLESS, 0);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 9);
    takeRows(cursor);
    List<Cursor> busy = new ArrayList<>();
    for (int i = 0; i < 4; i++) { // the first one shares what the cursor has
      Cursor each = state(source, DropPolicy.CONFLATE, 9);
      takeRows(each);
      busy.add(each);
      insert(source, "" + i);
    }
    load(source, KEYLESS, "7", "8");
    assertTold(cursor);
    insert(source, "9");
    assertTold(cursor);
    busy.getFirst().close();
    assertTold(
        cursor,
        "lost 11 from 100 to 106: conflate, snapshot",
        "rows [7, 8, 9] at 106 with seq 6",
        "reached 106");
    busy.forEach(Cursor::close);
  }

  /** The writer comes between: it lets go of the second batch while the first is being folded. */
  @Test
  void whatLeavesTheLogWhileItIsFoldedIsReplacedByAllRows() throws Exception {
    Source source = source(KEYED, 2);
    Cursor cursor = state(source, DropPolicy.CONFLATE, 9);
    Told.all(cursor, NOW);
    insert(source, "1", "2");
    AtomicReference<Thread> reader = new AtomicReference<>();
    try (var threads =
        Executors.newSingleThreadExecutor(task -> {
          reader.set(new Thread(task));
          return reader.get();
        })) {
      Future<Delivery> next;
      synchronized (source) { // whoever folds asks for room
        next = threads.submit(() -> cursor.next(NOW));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (reader.get().getState() != Thread.State.BLOCKED) {
          assertTrue(System.nanoTime() < deadline, "it never asks for room");
          Thread.onSpinWait();
        }
        insert(source, "3", "4");
      }
      assertEquals("lost 4 from 100 to 104: conflate, snapshot", Told.words(next.get()));
    }
    assertRoom(source, ROOM);
    assertTold(cursor, "rows [1, 2, 3, 4] at 104 with seq 4", "reached 104");
  }

  private void assertTold(Cursor cursor, String... words) {
    assertEquals(Arrays.asList(words), Told.all(cursor, NOW));
  }

  /** So much can be merged for others. */
  private static void assertRoom(Source source, long bytes) {
    Portion one = new Portion(source);
    assertTrue(one.reaches(1));
    assertTrue(one.reaches(bytes));
    one.giveBack();
  }

  /** The client is busy with all rows from now on. */
  private static void takeRows(Cursor cursor) {
    assertEquals("began snapshot", Told.words(cursor.next(NOW)));
    assertTrue(cursor.next(NOW) instanceof Delivery.Everything);
    assertEquals("status connecting", Told.words(cursor.next(NOW)));
  }

  private Source source(Relation relation, long maxEvents) {
    HistoryLimits history = new HistoryLimits(maxEvents, Duration.ofDays(1), ROOM);
    Source source = new Source("t", new SourceLimits(history, PLENTY, PLENTY), NOW);
    source.load(relation, new Position("e", time, relation.print()), List.of(), NOW);
    return source;
  }

  private void load(Source source, Relation relation, String... ids) {
    List<Row> rows = Arrays.stream(ids).map(Row::of).toList();
    source.load(relation, new Position("e", ++time, relation.print()), rows, NOW);
  }

  /** A moment for each. */
  private void insert(Source source, String... ids) {
    for (String id : ids) {
      source.apply(++time, List.of(new RowEvent.Inserted(Row.of(id))), NOW);
    }
  }

  private void delete(Source source, String id) {
    Change.Delete gone = new Change.Delete(Row.of(id));
    source.apply(++time, List.of(new RowEvent.Deleted(KEYED.keyOf(gone.before()))), NOW);
  }

  private static Cursor state(Source source, DropPolicy policy, long maxSize) {
    return cursor(source, policy, maxSize, OnGap.SNAPSHOT, true);
  }

  private static Cursor events(Source source, DropPolicy policy, long maxSize, boolean rows) {
    return cursor(source, policy, maxSize, OnGap.CONTINUE, rows);
  }

  private static Cursor cursor(
      Source source, DropPolicy policy, long maxSize, OnGap onGap, boolean rows) {
    Buffer buffer = new Buffer(maxSize, policy, 0.8, 0.95, Duration.ofDays(1), 1);
    Terms terms = new Terms(Definition.WHOLE, Optional.empty(), rows, onGap, buffer);
    return new Cursor(source, terms, NOW, PATIENCE, () -> {});
  }
}
