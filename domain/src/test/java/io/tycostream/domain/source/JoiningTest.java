package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.SourceCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a subscription is told until it stands, delivery by delivery, and who wakes it. */
final class JoiningTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Instant LAST = NOW.plus(PATIENCE).minusNanos(1);
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Relation WIDE =
      new Relation(
          "public.t",
          "2",
          List.of(new Column("id", "int4"), new Column("v", "text")),
          List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());

  /** With room for two changes in its log. */
  private final Source source =
      new Source(
          "t",
          new SourceLimits(new HistoryLimits(2, Duration.ofDays(1), 1L << 40), 99, 1L << 40),
          NOW);

  private final AtomicInteger wakes = new AtomicInteger();

  @Test
  void whoWaitsForTheFirstRowsIsToldAndGivesUpInTheEnd() {
    Cursor cursor = state(Optional.empty());
    assertTold(cursor, NOW, "status connecting");
    assertTold(cursor, LAST);
    assertEquals(Optional.of(NOW.plus(PATIENCE)), cursor.deadline());
    assertTold(cursor, NOW.plus(PATIENCE), "refused source-not-ready: source t has no rows yet");
    assertEquals(Optional.empty(), cursor.deadline());
    assertTold(cursor, NOW.plus(PATIENCE));
  }

  @Test
  void ofASourceThatHasFailedNobodyWaitsForTheFirstRows() {
    Cursor waiting = state(Optional.empty());
    assertTold(waiting, NOW, "status connecting");
    source.fail("no such table", NOW);
    assertTold(waiting, NOW, "status failed", "refused source-failed: no such table");
    assertTold(
        state(Optional.empty()), NOW, "status failed", "refused source-failed: no such table");
  }

  @Test
  void whoIsFurtherIsToldThatTheSourceCatchesUpAndGivesUpInTheEnd() {
    load("1");
    Cursor cursor = state(Optional.of(START.at(102)));
    Delivery.Status status = (Delivery.Status) cursor.next(NOW);
    assertEquals(
        SourceState.of(SourceCondition.CATCHING_UP, source.state().since()), status.state());
    assertTold(cursor, LAST);
    assertTold(
        cursor,
        NOW.plus(PATIENCE),
        "refused position-ahead: this gateway is at "
            + START
            + ", which is before the position given");
  }

  @Test
  void whoWasFurtherGoesOnWhenTheSourceIsThere() {
    load("1");
    Cursor cursor = state(Optional.of(START.at(102)));
    assertTold(cursor, NOW, "status catching-up");
    put(101, "2");
    assertTold(cursor, NOW);
    put(102, "3");
    put(103, "4");
    assertTold(
        cursor,
        NOW,
        "began replay at 102 with seq 2",
        "status connecting",
        "batch 3 at 103: +4",
        "reached 103");
  }

  @Test
  void whoFollowsEventsAndComesTooLateBeginsWithTheOldest() {
    load("1");
    for (int i = 1; i <= 5; i++) {
      put(100 + i, "1" + i);
    }
    assertTold(
        events(Optional.of(START.at(101))),
        NOW,
        "began live at 103 with seq 3",
        "lost -1 from 101 to 103: history-expired, none",
        "status connecting",
        "batch 4 at 104: +14",
        "batch 5 at 105: +15",
        "reached 105");
  }

  @Test
  void ofAPartOfTheRowsTheOldestIsToldToo() {
    load("1");
    Definition part = only(new Filter.Compared("id", Comparison.GT, new Literal.Number("12")));
    Position after = shown(part, START.at(101));
    for (int i = 1; i <= 5; i++) {
      put(100 + i, "1" + i);
    }
    assertTold(
        cursor(part, Optional.of(after), OnGap.CONTINUE),
        NOW,
        "began live at 103 with seq 1",
        "lost -1 from 101 to 103: history-expired, none",
        "status connecting",
        "batch 2 at 104: +14",
        "batch 3 at 105: +15",
        "reached 105");
  }

  /** What the log has is looked through for a feed that nobody had open. */
  @Test
  void theOldestPlaceOfAFeedThatWasJustOpenedIsFound() {
    load("1");
    for (int i = 1; i <= 5; i++) {
      put(100 + i, "1" + i);
    }
    Generation generation = source.generation().orElseThrow();
    Feed opened = source.follow(generation, only(new Filter.IsNull("id", false)));
    assertEquals(new Place(START.at(103), 3, 4, 3), source.oldest(generation, opened));
  }

  /** Of touched keys it could not be told; these are whole changes. */
  @Test
  void whoFollowsAPartGoesOnBehindWhatItHasThoughNobodyHadItOpen() {
    source.load(WIDE, at(100), List.of(Row.of("1", "a")), NOW);
    Definition part = only(new Filter.IsNull("v", false));
    Position after = at(100).under(Derivation.of(part, WIDE).print(WIDE.print()));
    source.apply(101, List.of(new RowEvent.Inserted(Row.of("2", "b"))), NOW);
    source.apply(102, List.of(new RowEvent.Inserted(Row.of("3", "c"))), NOW);
    assertTold(
        cursor(part, Optional.of(after), OnGap.SNAPSHOT),
        NOW,
        "began replay at 100 with seq 0",
        "status connecting",
        "batch 1 at 101: +2",
        "batch 2 at 102: +3",
        "reached 102");
  }

  @Test
  void whoFollowsAPartGoesOnBehindRowsThatOthersShare() {
    load("1");
    Cursor first = state(Optional.empty());
    Told.all(first, NOW);
    put(101, "2");
    put(102, "3");
    Cursor part = cursor(only(new Filter.IsNull("id", false)), Optional.empty(), OnGap.SNAPSHOT);
    assertTold(
        part,
        NOW,
        "began snapshot",
        "rows [1] at 100 with seq 0",
        "status connecting",
        "batch 1 at 101: +2",
        "batch 2 at 102: +3",
        "reached 102");
  }

  @Test
  void whoFollowsAPartCountsThatAlone() {
    load("1");
    Definition part = only(new Filter.Compared("id", Comparison.GT, new Literal.Number("12")));
    source.follow(source.generation().orElseThrow(), part);
    for (int i = 1; i <= 4; i++) {
      put(100 + i, "1" + i);
    }
    Cursor cursor = cursor(part, Optional.empty(), OnGap.SNAPSHOT);
    assertTold(
        cursor,
        NOW,
        "began snapshot",
        "rows [13, 14] at 104 with seq 2",
        "status connecting",
        "reached 104");
    assertEquals(2, cursor.read());
    put(105, "2");
    put(106, "15");
    assertEquals(1, cursor.behind());
  }

  @Test
  void whereItBeginsIsItsPosition() {
    load("1");
    Cursor live =
        new Cursor(
            source,
            new Terms(Definition.WHOLE, Optional.empty(), false, OnGap.CONTINUE, Buffer.DEFAULT),
            NOW,
            PATIENCE,
            () -> {});
    assertEquals(Optional.empty(), live.position());
    assertEquals("began live at 100 with seq 0", Told.words(live.next(NOW)));
    assertEquals(Optional.of(START), live.position());
    Cursor rows = state(Optional.empty());
    assertEquals("began snapshot", Told.words(rows.next(NOW)));
    assertEquals(Optional.empty(), rows.position());
    assertEquals("rows [1] at 100 with seq 0", Told.words(rows.next(NOW)));
    assertEquals(Optional.of(START), rows.position());
  }

  @Test
  void whoFollowsEventsOfAnotherHistoryBeginsWithTheNewest() {
    load("1");
    put(101, "2");
    put(102, "3");
    assertTold(
        events(Optional.of(new Position("x", 101, RELATION.print()))),
        NOW,
        "began live at 102 with seq 2",
        "lost -1 from 101 to 102: position-unknown, none",
        "status connecting",
        "reached 102");
  }

  @Test
  void whoFollowsRowsOfAnotherHistoryIsToldSoBeforeTheRows() {
    load("1");
    assertTold(
        state(Optional.of(new Position("x", 101, RELATION.print()))),
        NOW,
        "began snapshot",
        "lost -1 from 101 to 100: position-unknown, snapshot",
        "rows [1] at 100 with seq 0",
        "status connecting",
        "reached 100");
  }

  @Test
  void whoFollowsEventsGoesOnWithTheNewestOfAnotherShape() {
    load("1");
    Cursor cursor = events(Optional.of(START));
    Told.all(cursor, NOW);
    put(101, "2");
    source.load(WIDE, new Position("e", 105, WIDE.print()), List.of(Row.of("1", "a")), NOW);
    assertTold(
        cursor,
        NOW,
        "lost -1 from 100 to 105: source-reset, none",
        "began live at 105 with seq 0",
        "status connecting",
        "reached 105");
  }

  @Test
  void whoAsksForWhatIsNotThereIsRefused() {
    load("1");
    Filter unknown = new Filter.IsNull("none", true);
    assertTold(
        cursor(only(unknown), Optional.empty(), OnGap.SNAPSHOT),
        NOW,
        "refused unknown-column: " + refusal(unknown));
    Filter bad = new Filter.Compared("id", Comparison.EQ, new Literal.Truth(true));
    assertTold(
        cursor(only(bad), Optional.empty(), OnGap.SNAPSHOT),
        NOW,
        "refused bad-filter: " + refusal(bad));
  }

  private String refusal(Filter filter) {
    Generation generation = source.generation().orElseThrow();
    return assertThrows(BadFilterException.class, () -> source.follow(generation, only(filter)))
        .reason();
  }

  @Test
  void whatAnotherShapeDoesNotHaveIsRefused() {
    source.load(WIDE, new Position("e", 99, WIDE.print()), List.of(), NOW);
    Filter where = new Filter.IsNull("v", true);
    Cursor cursor = cursor(only(where), Optional.empty(), OnGap.SNAPSHOT);
    Told.all(cursor, NOW);
    load("1");
    assertTold(cursor, NOW, "refused unknown-column: " + refusal(where));
    assertEquals(Optional.empty(), cursor.deadline());
  }

  /** A prehistory makes the first entry, which is told to those alone who may know its keys. */
  @Test
  void whoComesFromBeforeTheFirstRowsIsLedOnWhereThatCanBeTold() {
    Prehistory prehistory = new Prehistory(40, Set.of(new Key(Row.of("1")), new Key(Row.of("9"))));
    source.load(WIDE, at(100), List.of(Row.of("1", "a")), Optional.of(prehistory), NOW);
    assertTold(
        state(Optional.of(at(50))),
        NOW,
        "began replay at 50 with seq 0",
        "status connecting",
        "batch 1 at 100: +1 -9",
        "reached 100");
    assertTold(
        state(Optional.of(at(100))),
        NOW,
        "began replay at 100 with seq 1",
        "status connecting",
        "reached 100");
    Definition part = only(new Filter.IsNull("v", false));
    assertTold(
        cursor(part, Optional.of(shown(part, at(50))), OnGap.SNAPSHOT),
        NOW,
        "began snapshot",
        "lost -1 from 50 to 100: history-expired, snapshot",
        "rows [1] at 100 with seq 1",
        "status connecting",
        "reached 100");
    assertTold(
        cursor(part, Optional.of(shown(part, at(100))), OnGap.SNAPSHOT),
        NOW,
        "began replay at 100 with seq 1",
        "status connecting",
        "reached 100");
  }

  @Test
  void whoHasHungOnIsWokenByWhatComesBehindItsBeginning() {
    load("1");
    Cursor cursor = state(Optional.empty());
    cursor.hangOn();
    Told.all(cursor, NOW); // looks once more, and begins
    put(101, "2");
    assertEquals(1, wakes.get());
  }

  @Test
  void whoHangsOnAnewIsWokenAnew() {
    load("1");
    Cursor cursor = state(Optional.empty());
    Told.all(cursor, NOW);
    for (int i = 1; i <= 3; i++) {
      cursor.hangOn();
      put(100 + 2 * i, "1" + i);
      assertEquals(i, wakes.get());
      put(101 + 2 * i, "2" + i);
      assertEquals(i, wakes.get(), "once");
    }
  }

  @Test
  void whoWaitsForTheFirstRowsIsWokenByThem() {
    Cursor cursor = state(Optional.empty());
    Told.all(cursor, NOW);
    cursor.hangOn();
    load("1");
    assertEquals(1, wakes.get());
  }

  private static Position at(long time) {
    return new Position("e", time, WIDE.print());
  }

  private static Definition only(Filter where) {
    return new Definition(where, Optional.empty(), false);
  }

  /** A position as clients of a definition have it. */
  private Position shown(Definition definition, Position position) {
    return source.follow(source.generation().orElseThrow(), definition).shown(position);
  }

  private void load(String... ids) {
    source.load(RELATION, START, Arrays.stream(ids).map(Row::of).toList(), NOW);
  }

  private void put(long time, String id) {
    source.apply(time, List.of(new RowEvent.Inserted(Row.of(id))), NOW);
  }

  private Cursor state(Optional<Position> after) {
    return cursor(Definition.WHOLE, after, OnGap.SNAPSHOT);
  }

  private Cursor events(Optional<Position> after) {
    return cursor(Definition.WHOLE, after, OnGap.CONTINUE);
  }

  private Cursor cursor(Definition definition, Optional<Position> after, OnGap onGap) {
    Terms terms = new Terms(definition, after, true, onGap, Buffer.DEFAULT);
    return new Cursor(source, terms, NOW, PATIENCE, wakes::incrementAndGet);
  }

  private static void assertTold(Cursor cursor, Instant now, String... words) {
    assertEquals(Arrays.asList(words), Told.all(cursor, now));
  }
}
