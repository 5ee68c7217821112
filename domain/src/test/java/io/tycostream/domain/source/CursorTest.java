package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
