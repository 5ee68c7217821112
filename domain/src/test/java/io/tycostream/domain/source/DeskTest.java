package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whom a desk with room for a hundred bytes gives what, and whom it has woken. */
final class DeskTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());

  private final Desk desk = new Desk(100);
  private final View rows = new View(RELATION, List.of(Row.of("1")));

  /** The present one, with room for one change in its log. */
  private final Generation generation = generation();

  private final Feed whole = feed(Definition.WHOLE);

  private static Generation generation() {
    HistoryLimits history = new HistoryLimits(1, Duration.ofDays(1), 1L << 40);
    return new Generation(RELATION, START, new SourceLimits(history, 99, 1L << 40), NOW);
  }

  private Feed feed(Definition definition) {
    Derivation derivation = Derivation.of(definition, RELATION);
    return generation.follow(derivation);
  }

  @Test
  void thereIsAsMuchRoomAsIsWishedAndAsIsLeft() {
    assertEquals(30, desk.takeRoom(10, 30));
    assertEquals(20, desk.takeRoom(20, 20));
    assertEquals(50, desk.takeRoom(10, 60));
    assertEquals(0, desk.takeRoom(1, 1));
    desk.giveRoom(50);
    assertEquals(50, desk.takeRoom(50, 50), "just as much as is left");
  }

  @Test
  void whoIsAloneIsGivenTheLeastHoweverMuchItIs() {
    assertEquals(101, desk.takeRoom(101, 300));
    assertEquals(0, desk.takeRoom(1, 1));
    assertTrue(desk.giveRoom(101));
    assertEquals(1, desk.takeRoom(1, 1));
    assertEquals(0, desk.takeRoom(100, 100), "not alone any more");
  }

  @Test
  void whoWaitsForRoomIsWokenOnceHalfOfItIsFree() {
    assertEquals(100, desk.takeRoom(100, 100));
    assertFalse(desk.giveRoom(60), "nobody waits");
    assertEquals(0, desk.takeRoom(61, 61));
    assertEquals(60, desk.takeRoom(60, 60));
    assertFalse(desk.giveRoom(49));
    assertTrue(desk.giveRoom(1));
    assertFalse(desk.giveRoom(50), "all have been woken");
  }

  @Test
  void aSnapshotIsSharedWhileTheLogReachesBackToIt() {
    SourceSnapshot first = take(whole).orElseThrow();
    assertSame(first, take(whole).orElseThrow());
    append(); // stays in the log
    assertSame(first, take(whole).orElseThrow());
    append();
    assertNotSame(first, take(whole).orElseThrow());
  }

  @Test
  void aSnapshotIsFreshOnceTheSharedOneIsForgotten() {
    SourceSnapshot first = take(whole).orElseThrow();
    desk.forget();
    assertEquals(Optional.empty(), desk.shared());
    SourceSnapshot second = take(whole).orElseThrow();
    assertNotSame(first, second);
    assertEquals(Optional.of(second), desk.shared());
  }

  @Test
  void whoWaitsForASnapshotIsWokenWhenAllAreDoneWithOne() {
    SourceSnapshot first = take(whole).orElseThrow();
    assertSame(first, take(whole).orElseThrow());
    assertSame(first, take(whole).orElseThrow());
    SourceSnapshot second = fresh();
    fresh();
    fresh();
    Position further = START.at(200);
    assertEquals(Optional.empty(), take(whole, Optional.of(further)));
    assertFalse(desk.done(first));
    assertFalse(desk.done(first));
    assertTrue(desk.done(first));
    assertFalse(desk.done(second), "all have been woken");
  }

  @Test
  void nobodyIsWokenWhoDoesNotWait() {
    SourceSnapshot first = take(whole).orElseThrow();
    assertFalse(desk.done(first));
  }

  @Test
  void theNewestOfTheBusyOnesIsSharedByWhoComesToo() {
    fourBusy();
    SourceSnapshot newest = desk.shared().orElseThrow();
    desk.forget();
    assertSame(newest, take(whole).orElseThrow());
  }

  /** What has left the log behind it is told to nobody any more. */
  @Test
  void aBusySnapshotIsNotSharedWhenTheLogHasForgottenWhatFollows() {
    fourBusy();
    append();
    append();
    assertEquals(Optional.empty(), take(whole));
  }

  /** Whoever is given it is told what has left meanwhile, merged. */
  @Test
  void aBusySnapshotIsSharedWhileWhatFollowsIsKeptForAnother() {
    fourBusy();
    SourceSnapshot newest = desk.shared().orElseThrow();
    generation.log().hold(newest.index());
    append();
    append();
    assertSame(newest, take(whole).orElseThrow());
    Feed opened = feed(new Definition(new Filter.IsNull("id", true), Optional.empty(), false));
    assertEquals(Optional.empty(), take(opened), "it knows nothing of what has left");
  }

  @Test
  void aBusySnapshotIsSharedByANewFeedWhileAllThatFollowsIsInTheLog() {
    append();
    append(); // the first has left
    fourBusy(); // behind the second
    SourceSnapshot newest = desk.shared().orElseThrow();
    append(); // the second has left, which need not be known
    desk.forget();
    Feed opened = feed(new Definition(new Filter.IsNull("id", true), Optional.empty(), false));
    assertSame(newest, take(opened).orElseThrow());
  }

  @Test
  void aSnapshotOfAFormerGenerationIsGivenToNobody() {
    SourceSnapshot present = take(whole).orElseThrow();
    Generation former = generation();
    for (int i = 0; i < 9; i++) {
      append(former);
    }
    for (int i = 0; i < 3; i++) {
      desk.forget();
      desk.take(former, whole, rows, Optional.empty(), NOW);
    }
    desk.forget();
    assertSame(present, take(whole).orElseThrow());
    append();
    append();
    assertEquals(Optional.empty(), take(whole), "no other is of this one");
  }

  /** Else nobody could go on with a new shape before those with a former one are done. */
  @Test
  void ofThePresentGenerationThereIsAlwaysOne() {
    Generation former = generation();
    for (int i = 0; i < 4; i++) {
      desk.forget();
      assertTrue(desk.take(former, whole, rows, Optional.empty(), NOW).isPresent());
    }
    SourceSnapshot first = fresh();
    assertSame(generation, first.generation());
    desk.forget();
    assertSame(first, take(whole).orElseThrow());
  }

  /** A reader's rows never go back, and of another history only to the present one. */
  @Test
  void aSnapshotIsNotOlderThanWhatTheReaderHas() {
    fourBusy();
    desk.forget();
    assertTrue(take(whole, Optional.of(START.at(99))).isPresent());
    assertTrue(take(whole, Optional.of(START)).isPresent());
    assertFalse(take(whole, Optional.of(START.at(101))).isPresent());
    Position other = new Position("x", 7, RELATION.print());
    assertTrue(take(whole, Optional.of(other)).isPresent(), "it is of the present history");
    generation.advance(new Position("f", 1, RELATION.print()), NOW);
    assertFalse(take(whole, Optional.of(other)).isPresent());
    assertTrue(take(whole, Optional.of(START)).isPresent(), "it is of the reader's own");
    assertFalse(take(whole, Optional.of(START.at(101))).isPresent());
    assertFalse(take(whole, Optional.of(START.under("ffff"))).isPresent());
  }

  @Test
  void theSharedSnapshotIsLetGoAfterTenSecondsInWhichNobodyAsked() {
    SourceSnapshot first = take(whole).orElseThrow();
    desk.tick(NOW.plusSeconds(10));
    assertEquals(Optional.of(first), desk.shared());
    desk.tick(NOW.plusSeconds(10).plusNanos(1));
    assertEquals(Optional.empty(), desk.shared());
  }

  private void fourBusy() {
    for (int i = 0; i < 4; i++) {
      fresh();
    }
  }

  private SourceSnapshot fresh() {
    desk.forget();
    return take(whole).orElseThrow();
  }

  private Optional<SourceSnapshot> take(Feed feed) {
    return take(feed, Optional.empty());
  }

  private Optional<SourceSnapshot> take(Feed feed, Optional<Position> notBefore) {
    return desk.take(generation, feed, rows, notBefore, NOW);
  }

  private void append() {
    append(generation);
  }

  /** One change, a moment later. */
  private static void append(Generation generation) {
    Position before = generation.progress().position();
    Position next = before.at(before.time() + 1);
    List<Change> changes = List.of(new Change.Insert(Row.of("1")));
    generation.log().append(new Batch(before, next, changes, false), NOW);
    generation.advance(next, NOW);
  }
}
