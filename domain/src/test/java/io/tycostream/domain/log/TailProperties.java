package io.tycostream.domain.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
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

/** Readers that hold tails of a small log, against a list of everything that ever was in it. */
final class TailProperties {

  private static final Relation RELATION =
      new Relation(
          "t", "1", List.of(new Column("id", "int4"), new Column("v", "text")), List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());

  /** What happens next. */
  sealed interface Deed {
    /** A row has this value from now on. */
    record Append(int id, String value, boolean resync) implements Deed {}

    /** Somebody holds on, so many entries behind the newest. */
    record Hold(int behind) implements Deed {}

    record LetGo(int holder) implements Deed {}
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void whatLeftBehindATailIsItsNet(@ForAll("stories") List<Deed> story) {
    ChangeLog log = log(3, 1L << 40);
    List<Batch> all = new ArrayList<>();
    List<Tail> held = new ArrayList<>();
    String[] values = new String[5];
    for (Deed deed : story) {
      switch (deed) {
        case Deed.Append(int id, String value, boolean resync) -> {
          Row row = Row.of(Integer.toString(id), value);
          Change change =
              values[id] == null
                  ? new Change.Insert(row)
                  : new Change.Update(Row.of(Integer.toString(id), values[id]), row);
          values[id] = value;
          Position after = START.at(100 + all.size());
          Batch batch = new Batch(after, after.at(after.time() + 1), List.of(change), resync);
          all.add(batch);
          log.append(batch, Instant.EPOCH);
        }
        case Deed.Hold(int behind) -> {
          long index = Math.max(0, log.head() - behind);
          boolean kept = held.stream().anyMatch(tail -> tail.from() == index);
          assertEquals(log.floor() <= index || kept, log.canHold(index));
          Optional<Tail> tail = log.hold(index);
          assertEquals(log.canHold(index), tail.isPresent());
          tail.ifPresent(held::add);
        }
        case Deed.LetGo(int holder) -> {
          if (!held.isEmpty()) {
            log.letGo(held.remove(holder % held.size()));
          }
        }
      }
      for (Tail tail : held) {
        int from = (int) tail.from();
        List<Batch> left = all.subList(from, Math.max(from, (int) log.floor()));
        Conflation expected = new Conflation(RELATION);
        left.forEach(batch -> expected.add(batch.changes()));
        Tail.Net net = log.since(tail);
        Conflation merged = new Conflation(RELATION);
        net.parts().forEach(merged::add);
        assertEquals(new HashSet<>(expected.changes()), new HashSet<>(merged.changes()));
        assertEquals(left.stream().anyMatch(Batch::resync), net.resync());
        assertFalse(net.broken());
        assertTrue(bytes(net) <= log.bytesSince(tail));
        assertTrue(merged.bytes() <= log.bytesSince(tail));
      }
    }
  }

  /** The oldest goes first: who is closer to the head is still helped. */
  @Example
  void overTheLimitTheOldestIsGivenUp() {
    long bytes = 4_000;
    ChangeLog log = log(1, bytes);
    append(log, 0);
    Tail old = log.hold(log.head()).orElseThrow();
    int id = 1;
    while (!log.since(old).broken()) {
      append(log, id++);
      assertTrue(id < 1_000, "a tail without a bound");
    }
    assertEquals(List.of(), log.since(old).parts());
    assertEquals(0, log.bytesSince(old));
    assertFalse(log.canHold(old.from()));
    Tail young = log.hold(log.head()).orElseThrow();
    append(log, id);
    append(log, id + 1);
    assertFalse(log.since(young).broken());
    assertTrue(log.since(old).broken(), "for good");
    log.letGo(young);
    assertTrue(log.since(old).broken());
    log.letGo(old);
  }

  @Example
  void theLastOneToLetGoEndsIt() {
    ChangeLog log = log(0, 1L << 40);
    Tail tail = log.hold(0).orElseThrow();
    append(log, 1);
    assertSame(tail, log.hold(0).orElseThrow());
    log.letGo(tail);
    assertSame(tail, log.hold(0).orElseThrow());
    log.letGo(tail);
    log.letGo(tail);
    assertEquals(Optional.empty(), log.hold(0));
  }

  /** As much as the log itself may take. */
  @Example
  void aTailThatIsExactlyAsLargeAsAllowedIsKept() {
    Conflation one = new Conflation(RELATION);
    one.add(List.of(new Change.Insert(Row.of("1", "x"))));
    for (long less : new long[] {0, 1}) {
      ChangeLog log = log(0, one.bytes() - less);
      Tail tail = log.hold(0).orElseThrow();
      append(log, 1);
      assertEquals(less == 1, log.since(tail).broken());
    }
  }

  private static long bytes(Tail.Net net) {
    long sum = 0;
    for (List<Change> part : net.parts()) {
      Conflation alone = new Conflation(RELATION);
      alone.add(part);
      sum += alone.bytes();
    }
    return sum;
  }

  private static void append(ChangeLog log, int id) {
    Position after = START.at(100 + log.head());
    Change change = new Change.Insert(Row.of(Integer.toString(id), "x"));
    log.append(new Batch(after, after.at(after.time() + 1), List.of(change), false), Instant.EPOCH);
  }

  private static ChangeLog log(long maxEvents, long maxBytes) {
    return new ChangeLog(
        new HistoryLimits(maxEvents, Duration.ofDays(1), maxBytes), RELATION, START);
  }

  @Provide
  Arbitrary<List<Deed>> stories() {
    Arbitrary<Deed> append =
        Combinators.combine(
                Arbitraries.integers().between(0, 4),
                Arbitraries.of("a", "b", "c"),
                Arbitraries.frequency(Tuple.of(9, false), Tuple.of(1, true)))
            .as(Deed.Append::new);
    return Arbitraries.frequencyOf(
            Tuple.of(6, append),
            Tuple.of(3, Arbitraries.integers().between(0, 6).map(Deed.Hold::new)),
            Tuple.of(2, Arbitraries.integers().between(0, 6).map(Deed.LetGo::new)))
        .list()
        .ofMaxSize(50);
  }
}
