package io.tycostream.domain.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.change.RowEvent.Counted;
import io.tycostream.domain.change.RowEvent.Deleted;
import io.tycostream.domain.change.RowEvent.Inserted;
import io.tycostream.domain.change.RowEvent.Truncated;
import io.tycostream.domain.change.RowEvent.Upserted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Rows without a key, against a list of copies that may be missing for a while. */
final class MultisetProperties {

  private static final Relation RELATION =
      new Relation(
          "public.t", "1", List.of(new Column("a", "text"), new Column("b", "text")), List.of());

  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void aMomentIsItsNetEffectOrNothing(
      @ForAll("someRows") List<Row> start, @ForAll("moments") List<List<RowEvent>> moments) {
    List<Row> model = start;
    View view = new View(RELATION, start);
    for (List<RowEvent> moment : moments) {
      Optional<List<Row>> next = told(model, moment);
      if (next.isPresent()) {
        assertDifference(model, next.get(), view.apply(moment));
        model = next.get();
      } else {
        assertThrows(MisfitException.class, () -> view.apply(moment));
      }
      assertHolds(model, view);
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void replacingTellsTheDifference(
      @ForAll("someRows") List<Row> start, @ForAll("someRows") List<Row> fresh) {
    View view = new View(RELATION, start);
    Relation again = new Relation("renamed", "2", RELATION.columns(), List.of());
    assertDifference(start, fresh, view.replace(again, fresh));
    assertHolds(fresh, view);
    assertEquals(again.print(), view.relation().print());
    assertEquals(List.of(), view.replace(RELATION, fresh));
  }

  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void aMomentThatWouldBeTooLargeChangesNothing(
      @ForAll("someRows") List<Row> start, @ForAll("moments") List<List<RowEvent>> moments) {
    long bytes = bytes(start) + 60;
    View view = new View(RELATION, start, new Capacity(start.size() + 2, bytes));
    List<Row> model = start;
    for (List<RowEvent> moment : moments) {
      Optional<List<Row>> next = told(model, moment);
      boolean fits =
          next.isPresent() && next.get().size() <= start.size() + 2 && bytes(next.get()) <= bytes;
      if (fits) {
        assertDifference(model, next.get(), view.apply(moment));
        model = next.get();
      } else if (next.isPresent()) {
        assertThrows(TooLargeException.class, () -> view.apply(moment));
      } else {
        assertThrows(MisfitException.class, () -> view.apply(moment));
      }
      assertHolds(model, view);
    }
  }

  @Example
  void copiesAreCountedBeforeTheyAreMade() {
    Row row = Row.of("1", "2");
    View view = new View(RELATION, List.of(row), new Capacity(3, 1_000));
    for (long copies : new long[] {3, 10_000_000, Integer.MAX_VALUE, Long.MAX_VALUE}) {
      List<RowEvent> moment = List.of(new Counted(row, copies), new Inserted(Row.of("3", "4")));
      TooLargeException e = assertThrows(TooLargeException.class, () -> view.apply(moment));
      assertTrue(e.excess().contains("public.t"), e.excess());
      assertHolds(List.of(row), view);
    }
    View unlimited = new View(RELATION, List.of(row));
    assertThrows(
        TooLargeException.class,
        () -> unlimited.apply(List.of(new Counted(row, Integer.MAX_VALUE))));
    assertThrows(
        MisfitException.class, () -> unlimited.apply(List.of(new Counted(row, Long.MIN_VALUE))));
    Counted most = new Counted(row, Long.MAX_VALUE);
    assertThrows(MisfitException.class, () -> unlimited.apply(List.of(most, most)));
  }

  /** The rows as a moment leaves them, or nothing where it does not fit. */
  private static Optional<List<Row>> told(List<Row> rows, List<RowEvent> moment) {
    List<Row> there = new ArrayList<>(rows);
    List<Row> missing = new ArrayList<>();
    for (RowEvent event : moment) {
      switch (event) {
        case Inserted(Row row) -> put(row, 1, there, missing);
        case Deleted(Key key) -> put(key.values(), 1, missing, there);
        case Counted(Row row, long diff) when diff < 0 -> put(row, -diff, missing, there);
        case Counted(Row row, long diff) -> put(row, diff, there, missing);
        case Truncated truncated -> {
          there.clear();
          missing.clear();
        }
        case Upserted(Optional<Key> former, Row row) -> {
          Row before = former.map(Key::values).orElse(row);
          if (!there.remove(before)) {
            return Optional.empty();
          }
          put(row.completedFrom(before), 1, there, missing);
        }
      }
    }
    return missing.isEmpty() ? Optional.of(there) : Optional.empty();
  }

  /** So many copies to the one, or off the other while it has some. */
  private static void put(Row row, long copies, List<Row> to, List<Row> off) {
    for (long i = 0; i < copies; i++) {
      if (!off.remove(row)) {
        to.add(row);
      }
    }
  }

  private static void assertDifference(List<Row> before, List<Row> after, List<Change> changes) {
    List<Change> expected = new ArrayList<>();
    List<Row> left = new ArrayList<>(before);
    for (Row row : after) {
      if (!left.remove(row)) {
        expected.add(new Change.Insert(row));
      }
    }
    left.forEach(row -> expected.add(new Change.Delete(row)));
    assertEquals(counts(expected), counts(changes));
  }

  private static void assertHolds(List<Row> model, View view) {
    assertEquals(counts(model), counts(view.rows()));
    assertEquals(model.size(), view.size());
    assertEquals(bytes(model), view.bytes());
  }

  private static Map<String, Long> counts(List<?> things) {
    return things.stream()
        .collect(Collectors.groupingBy(Object::toString, TreeMap::new, Collectors.counting()));
  }

  private static long bytes(List<Row> rows) {
    return rows.stream().mapToLong(Row::bytes).sum();
  }

  @Provide
  Arbitrary<List<Row>> someRows() {
    return row().list().ofMaxSize(7);
  }

  @Provide
  Arbitrary<List<List<RowEvent>>> moments() {
    Arbitrary<RowEvent> count =
        Combinators.combine(row(), Arbitraries.longs().between(-3, 4)).as(Counted::new);
    Arbitrary<RowEvent> moved =
        Combinators.combine(row(), row(), Arbitraries.of(true, false))
            .as((former, row, unchanged) ->
                new Upserted(
                    Optional.of(new Key(former)),
                    unchanged ? Row.of(row.value(0), Row.UNCHANGED) : row));
    Arbitrary<RowEvent> event =
        Arbitraries.frequencyOf(
            Tuple.of(8, count),
            Tuple.of(3, row().map(Inserted::new)),
            Tuple.of(3, row().map(row -> new Deleted(new Key(row)))),
            Tuple.of(3, moved),
            Tuple.of(1, row().map(row -> new Upserted(Optional.empty(), row))),
            Tuple.of(1, Arbitraries.create(Truncated::new)));
    return event.list().ofMaxSize(5).list().ofMaxSize(6);
  }

  private static Arbitrary<Row> row() {
    Arbitrary<String> values = Arbitraries.of("1", "22").injectNull(0.2);
    return Combinators.combine(values, Arbitraries.of("x", "y")).as((a, b) -> Row.of(a, b));
  }
}
