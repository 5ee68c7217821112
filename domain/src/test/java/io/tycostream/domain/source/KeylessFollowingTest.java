package io.tycostream.domain.source;

import static io.tycostream.domain.source.ToldSource.KEYLESS;
import static io.tycostream.domain.source.ToldSource.NOW;
import static io.tycostream.domain.source.ToldSource.PLENTY;
import static io.tycostream.domain.source.ToldSource.ROOM;
import static io.tycostream.domain.source.ToldSource.assertTold;
import static io.tycostream.domain.source.ToldSource.takeRows;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.log.DropPolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a subscription to rows without a key is told: copies as they come and go. Of a difference
 * nobody knows those, and all rows come in its place.
 */
final class KeylessFollowingTest {

  @Test
  void withoutAKeyADifferenceIsNoneOfTheEvents() {
    ToldSource source = new ToldSource(KEYLESS, PLENTY);
    Cursor cursor = source.events(DropPolicy.DROP_OLDEST, 9, false);
    Told.all(cursor, NOW);
    source.insert("1");
    source.load(KEYLESS, "2", "3");
    source.insert("4");
    assertTold(
        cursor,
        "batch 1 at 101: +1",
        "lost -1 from 101 to 102: history-expired, none",
        "batch 3 at 103: +4");
  }

  @Test
  void withoutAKeyADifferenceIsReplacedByAllRows() {
    ToldSource source = new ToldSource(KEYLESS, PLENTY);
    Cursor cursor = source.state(DropPolicy.DROP_OLDEST, 9);
    Told.all(cursor, NOW);
    source.insert("1");
    source.load(KEYLESS, "2", "3");
    assertTold(
        cursor,
        "batch 1 at 101: +1",
        "lost -1 from 101 to 102: history-expired, snapshot",
        "rows [2, 3] at 102 with seq 2",
        "reached 102");
  }

  @Test
  void withoutAKeyWhoComesBehindADifferenceIsGivenAllRowsOnce() {
    ToldSource source = new ToldSource(KEYLESS, PLENTY);
    takeRows(source.state(DropPolicy.DROP_OLDEST, 9)); // of before, and shared
    source.load(KEYLESS, "2", "3");
    assertTold(
        source.state(DropPolicy.DROP_OLDEST, 9),
        "began snapshot",
        "rows [2, 3] at 101 with seq 1",
        "status connecting",
        "reached 101");
  }

  @Test
  void withoutAKeyAFoldWithADifferenceInItIsReplacedByAllRows() {
    ToldSource source = new ToldSource(KEYLESS, PLENTY);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 9);
    Told.all(cursor, NOW);
    source.insert("1");
    source.load(KEYLESS, "2", "3");
    source.insert("4");
    assertEquals("lost 5 from 100 to 103: conflate, snapshot", Told.words(cursor.next(NOW)));
    source.assertRoom(ROOM);
    assertTold(cursor, "rows [2, 3, 4] at 103 with seq 3", "reached 103");
    source.insert("4", "5");
    assertTold(cursor, "merged 2 to 5 at 105: +4 +5");
  }

  @Test
  void withoutAKeyWhatWasKeptIsToldAsCopies() {
    ToldSource source = new ToldSource(KEYLESS, 2);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 9);
    takeRows(cursor);
    source.insert("1", "1", "2", "3");
    assertTold(cursor, "merged 2 to 2 at 102: +1 +1", "merged 2 to 4 at 104: +2 +3", "reached 104");
  }

  @Test
  void withoutAKeyADifferenceThatWasKeptIsReplacedByAllRows() {
    ToldSource source = new ToldSource(KEYLESS, 2);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 9);
    takeRows(cursor);
    source.load(KEYLESS, "1", "2");
    source.insert("3", "4");
    assertEquals("lost 4 from 100 to 103: conflate, snapshot", Told.words(cursor.next(NOW)));
    source.assertRoom(ROOM);
    assertTold(cursor, "rows [1, 2, 3, 4] at 103 with seq 3", "reached 103");
  }

  /** What leaves the log while it waits follows nothing that it has. */
  @Test
  void whoWaitsForAllRowsInPlaceOfWhatWasKeptIsGivenThem() {
    ToldSource source = new ToldSource(KEYLESS, 0);
    Cursor cursor = source.state(DropPolicy.CONFLATE, 9);
    takeRows(cursor);
    List<Cursor> busy = new ArrayList<>();
    for (int i = 0; i < 4; i++) { // the first one shares what the cursor has
      Cursor each = source.state(DropPolicy.CONFLATE, 9);
      takeRows(each);
      busy.add(each);
      source.insert("" + i);
    }
    source.load(KEYLESS, "7", "8");
    assertTold(cursor);
    source.insert("9");
    assertTold(cursor);
    busy.getFirst().close();
    assertTold(
        cursor,
        "lost 11 from 100 to 106: conflate, snapshot",
        "rows [7, 8, 9] at 106 with seq 6",
        "reached 106");
    busy.forEach(Cursor::close);
  }
}
