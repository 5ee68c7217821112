package io.tycostream.domain.source;

import static io.tycostream.domain.source.ToldSource.KEYED;
import static io.tycostream.domain.source.ToldSource.NOW;
import static io.tycostream.domain.source.ToldSource.PLENTY;
import static io.tycostream.domain.source.ToldSource.ROOM;
import static io.tycostream.domain.source.ToldSource.assertTold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.log.DropPolicy;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a subscription is told while it goes on, delivery by delivery. */
final class FollowingTest {

  @Test
  void whatIsDroppedIsCounted() {
    ToldSource source = new ToldSource(KEYED, PLENTY);
    Cursor cursor = source.events(DropPolicy.DROP_OLDEST, 4, false);
    assertTold(cursor, "began live at 100 with seq 0", "status connecting", "reached 100");
    source.insert("1", "2", "3", "4", "5", "6");
    assertTold(
        cursor,
        "lost 4 from 100 to 104: drop-oldest, none",
        "batch 5 at 105: +5",
        "batch 6 at 106: +6");
    source.insert("7", "8", "9", "10", "11", "12");
    assertTold(
        cursor,
        "lost 4 from 106 to 110: drop-oldest, none",
        "batch 11 at 111: +11",
        "batch 12 at 112: +12");
  }

  @Test
  void whatHasLeftTheLogIsCountedToo() {
    ToldSource source = new ToldSource(KEYED, 2);
    Cursor cursor = source.events(DropPolicy.DROP_OLDEST, 4, true);
    assertTold(
        cursor, "began snapshot", "rows [] at 100 with seq 0", "status connecting", "reached 100");
    source.insert("1", "2", "3");
    assertTold(
        cursor,
        "lost 1 from 100 to 101: drop-oldest, none",
        "batch 2 at 102: +2",
        "batch 3 at 103: +3");
  }

  @Test
  void itTellsHowFarItIsAndWhatWaits() {
    ToldSource source = new ToldSource(KEYED, PLENTY);
    Cursor cursor = source.state(DropPolicy.BY_PRIORITY, 4);
    assertEquals(Optional.empty(), cursor.feed());
    assertEquals(0, cursor.read());
    assertEquals(0, cursor.behind());
    Told.all(cursor, NOW);
    assertEquals(Definition.WHOLE, cursor.feed().orElseThrow().derivation().definition());
    assertEquals(0, cursor.behind());
    source.insert("1", "2", "3", "4");
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
    ToldSource source = new ToldSource(KEYED, PLENTY);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    source.insert("1", "2", "3");
    assertTold(cursor, "merged 3 to 3 at 103: +1 +2 +3");
  }

  @Test
  void aFoldWithADifferenceInItIsOne() {
    ToldSource source = new ToldSource(KEYED, PLENTY);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    source.insert("1", "2");
    source.load(KEYED, "2", "3");
    source.insert("4");
    assertTold(cursor, "merged 4 to 4 at 104: +2 +3 +4, resync");
    source.insert("5", "6");
    assertTold(cursor, "merged 2 to 6 at 106: +5 +6");
  }

  @Test
  void aFoldGivesBackWhatItDoesNotNeed() {
    ToldSource source = new ToldSource(KEYED, PLENTY);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    for (int i = 0; i < 50; i++) { // comes to nothing, and would take more than half the room
      source.insert("1" + "x".repeat(500));
      source.delete("1" + "x".repeat(500));
    }
    assertTrue(cursor.next(NOW) instanceof Delivery.Merged);
    source.assertRoom(ROOM - 1_000);
  }

  /** The writer comes between: it lets go of the second batch while the first is being folded. */
  @Test
  void whatLeavesTheLogWhileItIsFoldedIsReplacedByAllRows() throws Exception {
    ToldSource source = new ToldSource(KEYED, 2);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 9);
    Told.all(cursor, NOW);
    source.insert("1", "2");
    AtomicReference<Thread> reader = new AtomicReference<>();
    try (var threads =
        Executors.newSingleThreadExecutor(task -> {
          reader.set(new Thread(task));
          return reader.get();
        })) {
      Future<Delivery> next;
      synchronized (source.source()) { // whoever folds asks for room
        next = threads.submit(() -> cursor.next(NOW));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (reader.get().getState() != Thread.State.BLOCKED) {
          assertTrue(System.nanoTime() < deadline, "it never asks for room");
          Thread.onSpinWait();
        }
        source.insert("3", "4");
      }
      assertEquals("lost 4 from 100 to 104: conflate, snapshot", Told.words(next.get()));
    }
    source.assertRoom(ROOM);
    assertTold(cursor, "rows [1, 2, 3, 4] at 104 with seq 4", "reached 104");
  }
}
