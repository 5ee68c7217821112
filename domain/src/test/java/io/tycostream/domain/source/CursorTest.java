package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ways of a cursor that once led wrong. What holds in general is in {@link CursorProperties}. */
final class CursorTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Column ID = new Column("id", "int4");
  private static final Relation KEYED = new Relation("public.t", "1", List.of(ID), List.of("id"));
  private static final Relation WIDE =
      new Relation("public.t", "1", List.of(ID, new Column("v", "text")), List.of("id"));
  private static final Relation KEYLESS = new Relation("public.t", "1", List.of(ID), List.of());
  private static final SourceLimits LIMITS =
      new SourceLimits(
          new HistoryLimits(1L << 40, Duration.ofDays(1), 1L << 40), 1L << 40, 1L << 40);

  private final Source source = new Source("t", LIMITS, NOW);

  /** With room for one change in its log. */
  private final Source small =
      new Source(
          "t",
          new SourceLimits(new HistoryLimits(1, Duration.ofDays(1), 1L << 40), 1L << 40, 1L << 40),
          NOW);

  private final AtomicInteger wakes = new AtomicInteger();

  @Test
  void whoFollowsATableInANewShapeIsWokenByItsChanges() {
    load(KEYED, 100, "1");
    Cursor cursor =
        new Cursor(source, Terms.whole(Optional.empty()), NOW, PATIENCE, wakes::incrementAndGet);
    drain(cursor);
    cursor.hangOn();
    source.load(WIDE, position(WIDE, 110), List.of(Row.of("1", "a")), NOW);
    drain(cursor);
    cursor.hangOn();
    wakes.set(0);
    source.apply(120, List.of(new RowEvent.Upserted(Optional.empty(), Row.of("2", "b"))), NOW);
    assertEquals(1, wakes.get());
  }

  @Test
  void whoFollowsRowsWithoutAKeyIsOnceGivenAllRowsInPlaceOfADifference() {
    load(KEYLESS, 100, "1");
    Cursor cursor = new Cursor(source, Terms.whole(Optional.empty()), NOW, PATIENCE, () -> {});
    drain(cursor);
    source.apply(110, List.of(new RowEvent.Counted(Row.of("2"), 1)), NOW);
    drain(cursor);
    load(KEYLESS, 120, "3"); // while the snapshot at 100 is still shared
    List<Delivery> after = drain(cursor);
    List<Position> snapshots =
        after.stream()
            .filter(Delivery.Everything.class::isInstance)
            .map(each -> ((Delivery.Everything) each).position())
            .toList();
    assertEquals(List.of(position(KEYLESS, 120)), snapshots);
  }

  @Test
  void aFullBufferIsForgottenWithTheShapeOfTheTable() {
    load(KEYED, 100, "0");
    Buffer small = new Buffer(3, DropPolicy.DROP_NEWEST, 0.8, 0.95, Duration.ofDays(1), 1);
    Terms terms = new Terms(Definition.WHOLE, Optional.empty(), false, OnGap.CONTINUE, small);
    Cursor cursor = new Cursor(source, terms, NOW, PATIENCE, () -> {});
    drain(cursor);
    for (int i = 1; i <= 9; i++) {
      source.apply(100 + i, List.of(new RowEvent.Inserted(Row.of("" + i))), NOW);
    }
    assertTrue(cursor.next(NOW) instanceof Delivery.Next, "the buffer is full from here on");
    source.load(WIDE, position(WIDE, 200), List.of(), NOW);
    drain(cursor);
    for (int i = 1; i <= 9; i++) {
      source.apply(200 + i, List.of(new RowEvent.Inserted(Row.of("" + i, "a"))), NOW);
      assertFalse(
          drain(cursor).stream().anyMatch(Delivery.Lost.class::isInstance),
          "batch " + i + " was dropped, though nothing waited");
    }
  }

  @Test
  void whoWaitsForItsTurnToBeGivenAllRowsIsWokenAndMissesNothing() {
    List<Cursor> busy = keepFourBusy(KEYED, 100);
    small.tick(NOW); // what feeds know of what has left the log is forgotten
    Filter positive = new Filter.Compared("id", Comparison.GT, new Literal.Number("0"));
    Definition some = new Definition(positive, Optional.empty(), false);
    Terms terms = new Terms(some, Optional.empty(), true, OnGap.SNAPSHOT, Buffer.DEFAULT);
    Cursor cursor = new Cursor(small, terms, NOW, PATIENCE, wakes::incrementAndGet);
    Set<String> rows = new HashSet<>();
    drain(cursor).forEach(delivery -> apply(delivery, rows));
    cursor.hangOn();
    drain(cursor).forEach(delivery -> apply(delivery, rows));
    wakes.set(0);
    busy.getLast().close();
    assertEquals(1, wakes.get());
    drain(cursor).forEach(delivery -> apply(delivery, rows));
    assertEquals(ids(9), rows);
  }

  @Test
  void whoWaitsForItsTurnTooLongIsRefused() {
    keepFourBusy(KEYED, 100);
    small.tick(NOW);
    Definition some = new Definition(new Filter.IsNull("id", false), Optional.empty(), false);
    Terms terms = new Terms(some, Optional.empty(), true, OnGap.SNAPSHOT, Buffer.DEFAULT);
    Cursor cursor = new Cursor(small, terms, NOW, Duration.ZERO, () -> {});
    Delivery last = drain(cursor).getLast();
    Delivery.Refused refused = assertInstanceOf(Delivery.Refused.class, last);
    assertTrue(refused.code().retryable());
  }

  @Test
  void whoIsOvertakenByTheLogIsNotGivenRowsOlderThanItsOwn() {
    small.load(KEYED, position(KEYED, 90), List.of(Row.of("1")), NOW);
    Buffer auto = new Buffer(Buffer.AUTO, DropPolicy.DROP_OLDEST, 0.8, 0.95, PATIENCE, 1);
    Terms terms = new Terms(Definition.WHOLE, Optional.empty(), true, OnGap.SNAPSHOT, auto);
    Cursor cursor = new Cursor(small, terms, NOW, PATIENCE, () -> {});
    drain(cursor);
    List<Cursor> busy = keepFourBusy(KEYED, 100);
    drain(cursor); // overtaken while the others are busy
    insert(small, 120, "20");
    insert(small, 121, "21");
    Position before = cursor.position().orElseThrow();
    List<Delivery> deliveries = drain(cursor);
    busy.forEach(Cursor::close);
    deliveries.addAll(drain(cursor));
    for (Delivery each : deliveries) {
      assertFalse(
          each instanceof Delivery.Everything all && before.isAfter(all.position()),
          () -> each + " after " + before);
    }
    assertEquals(position(KEYED, 121), cursor.position().orElseThrow());
  }

  @Test
  void whoWaitsForItsTurnInANewShapeIsToldOfItFirst() {
    small.load(WIDE, position(WIDE, 90), List.of(), NOW);
    Definition some = new Definition(new Filter.IsNull("id", false), Optional.empty(), false);
    Terms terms = new Terms(some, Optional.empty(), true, OnGap.SNAPSHOT, Buffer.DEFAULT);
    Cursor cursor = new Cursor(small, terms, NOW, PATIENCE, () -> {});
    drain(cursor);
    small.progress(95, NOW);
    drain(cursor);
    assertEquals(Optional.of(NOW.plusSeconds(1)), cursor.deadline());
    List<Cursor> busy = keepFourBusy(KEYED, 100);
    small.tick(NOW);
    insert(small, 120, "20");
    insert(small, 121, "21");
    List<Delivery> deliveries = drain(cursor);
    assertEquals(List.of(), deliveries);
    assertEquals(Optional.empty(), cursor.deadline(), "nothing to say before it is woken");
    busy.forEach(Cursor::close);
    deliveries.addAll(drain(cursor));
    assertInstanceOf(Delivery.Lost.class, deliveries.get(0));
    assertInstanceOf(Delivery.Began.class, deliveries.get(1));
    assertInstanceOf(Delivery.Everything.class, deliveries.get(2));
  }

  @Test
  void howFarABusySourceIsIsToldOnceASecondAndNeverLost() {
    load(KEYED, 100, "0");
    Definition none = new Definition(new Filter.IsNull("id", true), Optional.empty(), false);
    Terms terms = new Terms(none, Optional.empty(), true, OnGap.SNAPSHOT, Buffer.DEFAULT);
    Cursor cursor = new Cursor(source, terms, NOW, PATIENCE, () -> {});
    assertEquals(List.of(100L), told(cursor, NOW), "caught up");
    assertEquals(Optional.empty(), cursor.deadline());
    Instant now = NOW;
    List<Long> told = new ArrayList<>();
    for (int moment = 1; moment <= 34; moment++) {
      now = now.plusMillis(100);
      insert(source, 100 + moment, "" + moment);
      told.addAll(told(cursor, now));
      told.addAll(told(cursor, now));
    }
    assertEquals(List.of(110L, 120L, 130L), told);
    assertEquals(Optional.of(NOW.plusSeconds(4)), cursor.deadline());
    assertEquals(List.of(), told(cursor, NOW.plusSeconds(4).minusNanos(1)));
    assertEquals(List.of(134L), told(cursor, NOW.plusSeconds(4)));
    assertEquals(Optional.empty(), cursor.deadline());
    assertEquals(List.of(), told(cursor, NOW.plusSeconds(9)));
  }

  @Test
  void whoHasCaughtUpAnewIsToldAtOnce() {
    small.load(KEYED, position(KEYED, 100), List.of(), NOW);
    Cursor cursor = new Cursor(small, Terms.whole(Optional.empty()), NOW, PATIENCE, () -> {});
    assertEquals(List.of(100L), told(cursor, NOW));
    small.apply(
        101,
        List.of(new RowEvent.Inserted(Row.of("1")), new RowEvent.Inserted(Row.of("2"))),
        NOW); // more than the log has room for: all rows again
    assertEquals(List.of(101L), told(cursor, NOW));
  }

  /** How far the source is, as the cursor has it to tell now. */
  private static List<Long> told(Cursor cursor, Instant now) {
    List<Long> told = new ArrayList<>();
    Delivery next = cursor.next(now);
    while (!(next instanceof Delivery.Nothing)) {
      if (next instanceof Delivery.Reached reached) {
        told.add(reached.position().time());
      }
      next = cursor.next(now);
    }
    return told;
  }

  /** Readers that are busy with a snapshot each, all of which lie before what the log has. */
  private List<Cursor> keepFourBusy(Relation relation, long time) {
    small.load(relation, position(relation, time), List.of(Row.of("1")), NOW);
    List<Cursor> busy = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Cursor each = new Cursor(small, Terms.whole(Optional.empty()), NOW, PATIENCE, () -> {});
      while (!(each.next(NOW) instanceof Delivery.Everything)) {
        assertTrue(busy.size() < 4);
      }
      busy.add(each);
      insert(small, time + 1 + 2L * i, "" + (2 + 2 * i));
      insert(small, time + 2 + 2L * i, "" + (3 + 2 * i));
    }
    return busy;
  }

  private static void insert(Source source, long time, String id) {
    source.apply(time, List.of(new RowEvent.Inserted(Row.of(id))), NOW);
  }

  private static Set<String> ids(int last) {
    return IntStream.rangeClosed(1, last).mapToObj(String::valueOf).collect(Collectors.toSet());
  }

  private static void apply(Delivery delivery, Set<String> rows) {
    switch (delivery) {
      case Delivery.Everything all -> {
        rows.clear();
        Shown.rows(all).forEach(row -> rows.add(row.value(0)));
      }
      case Delivery.Next next -> next.changes().forEach(change -> apply(change, rows));
      case Delivery.Merged merged -> merged.changes().forEach(change -> apply(change, rows));
      default -> {}
    }
  }

  private static void apply(Change change, Set<String> rows) {
    switch (change) {
      case Change.Insert(Row row) -> rows.add(row.value(0));
      case Change.Update(Row before, Row row) -> rows.add(row.value(0));
      case Change.Delete(Row before) -> rows.remove(before.value(0));
    }
  }

  private void load(Relation relation, long time, String id) {
    source.load(relation, position(relation, time), List.of(Row.of(id)), NOW);
  }

  private static Position position(Relation relation, long time) {
    return new Position("e", time, relation.print());
  }

  /** What the cursor has, up to a hundred deliveries. */
  private static List<Delivery> drain(Cursor cursor) {
    List<Delivery> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Delivery next = cursor.next(NOW);
      if (next instanceof Delivery.Nothing) {
        return all;
      }
      all.add(next);
    }
    return all;
  }
}
