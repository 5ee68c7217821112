package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a buffer for four changes, three seconds and one batch of three makes of what waits. */
final class WindowTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 0, RELATION.print());

  private final ChangeLog log =
      new ChangeLog(new HistoryLimits(10, Duration.ofDays(1), 1L << 40), RELATION, START);
  private final Feed feed = new Feed(Derivation.of(Definition.WHOLE, RELATION), log);
  private long next = 1;
  private Instant now = NOW;

  @Test
  void theOldestLeaveUntilTheRestIsHalfABuffer() {
    Window rows = window(DropPolicy.DROP_OLDEST, false);
    Window events = window(DropPolicy.DROP_OLDEST, true);
    assertEquals("none", move(rows));
    append(1, 1, 1, 1, 1); // four, and the newest
    assertEquals("deliver 1", move(rows));
    assertEquals("deliver 1", move(events));
    append(1);
    assertEquals("fold 4", move(rows));
    assertEquals("skip 4", move(events));
    next = 2;
    assertEquals("deliver 2", move(rows), "only what waits counts");
  }

  /** Else whoever reads slowly would be given large batches merged alone. */
  @Test
  void theNewestWaitsHoweverLargeItIs() {
    append(1, 1, 1, 1, 1, 3);
    assertEquals("fold 5", move(window(DropPolicy.DROP_OLDEST, false)));
    assertEquals("skip 5", move(window(DropPolicy.DROP_OLDEST, true)));
  }

  @Test
  void oneBatchIsNotFolded() {
    append(5, 1);
    assertEquals("deliver 1", move(window(DropPolicy.DROP_OLDEST, false)));
    assertEquals("skip 1", move(window(DropPolicy.DROP_OLDEST, true)));
  }

  @Test
  void aBatchThatIsLargerThanTheBufferIsDelivered() {
    append(9);
    for (DropPolicy policy : DropPolicy.values()) {
      if (policy.forEvents()) {
        assertEquals("deliver 1", move(window(policy, true)), policy::wire);
      }
      if (policy.forState()) {
        assertEquals("deliver 1", move(window(policy, false)), policy::wire);
      }
    }
  }

  @Test
  void whoeverHasToGiveWayHasLessRoom() {
    Window rows = window(DropPolicy.BY_PRIORITY, false);
    append(1, 1, 1, 1);
    assertEquals("deliver 1", move(rows));
    rows.allow(2);
    assertEquals("fold 3", move(rows));
    rows.allow(3);
    assertEquals("deliver 1", move(rows));
    rows.allow(Long.MAX_VALUE);
    append(1, 1);
    assertEquals("fold 4", move(rows), "never more than its own");
  }

  @Test
  void whatIsFoldedByWishIsFoldedAtOnce() {
    Window rows = window(DropPolicy.CONFLATE, false);
    append(1);
    assertEquals("deliver 1", move(rows));
    append(1);
    assertEquals("fold 2", move(rows));
    for (DropPolicy policy : DropPolicy.values()) {
      assertEquals(
          policy == DropPolicy.CONFLATE, window(policy, false).foldsSilently(), policy::wire);
    }
  }

  @Test
  void whatWaitedForLongerThanItsAgeLeaves() {
    Window rows = window(DropPolicy.BY_AGE, false);
    Window events = window(DropPolicy.BY_AGE, true);
    for (int second = 0; second < 4; second++) {
      now = NOW.plusSeconds(second);
      append(1);
    }
    assertEquals("deliver 1", move(rows));
    now = NOW.plusSeconds(4); // the second one is exactly as old as it may be
    assertEquals("deliver 1", move(rows));
    assertEquals("skip 1", move(events));
    now = now.plusNanos(1);
    assertEquals("fold 2", move(rows));
    now = NOW.plusSeconds(99);
    assertEquals("fold 4", move(rows));
    append(1, 1);
    now = NOW.plusSeconds(100);
    assertEquals("fold 4", move(rows), "by age, of which also the size is no more");
    now = NOW.plusSeconds(3);
    assertEquals("fold 4", move(rows), "by size, although none is old");
  }

  @Test
  void theNewestLeaveWhileWhatWasThereIsDelivered() {
    Window events = window(DropPolicy.DROP_NEWEST, true);
    append(1, 1, 1, 1, 1);
    assertEquals("deliver 1", move(events));
    append(1);
    for (next = 1; next <= 4; next++) {
      assertEquals("deliver " + next, move(events));
    }
    append(1);
    assertEquals("skip 7", move(events));
    next = 8;
    append(1, 1);
    assertEquals("deliver 8", move(events));
  }

  @Test
  void whatWasThereWhenTheBufferWasFullIsAsMuchAsItHolds() {
    Window events = window(DropPolicy.DROP_NEWEST, true);
    append(1, 1, 1, 1, 1, 1, 1, 1);
    for (next = 3; next <= 6; next++) {
      assertEquals("deliver " + next, move(events));
    }
    assertEquals("skip 8", move(events));
  }

  /** The writer may let go of all of it between two looks of a courier. */
  @Test
  void whatIsNotKnownAnyMoreKeepsNobodyLooking() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertEquals(8, Window.lastWithin(3, 9, seq -> -1, 4)));
    assertEquals(6, Window.lastWithin(3, 9, seq -> seq, 6));
    assertEquals(8, Window.lastWithin(3, 9, seq -> seq, 99));
    assertEquals(3, Window.lastWithin(3, 9, seq -> seq, 0), "the next one was there");
    assertEquals(3, Window.lastWithin(3, 4, seq -> -1, 4));
  }

  @Test
  void oneBatchOfThreeIsDeliveredUntilHalfABufferWaits() {
    Window events = window(DropPolicy.SAMPLE, true);
    append(1, 1, 1, 1, 1);
    assertEquals("deliver 1", move(events));
    append(1, 1, 1);
    assertEquals("skip 2", move(events));
    next = 3;
    assertEquals("deliver 3", move(events));
    next = 4; // five wait
    assertEquals("skip 5", move(events));
    next = 6;
    assertEquals("deliver 6", move(events));
    next = 7; // two wait
    assertEquals("deliver 7", move(events));
    next = 8;
    assertEquals("deliver 8", move(events));
  }

  @Test
  void theNewestIsNeverLeftOut() {
    Window events = window(DropPolicy.SAMPLE, true);
    append(5, 1);
    assertEquals("skip 1", move(events));
    next = 2;
    assertEquals("deliver 2", move(events));
  }

  @Test
  void whatTheLogLetGoOfHasLeft() {
    append(4, 4, 4);
    assertEquals("left", move(window(DropPolicy.CONFLATE, false)));
    next = 4;
    assertEquals("none", move(window(DropPolicy.CONFLATE, false)));
  }

  private static Window window(DropPolicy policy, boolean forEvents) {
    Buffer buffer = new Buffer(4, policy, 0.8, 0.95, Duration.ofSeconds(3), 3);
    return new Window(buffer, forEvents);
  }

  private String move(Window window) {
    return switch (window.move(feed, next, feed.changesUpTo(next - 1), now)) {
      case Window.Move.Deliver deliver -> "deliver " + deliver.batch().seq();
      case Window.Move.Fold fold -> "fold " + fold.upTo();
      case Window.Move.Skip skip -> "skip " + skip.upTo();
      case Window.Move.Left left -> "left";
      case Window.Move.None none -> "none";
    };
  }

  /** Batches with so many changes. */
  private void append(int... sizes) {
    for (int size : sizes) {
      List<Change> changes = Collections.nCopies(size, new Change.Insert(Row.of("1")));
      long time = log.head() + 1;
      log.append(new Batch(START.at(time - 1), START.at(time), changes, false), now);
    }
  }
}
