package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.Tail;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.view.MisfitException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SourceTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Relation WIDE =
      new Relation(
          "public.t",
          "2",
          List.of(new Column("id", "int4"), new Column("v", "text")),
          List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());
  private static final SourceLimits LIMITS =
      new SourceLimits(
          new HistoryLimits(1L << 40, Duration.ofDays(1), 1L << 40), 1L << 40, 1L << 40);

  private final Source source = new Source("t", LIMITS, NOW);

  @Test
  void aMomentThatIsNotLaterChangesNeitherTheRowsNorTheLog() {
    load(START, "1");
    source.apply(110, List.of(put("2")), NOW);
    for (long time : new long[] {110, 109, 0}) {
      assertThrows(
          IllegalArgumentException.class, () -> source.apply(time, List.of(put("3")), NOW));
      assertStands(110, Set.of("1", "2"), 1);
    }
    source.apply(-1, List.of(put("3")), NOW);
    assertStands(-1, Set.of("1", "2", "3"), 2);
    assertThrows(
        IllegalArgumentException.class, () -> source.apply(Long.MAX_VALUE, List.of(put("4")), NOW));
    assertStands(-1, Set.of("1", "2", "3"), 2);
  }

  @Test
  void aMomentThatDoesNotFitChangesNeitherTheRowsNorTheLog() {
    load(START, "1");
    List<RowEvent> misfit = List.of(put("2"), new RowEvent.Deleted(new Key(Row.of("9"))));
    assertThrows(MisfitException.class, () -> source.apply(110, misfit, NOW));
    assertStands(100, Set.of("1"), 0);
  }

  @Test
  void progressNeverGoesBack() {
    load(START, "1");
    source.progress(100, NOW);
    source.progress(120, NOW);
    assertThrows(IllegalArgumentException.class, () -> source.progress(119, NOW));
    assertStands(120, Set.of("1"), 0);
  }

  @Test
  void aDatabaseThatWasSetBackIsNotFollowed() {
    load(START, "1");
    Position before = START.at(99);
    Position wideBefore = new Position("e", 99, WIDE.print());
    assertThrows(MisfitException.class, () -> load(before, "2"));
    assertThrows(
        MisfitException.class, () -> source.load(WIDE, wideBefore, List.of(Row.of("2", "v")), NOW));
    assertStands(100, Set.of("1"), 0);
    load(new Position("f", 1, RELATION.print()), "2");
    assertStands(1, Set.of("2"), 1);
  }

  /** Old snapshots keep rows that are gone: who comes waits, or shares what others still read. */
  @Test
  void readersAreBusyWithAFewSnapshotsAtTheMost() {
    load(START, "1");
    List<Cursor> readers = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      readers.add(joined(Optional.empty()));
      change(i * 1_001);
    }
    assertEquals(4, readers.stream().map(Cursor::position).distinct().count());
    Cursor sharing = joined(Optional.empty());
    assertEquals(readers.getLast().position(), sharing.position());
    // One who is further than all of these must not be given any of them.
    Position further = START.at(200 + 4 * 1_001).under("ffff");
    Cursor waiting =
        new Cursor(source, Terms.whole(Optional.of(further)), NOW, Duration.ofSeconds(1), () -> {});
    assertEquals(new Delivery.Status(source.state()), waiting.next(NOW));
    assertEquals(new Delivery.Nothing(), waiting.next(NOW));
    readers.getFirst().close();
    while (!(waiting.next(NOW) instanceof Delivery.Everything all)) {
      assertEquals(Optional.empty(), waiting.position());
    }
    assertFalse(further.isAheadOf(all.position()));
    readers.forEach(Cursor::close);
  }

  /** Else nobody could go on with a table of another shape before somebody's slow line is done. */
  @Test
  void ofAPresentShapeThereIsASnapshotHoweverManyAreBusyWithFormerOnes() {
    load(START, "1");
    List<Cursor> readers = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      readers.add(joined(Optional.empty()));
      change(i * 1_001);
    }
    source.load(WIDE, new Position("e", 9_000, WIDE.print()), List.of(Row.of("1", "v")), NOW);
    Cursor one = joined(Optional.empty());
    source.apply(9_001, List.of(new RowEvent.Truncated()), NOW);
    IntStream.rangeClosed(1, 1_001).forEach(this::putWide);
    Cursor another = joined(Optional.empty());
    assertEquals(9_000, one.position().orElseThrow().time());
    assertEquals(one.position(), another.position());
    readers.getFirst().close(); // four are left, one of them of this shape
    assertEquals(one.position(), joined(Optional.empty()).position());
    readers.get(1).close();
    assertEquals(10_002, joined(Optional.empty()).position().orElseThrow().time());
  }

  private void putWide(int id) {
    source.apply(
        9_001 + id, List.of(new RowEvent.Upserted(Optional.empty(), Row.of("" + id, "v"))), NOW);
  }

  private Cursor joined(Optional<Position> after) {
    Cursor cursor = new Cursor(source, Terms.whole(after), NOW, Duration.ZERO, () -> {});
    while (cursor.position().isEmpty()) {
      cursor.next(NOW);
    }
    return cursor;
  }

  /** So many changes that an older snapshot is not good enough any more. */
  private void change(int time) {
    List<RowEvent> many = new ArrayList<>();
    for (int id = 0; id <= 1_000; id++) {
      many.add(new RowEvent.Upserted(Optional.empty(), Row.of(time + "-" + id)));
    }
    source.apply(200 + time, many, NOW);
    List<RowEvent> gone = new ArrayList<>();
    for (int id = 0; id <= 1_000; id++) {
      gone.add(new RowEvent.Deleted(new Key(Row.of(time + "-" + id))));
    }
    source.apply(201 + time, gone, NOW);
  }

  @Test
  void changesBeforeTheFirstSnapshotAreABug() {
    assertThrows(IllegalStateException.class, () -> source.apply(1, List.of(put("1")), NOW));
    assertThrows(IllegalStateException.class, () -> source.progress(1, NOW));
  }

  /** A batch that is appended just when a reader has looked for it is not taken for a lost one. */
  @Test
  void aReaderThatKeepsUpLosesNothingWhileTheLogReachesBack() throws Exception {
    int moments = 100_000;
    load(START, "1");
    Buffer unbounded = // a reader that gets no processor for a while does not keep up
        new Buffer(Buffer.AUTO, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofDays(1), 1);
    Terms terms = new Terms(Definition.WHOLE, Optional.of(START), true, OnGap.SNAPSHOT, unbounded);
    Cursor cursor = new Cursor(source, terms, NOW, Duration.ofSeconds(30), () -> {});
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<Long> batches = threads.submit(() -> readTo(cursor, START.at(100 + moments)));
      for (int i = 1; i <= moments; i++) {
        List<RowEvent> events =
            List.of(i % 2 == 1 ? put("2") : new RowEvent.Deleted(new Key(Row.of("2"))));
        source.apply(100 + i, events, NOW);
      }
      assertEquals(moments, batches.get());
    }
  }

  private static long readTo(Cursor cursor, Position end) {
    long batches = 0;
    Position reached = START;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!reached.equals(end)) {
      assertTrue(System.nanoTime() < deadline, "nothing comes any more");
      Delivery delivery = cursor.next(NOW);
      switch (delivery) {
        case Delivery.Next next -> {
          batches++;
          assertEquals(batches, next.batch().seq());
          assertTrue(next.position().isAfter(reached));
          reached = next.position();
        }
        case Delivery.Reached progress -> {
          assertFalse(reached.isAfter(progress.position()));
          assertEquals(batches, progress.position().time() - 100, "told of more than it gave");
        }
        case Delivery.Merged merged -> throw new AssertionError("folded after " + reached);
        case Delivery.Lost lost -> throw new AssertionError(lost + " after " + reached);
        case Delivery.Everything all -> throw new AssertionError("a snapshot after " + reached);
        case Delivery.Refused refused -> throw new AssertionError(refused);
        case Delivery.Began began -> assertTrue(began.position().isPresent());
        case Delivery.Status status -> {}
        case Delivery.Nothing nothing -> Thread.onSpinWait();
      }
    }
    return batches;
  }

  @Test
  void figuresTellHowLargeItIsAndHowFarBackItReaches() {
    assertEquals(Optional.empty(), source.figures());
    load(START, "1");
    long bytes = Row.of("1").bytes();
    assertEquals(Optional.of(new Source.Figures(1, bytes, 0, 0, NOW)), source.figures());
    Instant first = NOW.plusMillis(1);
    Instant later = NOW.plusSeconds(1);
    source.apply(110, List.of(put("2"), put("3")), first);
    source.apply(111, List.of(put("4")), later);
    assertEquals(Optional.of(new Source.Figures(4, 4 * bytes, 3, 3, NOW)), source.figures());
    source.tick(first.plus(Duration.ofDays(1)).plusNanos(1)); // lets go of the first batch
    assertEquals(Optional.of(new Source.Figures(4, 4 * bytes, 3, 1, first)), source.figures());
  }

  @Test
  void whatWaitsToBeAppliedCountsAgainstItsMemory() {
    long bytes = Row.of("1").bytes();
    Source small = new Source("t", new SourceLimits(LIMITS.history(), 1, 2 * bytes), NOW);
    assertTrue(small.withinLimits(Long.MAX_VALUE), "nothing is here yet");
    small.load(RELATION, START, List.of(Row.of("1")), NOW);
    assertTrue(small.withinLimits(bytes));
    assertFalse(small.withinLimits(bytes + 1));
  }

  @Test
  void aSourceThatFailedKeepsItsRowsAndSaysWhy() {
    load(START, "1");
    int[] rung = ringing();
    source.fail("the table is gone", NOW);
    assertEquals(SourceCondition.FAILED, source.state().condition());
    assertEquals(Optional.of("the table is gone"), source.state().reason());
    assertEquals(1, rung[0]);
    source.fail("the table is gone", NOW);
    assertEquals(1, rung[0], "nothing new");
    assertStands(100, Set.of("1"), 0);
  }

  @Test
  void allWhoWaitAreWoken() {
    source.wakeAll();
    load(START, "1");
    Generation generation = source.generation().orElseThrow();
    int[] rung = ringing();
    int[] feedRung = new int[1];
    source.follow(generation, Definition.WHOLE).bell().hangOn(new Bell.Rope(() -> feedRung[0]++));
    source.wakeAll();
    assertEquals(1, rung[0]);
    assertEquals(1, feedRung[0]);
  }

  /** What clients ask for is looked at while the writer goes on. */
  @Test
  void aFilterIsCompiledWithoutStoppingTheWriter() throws Exception {
    load(START, "1");
    Generation generation = source.generation().orElseThrow();
    Definition bad = new Definition(new Filter.IsNull("none", true), Optional.empty(), false);
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<?> refused;
      synchronized (source) { // as the writer does
        refused =
            threads.submit(
                () -> assertThrows(BadFilterException.class, () -> source.follow(generation, bad)));
        assertDoesNotThrow(() -> refused.get(20, TimeUnit.SECONDS));
      }
    }
  }

  /** What a busy reader missed is derived for its feed when the writer may go on already. */
  @Test
  void whatWasMissedIsNotDerivedYetWhenItIsTaken() {
    Source small =
        new Source(
            "t",
            new SourceLimits(new HistoryLimits(0, Duration.ofDays(1), 1L << 20), 9, 1L << 40),
            NOW);
    small.load(RELATION, START, List.of(), NOW);
    Generation generation = small.generation().orElseThrow();
    Filter two = new Filter.Compared("id", Filter.Comparison.EQ, new Literal.Number("2"));
    Feed feed = small.follow(generation, new Definition(two, Optional.empty(), false));
    Tail tail = small.hold(generation, 0).orElseThrow();
    small.apply(110, List.of(put("1"), put("2")), NOW);
    Missed missed = small.missed(generation, feed, tail, 1, new Portion(small));
    List<Change> all = List.of(new Change.Insert(Row.of("1")), new Change.Insert(Row.of("2")));
    assertEquals(List.of(all), ((Missed.Changes) missed).net().parts());
  }

  /** Progress and a new beginning concern everybody. */
  @Test
  void itsBellRingsForWhatAllReadersHear() {
    load(START, "1");
    int[] rung = ringing();
    source.progress(101, NOW);
    assertEquals(1, rung[0]);
    rung = ringing();
    load(START.at(102), "1");
    assertEquals(1, rung[0]);
  }

  /** Who follows a part of it is not rung for what does not concern it. */
  @Test
  void itsBellRingsAboutOnceASecondWhileItMovesOn() {
    source.tick(NOW);
    load(START, "1");
    source.tick(NOW);
    int[] rung = ringing();
    source.apply(110, List.of(put("2")), NOW);
    assertEquals(0, rung[0]);
    source.tick(NOW);
    assertEquals(1, rung[0]);
    rung = ringing();
    source.tick(NOW);
    assertEquals(0, rung[0], "nothing new");
  }

  @Test
  void aFeedThatNobodyFollowsIsClosedAfterHalfAMinuteOfTicks() {
    load(START, "1");
    Generation generation = source.generation().orElseThrow();
    source.leave(generation, source.follow(generation, Definition.WHOLE));
    for (int tick = 1; tick <= 31; tick++) {
      assertEquals(1, generation.feeds().feeds().size());
      source.tick(NOW);
    }
    assertEquals(0, generation.feeds().feeds().size());
  }

  @Test
  void aSnapshotThatIsRecentEnoughIsSharedUntilNobodyAsked() {
    load(START, "1");
    SourceSnapshot first = snapshot(NOW);
    change(1_000); // 1,001 rows come and go
    assertNotSame(first, snapshot(NOW));
    SourceSnapshot second = snapshot(NOW);
    List<RowEvent> thousand = new ArrayList<>();
    for (int id = 0; id < 1_000; id++) {
      thousand.add(put("x" + id));
    }
    source.apply(5_000, thousand, NOW);
    assertSame(second, snapshot(NOW));
    source.tick(NOW.plusSeconds(10));
    assertSame(second, snapshot(NOW.plusSeconds(10)));
    source.tick(NOW.plusSeconds(20).plusNanos(1));
    SourceSnapshot third = snapshot(NOW.plusSeconds(20));
    assertNotSame(second, third);
    // One change more than is cheap, though a quarter of the rows is less.
    source.apply(5_001, List.of(new RowEvent.Truncated(), put("y")), NOW);
    assertNotSame(third, snapshot(NOW.plusSeconds(20)));
  }

  private SourceSnapshot snapshot(Instant now) {
    Generation generation = source.generation().orElseThrow();
    Feed feed = source.follow(generation, Definition.WHOLE);
    SourceSnapshot snapshot =
        source.snapshot(generation, feed, Optional.empty(), now).orElseThrow().snapshot();
    source.done(snapshot);
    return snapshot;
  }

  /** How often the source's bell rang, at most once. */
  private int[] ringing() {
    int[] rung = new int[1];
    source.bell().hangOn(new Bell.Rope(() -> rung[0]++));
    return rung;
  }

  private void load(Position at, String id) {
    source.load(RELATION, at, List.of(Row.of(id)), NOW);
  }

  private static RowEvent put(String id) {
    return new RowEvent.Upserted(Optional.empty(), Row.of(id));
  }

  private void assertStands(long time, Set<String> ids, long entries) {
    Generation generation = source.generation().orElseThrow();
    ChangeLog log = generation.log();
    assertEquals(time, generation.progress().position().time());
    assertEquals(entries, log.head());
    SourceSnapshot all =
        source
            .snapshot(
                generation,
                source.follow(generation, Definition.WHOLE),
                Optional.of(generation.progress().position()),
                NOW)
            .orElseThrow()
            .snapshot();
    Set<String> there = new HashSet<>();
    all.rows().forEach(row -> there.add(row.value(0)));
    assertEquals(ids, there);
  }
}
