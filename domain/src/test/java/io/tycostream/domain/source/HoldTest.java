package io.tycostream.domain.source;

import static io.tycostream.domain.source.ToldSource.KEYED;
import static io.tycostream.domain.source.ToldSource.NOW;
import static io.tycostream.domain.source.ToldSource.assertTold;
import static io.tycostream.domain.source.ToldSource.takeRows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is kept for a client while it is busy, and until when. */
final class HoldTest {

  @Test
  void whatLeavesTheLogDuringAMergedBatchComesMergedBehindIt() {
    ToldSource source = new ToldSource(KEYED, 2);
    ChangeLog log = source.log();
    Cursor cursor = source.state(DropPolicy.CONFLATE, 4);
    Told.all(cursor, NOW);
    source.insert("1", "2");
    assertEquals("merged 2 to 2 at 102: +1 +2", Told.words(cursor.next(NOW)));
    source.insert("3", "4", "5", "6");
    assertTrue(log.canHold(2), "it is kept for the one that is busy");
    assertEquals("merged 2 to 4 at 104: +3 +4", Told.words(cursor.next(NOW)));
    assertFalse(log.canHold(2), "that one has it");
    assertTold(cursor, "merged 2 to 6 at 106: +5 +6");
    source.insert("7", "8", "9");
    assertFalse(log.canHold(4), "nothing had left behind it");
    assertFalse(log.canHold(6), "nor behind this");
  }

  @Test
  void whatLeavesTheLogAndIsNotShownIsNotTold() {
    ToldSource source = new ToldSource(KEYED, 2);
    Filter where = new Filter.Compared("id", Filter.Comparison.EQ, new Literal.Text("9"));
    Definition nine = new Definition(where, Optional.empty(), false);
    Terms terms = new Terms(nine, Optional.empty(), true, OnGap.SNAPSHOT, Buffer.DEFAULT);
    Cursor cursor = source.cursor(terms);
    takeRows(cursor);
    source.insert("1", "2", "3");
    assertTold(cursor, "reached 103");
    source.insert("9");
    assertTold(cursor, "batch 1 at 104: +9");
  }

  @Test
  void whatGrewTooLargeWhileItWasKeptIsReplacedByAllRows() {
    ToldSource source = new ToldSource(KEYED, 2);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 4);
    takeRows(cursor);
    for (int i = 1; i <= 200; i++) {
      source.insert(i + "x".repeat(1_000));
    }
    assertEquals("lost 200 from 100 to 300: conflate, snapshot", Told.words(cursor.next(NOW)));
    assertTrue(cursor.next(NOW) instanceof Delivery.Everything);
    assertTold(cursor, "reached 300");
  }

  @Test
  void rowsThatAreOlderThanTheLogAreCountedAsWhatTheyAre() {
    ToldSource source = new ToldSource(KEYED, 0);
    List<Cursor> busy = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Cursor each = source.state(DropPolicy.DROP_OLDEST, 9);
      takeRows(each);
      busy.add(each);
      source.insert("1" + i, "2" + i);
    }
    Cursor sharing = source.state(DropPolicy.DROP_OLDEST, 9);
    assertEquals("began snapshot", Told.words(sharing.next(NOW)));
    assertEquals("rows [10, 11, 12, 20, 21, 22] at 106 with seq 6", Told.words(sharing.next(NOW)));
    assertEquals(6, sharing.read());
    assertEquals(2, sharing.behind());
    busy.forEach(Cursor::close);
  }

  @Test
  void whoFollowsEventsHasNothingKept() {
    ToldSource source = new ToldSource(KEYED, 2);
    Cursor cursor = source.events(DropPolicy.DROP_OLDEST, 9, true);
    takeRows(cursor);
    source.insert("1", "2", "3");
    assertFalse(source.log().canHold(0));
  }

  @Test
  void whoLeavesHasNothingKept() {
    ToldSource source = new ToldSource(KEYED, 2);
    Cursor cursor = source.state(DropPolicy.DROP_OLDEST, 9);
    takeRows(cursor);
    source.insert("1", "2", "3");
    ChangeLog log = source.log();
    assertTrue(log.canHold(0));
    cursor.close();
    assertFalse(log.canHold(0));
    assertEquals(new Delivery.Nothing(), cursor.next(NOW));
  }

  @Test
  void ofAnotherShapeNothingOfTheFormerOneIsKept() {
    ToldSource source = new ToldSource(KEYED, 2);
    Cursor cursor = source.state(DropPolicy.DROP_OLDEST, 9);
    takeRows(cursor);
    Generation former = source.generation();
    source.insert("1", "2", "3");
    Relation other = ToldSource.relation("2", List.of());
    source.load(other, "4");
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
}
