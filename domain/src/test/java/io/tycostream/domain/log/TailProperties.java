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

/** What is kept for readers that are busy, against a list of all that ever happened. */
final class TailProperties {

  private static final Relation SHAPE =
      new Relation("t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 0, "p");
  private static final Instant NOW = Instant.EPOCH;

  /** What happens next. */
  sealed interface Deed {
    record Append(int rows, boolean resync) implements Deed {}

    /** Somebody becomes busy so many entries before the newest. */
    record Hold(int back) implements Deed {}

    /** One of those who are busy is ready. */
    record LetGo(int which) implements Deed {}
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void aTailIsAllThatLeftBehindItsEntryForAsLongAsSomebodyHoldsIt(
      @ForAll("deeds") List<Deed> deeds) {
    ChangeLog log = log(6, 1L << 40);
    List<Batch> all = new ArrayList<>();
    List<Tail> held = new ArrayList<>();
    for (Deed deed : deeds) {
      switch (deed) {
        case Deed.Append(int rows, boolean resync) -> {
          all.add(batch(all.size() + 1, rows, resync));
          log.append(all.getLast(), NOW);
        }
        case Deed.Hold(int back) -> {
          long index = Math.max(0, log.head() - back);
          Optional<Tail> shared = held.stream().filter(tail -> tail.from() == index).findFirst();
          Optional<Tail> tail = log.hold(index);
          assertEquals(log.floor() <= index || shared.isPresent(), tail.isPresent());
          shared.ifPresent(same -> assertSame(same, tail.orElseThrow()));
          tail.ifPresent(held::add);
        }
        case Deed.LetGo(int which) -> {
          if (which < held.size()) {
            log.letGo(held.remove(which));
          }
        }
      }
      for (Tail tail : held) {
        int from = (int) tail.from();
        List<Batch> left = all.subList(from, Math.max(from, (int) log.floor()));
        assertEquals(left.stream().flatMap(b -> b.changes().stream()).toList(), tail.changes());
        assertEquals(left.stream().anyMatch(Batch::resync), tail.resync());
        assertFalse(tail.broken());
      }
    }
  }

  @Example
  void theLastOneToLetGoEndsIt() {
    ChangeLog log = log(0, 1L << 40);
    Tail tail = log.hold(0).orElseThrow();
    log.append(batch(1, 1, false), NOW);
    assertSame(tail, log.hold(0).orElseThrow());
    log.letGo(tail);
    assertSame(tail, log.hold(0).orElseThrow());
    log.letGo(tail);
    log.letGo(tail);
    assertEquals(Optional.empty(), log.hold(0));
  }

  @Example
  void tooMuchForAllTogetherIsAtTheLargestOnesCost() {
    long bytes = new LogEntry(1, batch(1, 1, false), 1, NOW).batch().bytes();
    ChangeLog log = log(1, 4 * bytes);
    Tail large = log.hold(0).orElseThrow();
    log.append(batch(1, 1, false), NOW);
    Tail small = log.hold(1).orElseThrow();
    int entries = 1;
    while (!large.broken()) {
      assertTrue(entries < 20, "nothing is too much");
      log.append(batch(++entries, 1, false), NOW);
      assertTrue(large.bytes() + small.bytes() <= 4 * bytes, "more is kept than may be");
    }
    assertFalse(small.broken());
    assertEquals(entries - 2, small.changes().size());
    assertEquals(List.of(), large.changes());
    // And it stays so, to be made good by a snapshot.
    assertEquals(Optional.empty(), log.hold(0));
    log.append(batch(entries + 1, 1, false), NOW);
    assertEquals(List.of(), large.changes());
    assertEquals(0, large.bytes());
  }

  /** As much as the log itself may take. */
  @Example
  void aTailThatIsExactlyAsLargeAsAllowedIsKept() {
    Conflation one = new Conflation(SHAPE);
    one.add(batch(1, 1, false).changes());
    for (long less : new long[] {0, 1}) {
      ChangeLog log = log(0, one.bytes() - less);
      Tail tail = log.hold(0).orElseThrow();
      log.append(batch(1, 1, false), NOW);
      assertEquals(less == 1, tail.broken());
    }
  }

  private static ChangeLog log(long maxEvents, long maxBytes) {
    return new ChangeLog(new HistoryLimits(maxEvents, Duration.ofDays(1), maxBytes), SHAPE, START);
  }

  /** Rows that no other batch has. */
  private static Batch batch(int number, int rows, boolean resync) {
    List<Change> changes = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      changes.add(new Change.Insert(Row.of(Integer.toString(number * 10 + row))));
    }
    return new Batch(START.at(number - 1), START.at(number), changes, resync);
  }

  @Provide
  Arbitrary<List<Deed>> deeds() {
    Arbitrary<Deed> append =
        Combinators.combine(
                Arbitraries.integers().between(1, 4),
                Arbitraries.frequencyOf(
                    Tuple.of(5, Arbitraries.of(false)), Tuple.of(1, Arbitraries.of(true))))
            .as(Deed.Append::new);
    return Arbitraries.frequencyOf(
            Tuple.of(6, append),
            Tuple.of(3, Arbitraries.integers().between(0, 5).map(Deed.Hold::new)),
            Tuple.of(2, Arbitraries.integers().between(0, 3).map(Deed.LetGo::new)))
        .list()
        .ofMaxSize(30);
  }
}
