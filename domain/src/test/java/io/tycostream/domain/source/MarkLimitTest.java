package io.tycostream.domain.source;

import static io.tycostream.domain.source.ToldSource.KEYED;
import static io.tycostream.domain.source.ToldSource.NOW;
import static io.tycostream.domain.source.ToldSource.PLENTY;
import static io.tycostream.domain.source.ToldSource.assertTold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where marks may take nothing, a feed knows the last four of its batches and no more. */
final class MarkLimitTest {

  private static final Definition ALL_BUT_X =
      new Definition(
          new Filter.Compared("id", Filter.Comparison.NEQ, new Literal.Text("x")),
          Optional.empty(),
          false);

  private final ToldSource source = new ToldSource(KEYED, PLENTY, 0);

  @Test
  void whoIsFurtherBackIsToldOfAGapAndGetsTheRows() {
    Cursor cursor = cursor(source, OnGap.SNAPSHOT, Optional.empty());
    Told.all(cursor, NOW);
    source.insert("1", "2", "3", "4");
    assertTold(
        cursor,
        "batch 1 at 101: +1",
        "batch 2 at 102: +2",
        "batch 3 at 103: +3",
        "batch 4 at 104: +4");
    source.insert("5", "6", "7", "8", "9");
    assertTold(
        cursor,
        "lost 5 from 104 to 109: drop-oldest, snapshot",
        "rows [1, 2, 3, 4, 5, 6, 7, 8, 9] at 109 with seq 9",
        "reached 109");
  }

  @Test
  void whoFollowsEventsGoesOnWithWhatIsKnown() {
    Cursor cursor = cursor(source, OnGap.CONTINUE, Optional.empty());
    Told.all(cursor, NOW);
    source.insert("1", "2", "3", "4", "5");
    assertTold(
        cursor,
        "lost 1 from 100 to 101: drop-oldest, none",
        "batch 2 at 102: +2",
        "batch 3 at 103: +3",
        "batch 4 at 104: +4",
        "batch 5 at 105: +5");
  }

  @Test
  void whatWasGivenUpIsNotReplayed() {
    Cursor first = cursor(source, OnGap.SNAPSHOT, Optional.empty());
    Told.all(first, NOW);
    source.insert("1", "2", "3", "4", "5");
    assertEquals("began replay at 101 with seq 1", begins(101, OnGap.SNAPSHOT));
    assertEquals("began snapshot", begins(100, OnGap.SNAPSHOT));
    Cursor events = cursor(source, OnGap.CONTINUE, Optional.of(position(100)));
    assertTold(
        events,
        "began live at 101 with seq 1",
        "lost -1 from 100 to 101: history-expired, none",
        "status connecting",
        "batch 2 at 102: +2",
        "batch 3 at 103: +3",
        "batch 4 at 104: +4",
        "batch 5 at 105: +5",
        "reached 105");
  }

  /** What is shared lies before what the feed knows. */
  @Test
  void rowsFromBeforeWhatWasGivenUpAreNotBuiltOn() {
    Cursor busy = cursor(source, OnGap.SNAPSHOT, Optional.empty());
    ToldSource.takeRows(busy);
    source.insert("1", "2", "3", "4", "5");
    assertTold(
        cursor(source, OnGap.SNAPSHOT, Optional.empty()),
        "began snapshot",
        "rows [1, 2, 3, 4, 5] at 105 with seq 5",
        "status connecting",
        "reached 105");
  }

  /** A tail leads to where the log begins, and the feed knows less than the log. */
  @Test
  void whatLeftTheLogIsNotMergedWhereAPieceIsMissingBehindIt() {
    ToldSource small = new ToldSource(KEYED, 6, 0);
    Cursor busy = cursor(small, OnGap.SNAPSHOT, Optional.empty());
    ToldSource.takeRows(busy);
    small.insert("1", "2", "3", "4", "5", "6", "7", "8");
    assertTold(
        busy,
        "lost 8 from 100 to 108: drop-oldest, snapshot",
        "rows [1, 2, 3, 4, 5, 6, 7, 8] at 108 with seq 8",
        "reached 108");
  }

  /** Of the whole source there is nothing to mark. */
  @Test
  void whoFollowsAllOfASourceIsNotConcerned() {
    Cursor cursor = source.cursor(Terms.whole(Optional.empty()));
    Told.all(cursor, NOW);
    source.insert("1", "2", "3", "4", "5", "6");
    assertEquals(6, cursor.behind());
    assertTrue(Told.all(cursor, NOW).stream().allMatch(told -> told.startsWith("batch")));
  }

  private String begins(long time, OnGap onGap) {
    Cursor cursor = cursor(source, onGap, Optional.of(position(time)));
    String words = Told.words(cursor.next(NOW));
    cursor.close();
    return words;
  }

  private static Position position(long time) {
    return new Position("e", time, Derivation.of(ALL_BUT_X, KEYED).print(KEYED.print()));
  }

  private static Cursor cursor(ToldSource of, OnGap onGap, Optional<Position> after) {
    return of.cursor(new Terms(ALL_BUT_X, after, onGap == OnGap.SNAPSHOT, onGap, Buffer.DEFAULT));
  }
}
