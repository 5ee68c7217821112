package io.tycostream.domain.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Against a log that keeps everything and looks through all of it. */
final class ChangeLogProperties {

  private static final Relation SHAPE =
      new Relation("t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 5, "p");
  private static final List<String> EPOCHS = List.of("e", "f");
  private static final List<String> PRINTS = List.of("p", "q");

  /** What a writer does. */
  sealed interface Deed {
    record Append(int changes, int later) implements Deed {}

    record Progress(int later) implements Deed {}

    record Resync(String epoch, String print, int later, int changes) implements Deed {}

    record Pass(Duration time) implements Deed {}
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void keepsWhatTheLimitsAllowAndFindsEveryPosition(
      @ForAll("deeds") List<Deed> deeds, @ForAll("limits") HistoryLimits limits) {
    ChangeLog log = new ChangeLog(limits, SHAPE, START);
    LogModel model = new LogModel(limits, START);
    model.progress(START);
    Instant now = Instant.EPOCH;
    for (Deed deed : deeds) {
      now = now.plusMillis(1);
      switch (deed) {
        case Deed.Append append -> {
          Batch batch = model.batch(model.later(append.later), append.changes, false);
          model.append(batch, now);
          assertEquals(model.all().getLast(), log.append(batch, now));
        }
        case Deed.Progress(int later) -> model.progress(model.later(later));
        case Deed.Resync resync -> {
          Position to = model.later(resync.epoch, resync.print, resync.later);
          if (resync.changes > 0) {
            Batch batch = model.batch(to, resync.changes, true);
            model.append(batch, now);
            log.append(batch, now);
          } else if (!to.equals(model.now())) {
            log.resyncedWithoutDifference(model.now(), to);
            model.resyncedWithoutDifference(to);
          }
        }
        case Deed.Pass(Duration time) -> {
          now = now.plus(time);
          log.expire(now);
          model.expire(now);
        }
      }
      assertKeeps(model, log);
    }
    for (String epoch : EPOCHS) {
      for (String print : PRINTS) {
        for (long time = 0; time < 60; time++) {
          assertFinds(model, log, new Position(epoch, time, print));
        }
      }
    }
  }

  private static void assertKeeps(LogModel model, ChangeLog log) {
    assertEquals(model.all().size(), log.head());
    assertEquals(model.floor(), log.floor());
    assertEquals(
        model.kept().stream().mapToLong(e -> e.batch().changes().size()).sum(), log.events());
    assertEquals(model.kept().stream().mapToLong(e -> e.batch().bytes()).sum(), log.bytes());
    assertEquals(
        model.floor() == 0 ? START : model.all().get(model.floor() - 1).batch().position(),
        log.oldest());
    long total = 0;
    assertEquals(model.floor() == 0 ? 0 : -1, log.changesUpTo(0));
    for (LogEntry entry : model.all()) {
      long index = entry.index();
      total += entry.batch().changes().size();
      assertEquals(index > model.floor() ? Optional.of(entry) : Optional.empty(), log.entry(index));
      assertEquals(index >= model.floor() ? total : -1, log.changesUpTo(index));
    }
    assertEquals(total, log.totalChanges());
    assertEquals(Optional.empty(), log.entry(log.head() + 1));
    assertEquals(Optional.empty(), log.entry(0));
  }

  private static void assertFinds(LogModel model, ChangeLog log, Position position) {
    Lookup expected = model.find(position);
    Lookup found = log.find(position, model.now());
    boolean forgotten = expected instanceof Lookup.Expired || expected instanceof Lookup.Unknown;
    boolean now = position.sameHistory(model.now());
    if (forgotten && !now) {
      // Which of the reasons depends on how long ended histories are remembered; a loss it is.
      assertTrue(
          !(found instanceof Lookup.Replay || found instanceof Lookup.Ahead),
          () -> position + ": " + found);
    } else if (forgotten) {
      assertTrue(
          found.equals(expected) || found instanceof Lookup.Expired, position + ": " + found);
    } else {
      assertEquals(expected, found, () -> position + " now " + model.now());
    }
  }

  /** A limit is what is still allowed. */
  @Example
  void whatIsExactlyAtTheLimitsStays() {
    Batch batch = new LogModel(HistoryLimits.DEFAULT, START).batch(START.at(6), 3, false);
    Duration age = Duration.ofSeconds(10);
    ChangeLog log = new ChangeLog(new HistoryLimits(3, age, batch.bytes()), SHAPE, START);
    log.append(batch, Instant.EPOCH);
    log.expire(Instant.EPOCH.plus(age));
    assertEquals(0, log.floor());
    log.expire(Instant.EPOCH.plus(age).plusNanos(1));
    assertEquals(1, log.floor());
  }

  @Example
  void resyncsWithoutADifferenceAreNotRememberedForEver() {
    ChangeLog log = new ChangeLog(HistoryLimits.DEFAULT, SHAPE, START);
    Position at = START;
    for (int i = 0; i < 10_000; i++) {
      log.resyncedWithoutDifference(at, at.at(at.time() + 2));
      at = at.at(at.time() + 2);
    }
    assertEquals(new Lookup.Replay(1), log.find(at.at(at.time() - 2), at));
    assertEquals(new Lookup.Unknown(), log.find(at.at(at.time() - 1), at));
    assertEquals(new Lookup.Expired(), log.find(START, at));
  }

  @Example
  void printsAreKnownEachOnceAndTheNewestFirst() {
    ChangeLog log = new ChangeLog(HistoryLimits.DEFAULT, SHAPE, START);
    Position at = START;
    for (String print : List.of("q", "p", "q", "r")) {
      Position next = new Position("e", at.time() + 1, print);
      log.resyncedWithoutDifference(at, next);
      at = next;
    }
    assertEquals(List.of("r", "q", "p"), log.prints());
  }

  /** A reader may have asked how far the source is just before a resync. */
  @Example
  void aPositionOfAHistoryThatBeganWhileWeLookedIsWaitedFor() {
    ChangeLog log = new ChangeLog(HistoryLimits.DEFAULT, SHAPE, START);
    log.resyncedWithoutDifference(START, new Position("f", 10, "p"));
    assertInstanceOf(Lookup.Ahead.class, log.find(new Position("f", 20, "p"), START));
  }

  @Provide
  Arbitrary<List<Deed>> deeds() {
    Arbitrary<Integer> later = Arbitraries.integers().between(1, 3);
    Arbitrary<Integer> changes = Arbitraries.integers().between(1, 4);
    Arbitrary<Deed> append = Combinators.combine(changes, later).as(Deed.Append::new);
    Arbitrary<Deed> resync =
        Combinators.combine(
                Arbitraries.of(EPOCHS),
                Arbitraries.of(PRINTS),
                later,
                Arbitraries.integers().between(0, 2))
            .as(Deed.Resync::new);
    return Arbitraries.frequencyOf(
            Tuple.of(10, append),
            Tuple.of(2, later.map(Deed.Progress::new)),
            Tuple.of(4, resync),
            Tuple.of(3, Arbitraries.longs().between(0, 8).map(ChangeLogProperties::pass)))
        .list()
        .ofMaxSize(20);
  }

  private static Deed pass(long seconds) {
    return new Deed.Pass(Duration.ofSeconds(seconds));
  }

  @Provide
  Arbitrary<HistoryLimits> limits() {
    return Combinators.combine(
            Arbitraries.of(0L, 1L, 3L, 8L, 1_000_000L),
            Arbitraries.of(0L, 5L, 12L, 3600L).map(Duration::ofSeconds),
            Arbitraries.of(0L, 300L, 1_500L, 1L << 40))
        .as(HistoryLimits::new);
  }

  /** Long enough to cross many blocks, with each of the limits and at every size of the rest. */
  @Property(tries = 12, edgeCases = EdgeCasesMode.NONE)
  void blocksComeAndGo(@ForAll("sizes") long maxEvents) {
    ChangeLog log =
        new ChangeLog(new HistoryLimits(maxEvents, Duration.ofDays(1), 1L << 40), SHAPE, START);
    Position at = START;
    Instant now = Instant.EPOCH;
    for (int i = 1; i <= 3_000; i++) {
      LogModel moment = new LogModel(HistoryLimits.DEFAULT, at);
      at = at.at(at.time() + 1);
      LogEntry entry = log.append(moment.batch(at, 1, false), now);
      assertEquals(i, entry.index());
      long floor = Math.max(0, i - maxEvents);
      assertEquals(floor, log.floor());
      assertEquals(maxEvents > 0 ? Optional.of(entry) : Optional.empty(), log.entry(i));
      assertEquals(Optional.empty(), log.entry(floor));
      for (long index = floor + 1; index <= i; index += 97) {
        assertEquals(index, log.entry(index).orElseThrow().batch().position().time() - 5);
        assertEquals(new Lookup.Replay(index), log.find(at.at(4 + index), at));
      }
    }
    log.expire(now.plus(Duration.ofDays(2)));
    assertEquals(3_000, log.floor());
    assertEquals(0, log.events() + log.bytes());
    assertEquals(new Lookup.Replay(3_001), log.find(at, at));
  }

  @Provide
  Arbitrary<Long> sizes() {
    return Arbitraries.of(0L, 1L, 2L, 511L, 512L, 513L, 1_023L, 1_024L, 1_025L, 2_999L, 9_999L);
  }
}
