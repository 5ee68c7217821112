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
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.HistoryLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which feeds are open, and for how long. */
final class GenerationTest {

  private static final int IDLE_TICKS = 30;
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Relation NAMED =
      new Relation(
          "public.t",
          "1",
          List.of(new Column("id", "int4"), new Column("name", "text")),
          List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());

  private final Generation generation =
      new Generation(RELATION, START, SourceLimits.DEFAULT, Instant.EPOCH);

  @Test
  void whoWantsTheSameInOtherWordsSharesAFeedAndWhoWantsDeltasDoesNot() {
    Feed whole = follow(Definition.WHOLE);
    Definition named = new Definition(new Filter.And(List.of()), Optional.of(Set.of("id")), false);
    assertSame(whole, follow(named));
    Feed deltas = follow(new Definition(Filter.EVERYTHING, Optional.empty(), true));
    assertNotSame(whole, deltas);
    assertNotSame(whole, follow(only(1)));
    assertEquals(3, open());
  }

  @Test
  void whoWantsTheSameColumnsSharesAFeed() {
    Generation named = new Generation(NAMED, START, SourceLimits.DEFAULT, Instant.EPOCH);
    Definition ids = new Definition(Filter.EVERYTHING, Optional.of(Set.of("id")), false);
    Feed feed = named.follow(Derivation.of(ids, NAMED));
    assertSame(feed, named.follow(Derivation.of(ids, NAMED)));
    assertNotSame(feed, named.follow(Derivation.of(Definition.WHOLE, NAMED)));
  }

  /** Else who finds a filter with the hash of somebody else's would read what that one lets see. */
  @Test
  void aHashAloneMakesNobodyShareAFeed() {
    Derivation mine = Derivation.of(where("Aa"), NAMED);
    Derivation others = Derivation.of(where("BB"), NAMED);
    assertEquals(mine.hashCode(), others.hashCode(), "found by whoever looked for it");
    Generation named = new Generation(NAMED, START, SourceLimits.DEFAULT, Instant.EPOCH);
    Feed feed = named.follow(mine);
    Feed other = named.follow(others);
    assertNotSame(feed, other);
    assertSame(mine, feed.derivation());
    assertSame(others, other.derivation());
    assertSame(feed, named.follow(Derivation.of(where("Aa"), NAMED)));
  }

  @Test
  void aFeedWaitsHalfAMinuteForFollowersToComeBack() {
    Feed feed = follow(only(1));
    leave(feed);
    ticks(IDLE_TICKS);
    assertSame(feed, follow(only(1)));
    leave(feed);
    ticks(IDLE_TICKS); // from the last one that left on
    assertEquals(1, open());
    ticks(1);
    assertEquals(0, open());
    assertNotSame(feed, follow(only(1)));
  }

  @Test
  void aFeedStaysOpenForTheLastOfItsFollowers() {
    Feed feed = follow(only(1));
    follow(only(1));
    leave(feed);
    ticks(2 * IDLE_TICKS);
    assertEquals(1, open());
    leave(feed);
    ticks(IDLE_TICKS + 1);
    assertEquals(0, open());
    leave(feed); // one too often closes nobody else's
    Feed other = follow(only(1));
    leave(feed);
    ticks(IDLE_TICKS + 1);
    assertSame(other, follow(only(1)));
  }

  @Test
  void whatHasLeftTheLogIsForgottenByFeedsTooAtTheNextTick() {
    Generation brief =
        new Generation(
            RELATION,
            START,
            new SourceLimits(new HistoryLimits(1, Duration.ofDays(1), 1L << 40), 9, 1L << 40),
            Instant.EPOCH);
    Derivation derivation = Derivation.of(only(1), RELATION);
    Feed feed = brief.follow(derivation);
    for (int i = 0; i < 3; i++) {
      List<Change> changes = List.of(new Change.Insert(Row.of("1")));
      Batch batch = new Batch(START.at(100 + i), START.at(101 + i), changes, false);
      brief.feeds().route(brief.log().append(batch, Instant.EPOCH));
    }
    assertTrue(feed.knowsBehind(0), "for those who are busy behind it");
    brief.tick();
    assertFalse(feed.knowsBehind(1));
    assertTrue(feed.knowsBehind(2));
  }

  @Test
  void marksTakeNoMoreThanTheyMay() {
    Generation scarce = scarce(16L * 40);
    Feed idle = scarce.follow(Derivation.of(only(1), RELATION));
    Feed open = scarce.follow(Derivation.of(from(1), RELATION));
    Feed whole = scarce.follow(Derivation.of(Definition.WHOLE, RELATION));
    scarce.leave(idle);
    append(scarce, 15); // each has room for 16, which is 4 that each has and 12 that count
    assertEquals(16 * 24, scarce.markBytes());
    assertEquals(3, scarce.feeds().feeds().size());
    append(scarce, 2); // for 32: 28 of each, which is more than 40
    assertEquals(
        Set.of(open, whole), scarce.feeds().feeds(), "who is followed by nobody goes first");
    assertEquals(16 * 28, scarce.markBytes());
    assertEquals(0, open.floor());
    append(scarce, 15); // 32 marks, and room for 64 with the next one
    assertEquals(0, open.floor());
    append(scarce, 1); // half of the limit among two feeds is 10 marks, besides 4
    assertEquals(33 - 14, open.floor());
    assertEquals(START.at(100 + 33 - 14), open.oldest());
    assertEquals(16 * 10, scarce.markBytes());
    assertTrue(open.hasLeft(33 - 14) && !open.hasLeft(33 - 13));
    assertEquals(0, whole.floor(), "which marks nothing");
    scarce.leave(open);
    assertNotSame(idle, scarce.follow(Derivation.of(only(1), RELATION)));
  }

  private static Generation scarce(long maxMarkBytes) {
    return new Generation(
        RELATION,
        START,
        new SourceLimits(HistoryLimits.DEFAULT, 9, 1L << 40, maxMarkBytes),
        Instant.EPOCH);
  }

  private static void append(Generation to, int count) {
    for (int i = 0; i < count; i++) {
      long time = 100 + to.log().head();
      List<Change> changes = List.of(new Change.Insert(Row.of("1")));
      Batch batch = new Batch(START.at(time), START.at(time + 1), changes, false);
      to.feeds().route(to.log().append(batch, Instant.EPOCH));
      to.keepWithinLimits();
    }
  }

  private static Definition from(int id) {
    Filter where =
        new Filter.Compared("id", Filter.Comparison.GTE, new Literal.Number(Integer.toString(id)));
    return new Definition(where, Optional.empty(), false);
  }

  @Test
  void aThousandFeedsWaitAndNotOneMore() {
    for (int round = 0; round < 2; round++) {
      Feed first = follow(only(0));
      leave(first);
      for (int i = 1; i < 1_000; i++) {
        leave(follow(only(i)));
      }
      Feed last = follow(only(1_000));
      Feed busy = follow(only(1_001));
      follow(only(1_001));
      leave(last);
      leave(busy);
      assertEquals(1_001, open());
      assertSame(first, follow(only(0)));
      // There is room for one again.
      Feed again = follow(only(1_000));
      assertNotSame(last, again);
      leave(again);
      assertSame(again, follow(only(1_000)));
      leave(again);
      leave(busy);
      leave(first);
      ticks(IDLE_TICKS + 1);
      assertEquals(0, open());
    }
  }

  private Feed follow(Definition definition) {
    return generation.follow(Derivation.of(definition, RELATION));
  }

  private void leave(Feed feed) {
    generation.leave(feed);
  }

  private void ticks(int ticks) {
    for (int i = 0; i < ticks; i++) {
      generation.tick();
    }
  }

  private int open() {
    return generation.feeds().feeds().size();
  }

  private static Definition where(String name) {
    Filter where = new Filter.Compared("name", Filter.Comparison.EQ, new Literal.Text(name));
    return new Definition(where, Optional.empty(), false);
  }

  private static Definition only(int id) {
    Filter where =
        new Filter.Compared("id", Filter.Comparison.EQ, new Literal.Number(Integer.toString(id)));
    return new Definition(where, Optional.empty(), false);
  }
}
