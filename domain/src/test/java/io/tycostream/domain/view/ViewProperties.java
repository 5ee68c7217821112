package io.tycostream.domain.view;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Against a plain map to which every event is applied as it comes. */
final class ViewProperties {

  private static final Relation RELATION =
      new Relation(
          "public.t",
          "1",
          List.of(
              new Column("a", "text"),
              new Column("k", "text"),
              new Column("b", "text"),
              new Column("l", "text")),
          List.of("l", "k"));

  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void aMomentIsItsNetEffectOrNothing(
      @ForAll("someRows") List<Row> start, @ForAll("moments") List<List<RowEvent>> moments) {
    Map<Key, Row> model = distinct(start);
    View view = new View(RELATION, List.copyOf(model.values()));
    for (List<RowEvent> moment : moments) {
      model = applied(view, model, moment);
      assertHolds(model, view);
    }
  }

  /** What the view is to hold after a moment, whose effect is checked. */
  private static Map<Key, Row> applied(View view, Map<Key, Row> model, List<RowEvent> moment) {
    Optional<Map<Key, Row>> next = told(model, moment);
    if (next.isEmpty()) {
      assertThrows(MisfitException.class, () -> view.apply(moment), moment::toString);
      return model;
    }
    assertDifference(model, next.get(), view.apply(moment));
    return next.get();
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void replacingTellsTheDifferenceOrChangesNothing(
      @ForAll("someRows") List<Row> start, @ForAll("someRows") List<Row> fresh) {
    Map<Key, Row> model = distinct(start);
    View view = new View(RELATION, List.copyOf(model.values()));
    Relation again = new Relation("renamed", "2", RELATION.columns(), RELATION.key());
    if (distinct(fresh).size() < fresh.size()) {
      assertThrows(MisfitException.class, () -> view.replace(again, fresh));
      assertThrows(MisfitException.class, () -> new View(RELATION, fresh));
      assertHolds(model, view);
      assertEquals(RELATION.print(), view.relation().print());
    } else {
      assertDifference(model, distinct(fresh), view.replace(again, fresh));
      assertHolds(distinct(fresh), view);
      assertEquals(again.print(), view.relation().print());
    }
  }

  /** In any order: the sum alone counts. */
  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void anUpdateIsACopyLessAndACopyMoreInAnyOrder(
      @ForAll("someRows") List<Row> start,
      @ForAll("someRows") List<Row> fresh,
      @ForAll("weights") List<Integer> weights) {
    Map<Key, Row> before = distinct(start);
    Map<Key, Row> after = distinct(fresh);
    List<RowEvent> told = new ArrayList<>();
    before.values().forEach(row -> told.add(new Counted(row, -1)));
    after.values().forEach(row -> told.add(new Counted(row, 3)));
    after.values().forEach(row -> told.add(new Counted(row, -2)));
    List<RowEvent> moment =
        IntStream.range(0, told.size())
            .boxed()
            .sorted(Comparator.comparing(i -> weights.get(i % weights.size())))
            .map(told::get)
            .toList();
    View view = new View(RELATION, List.copyOf(before.values()));
    assertDifference(before, after, view.apply(moment));
    assertHolds(after, view);
  }

  /** What comes first is lighter; all zero is the order in which it was told. */
  @Provide
  Arbitrary<List<Integer>> weights() {
    return Arbitraries.integers().between(0, 99).list().ofSize(40);
  }

  /** All that can be told in up to four steps of two rows that share a key. */
  @Example
  void theCopiesOfAKeyAreTheirSumInAnyOrder() {
    Row one = row("1", "x", "x");
    Row other = row("2", "x", "x");
    List<List<RowEvent>> moments = new ArrayList<>(List.of(List.of()));
    for (int from = 0, steps = 1; steps <= 4; steps++) {
      int to = moments.size();
      for (; from < to; from++) {
        for (long diff : new long[] {-2, -1, 1, 2}) {
          moments.add(with(moments.get(from), new Counted(one, diff)));
          moments.add(with(moments.get(from), new Counted(other, diff)));
        }
      }
    }
    for (List<RowEvent> moment : moments) {
      assertIsNetEffectOrNothing(Map.of(), moment);
      assertIsNetEffectOrNothing(Map.of(RELATION.keyOf(one), one), moment);
    }
  }

  private static List<RowEvent> with(List<RowEvent> told, RowEvent last) {
    List<RowEvent> all = new ArrayList<>(told);
    all.add(last);
    return all;
  }

  private static void assertIsNetEffectOrNothing(Map<Key, Row> start, List<RowEvent> moment) {
    View view = new View(RELATION, List.copyOf(start.values()));
    assertHolds(applied(view, start, moment), view);
  }

  @Example
  void aMisfitNamesTheKey() {
    View view = new View(RELATION, List.of(row("1", "x", "y")));
    for (RowEvent misfit :
        List.of(
            new Inserted(row("2", "x", "y")),
            new Counted(row("2", "x", "y"), 1),
            new Counted(row("1", "x", "y"), 1),
            new Counted(row("1", "x", "y"), -2),
            new Counted(row("1", "x", "y"), Long.MAX_VALUE),
            new Counted(row("1", "x", "y"), Long.MIN_VALUE),
            new Deleted(key("y", "y")))) {
      MisfitException e = assertThrows(MisfitException.class, () -> view.apply(List.of(misfit)));
      assertTrue(e.misfit().contains("public.t"), e.misfit());
      assertTrue(e.misfit().matches(".*\\[y, [xy]\\].*"), e.misfit());
    }
  }

  @Example
  void aMomentThatWouldBeTooLargeChangesNothing() {
    List<Row> start = List.of(row("1", "x", "x"), row("1", "y", "x"));
    long bytes = start.stream().mapToLong(Row::bytes).sum();
    View view = new View(RELATION, start, new Capacity(2, bytes));
    List<RowEvent> more = List.of(new Inserted(row("1", "y", "y")));
    List<RowEvent> longer =
        List.of(new Counted(start.get(0), -1), new Counted(row("11", "x", "x"), 1));
    assertThrows(TooLargeException.class, () -> view.apply(more));
    assertThrows(TooLargeException.class, () -> view.apply(longer));
    List<Row> three = List.of(start.get(0), start.get(1), row("1", "y", "y"));
    assertThrows(TooLargeException.class, () -> view.replace(RELATION, three));
    assertThrows(
        TooLargeException.class,
        () -> view.replace(RELATION, List.of(row("1".repeat(999), "x", "x"))));
    assertThrows(TooLargeException.class, () -> new View(RELATION, three, new Capacity(2, 9_999)));
    assertHolds(distinct(start), view);
    List<RowEvent> another = List.of(new Truncated(), more.getFirst());
    view.apply(another);
    assertHolds(distinct(List.of(row("1", "y", "y"))), view);
  }

  @Example
  void rowsAreCountedWhereMemoryIsNoConcern() {
    List<Row> start = List.of(row("1", "x", "x"), row("1", "y", "x"));
    View view = new View(RELATION, start, new Capacity(2, Long.MAX_VALUE));
    Inserted third = new Inserted(row("1", "y", "y"));
    TooLargeException e = assertThrows(TooLargeException.class, () -> view.apply(List.of(third)));
    assertEquals("public.t would have 3 rows", e.excess());
    view.apply(List.of(third, new Deleted(key("x", "x"))));
    assertHolds(distinct(List.of(start.get(1), row("1", "y", "y"))), view);
  }

  @Example
  void aViewHoldsAsManyRowsAsAListCan() {
    assertDoesNotThrow(() -> Capacity.UNLIMITED.requireRows("public.t", Integer.MAX_VALUE));
    assertThrows(
        TooLargeException.class,
        () -> Capacity.UNLIMITED.requireRows("public.t", Integer.MAX_VALUE + 1L));
  }

  @Example
  void copiesThatCannotBeCountedAreAMisfit() {
    View view = new View(RELATION, List.of(row("1", "x", "y")));
    Counted most = new Counted(row("1", "x", "y"), Long.MAX_VALUE);
    assertThrows(MisfitException.class, () -> view.apply(List.of(most, most)));
  }

  @Example
  void twoRowsThatSwapTheirKeysAreNotTakenForOne() {
    View view = new View(RELATION, List.of(row("1", "x", "x"), row("2", "y", "x")));
    List<RowEvent> swap =
        List.of(
            new Upserted(Optional.of(key("x", "x")), row("1", "y", "x")),
            new Upserted(Optional.of(key("y", "x")), row("2", "x", "x")));
    assertThrows(MisfitException.class, () -> view.apply(swap));
    assertEquals(Set.of(row("1", "x", "x"), row("2", "y", "x")), new HashSet<>(view.rows()));
  }

  @Example
  void aRowOfAnEarlierSnapshotStaysAsItWas() {
    View view = new View(RELATION, List.of(row("1", "x", "x")));
    List<Row> before = view.rows();
    view.apply(List.of(new Truncated()));
    assertEquals(List.of(row("1", "x", "x")), before);
  }

  /** The rows as a moment leaves them, or nothing where it does not fit. */
  private static Optional<Map<Key, Row>> told(Map<Key, Row> rows, List<RowEvent> moment) {
    Map<Key, Map<Row, Long>> copies = new HashMap<>();
    rows.forEach((key, row) -> copies.put(key, new HashMap<>(Map.of(row, 1L))));
    boolean fits =
        moment.stream().allMatch(event -> tell(copies, event))
            && copies.keySet().stream().allMatch(key -> isOneOrNone(copies, key));
    if (!fits) {
      return Optional.empty();
    }
    Map<Key, Row> after = new HashMap<>();
    copies.forEach((key, sums) -> sums.keySet().forEach(row -> after.put(key, row)));
    return Optional.of(after);
  }

  private static boolean isOneOrNone(Map<Key, Map<Row, Long>> copies, Key key) {
    Map<Row, Long> sums = copies.getOrDefault(key, Map.of());
    return sums.isEmpty() || List.copyOf(sums.values()).equals(List.of(1L));
  }

  /** Whether the event fits so far; the copies are as it says then. */
  private static boolean tell(Map<Key, Map<Row, Long>> copies, RowEvent event) {
    return switch (event) {
      case Truncated truncated -> {
        copies.clear();
        yield true;
      }
      case Counted(Row row, long diff) -> {
        add(copies, row, diff);
        yield !row.hasUnchanged();
      }
      case Inserted(Row row) -> {
        boolean isFree =
            isOneOrNone(copies, RELATION.keyOf(row))
                && copies.getOrDefault(RELATION.keyOf(row), Map.of()).isEmpty();
        add(copies, row, 1);
        yield isFree && !row.hasUnchanged();
      }
      case Deleted(Key key) -> isOneOrNone(copies, key) && take(copies, key).isPresent();
      case Upserted(Optional<Key> former, Row row) -> {
        Key from = former.orElseGet(() -> RELATION.keyOf(row));
        boolean isSettled = isOneOrNone(copies, from);
        Optional<Row> before = isSettled ? take(copies, from) : Optional.empty();
        if (!isSettled || (before.isEmpty() && (former.isPresent() || row.hasUnchanged()))) {
          yield false;
        }
        Row whole = before.map(row::completedFrom).orElse(row);
        Key key = RELATION.keyOf(whole);
        boolean isFree = copies.getOrDefault(key, Map.of()).isEmpty();
        add(copies, whole, 1);
        yield isFree;
      }
    };
  }

  private static void add(Map<Key, Map<Row, Long>> copies, Row row, long diff) {
    Map<Row, Long> sums = copies.computeIfAbsent(RELATION.keyOf(row), k -> new HashMap<>());
    sums.merge(row, diff, Long::sum);
    sums.values().removeIf(sum -> sum == 0);
  }

  private static Optional<Row> take(Map<Key, Map<Row, Long>> copies, Key key) {
    Map<Row, Long> sums = copies.remove(key);
    return sums == null || sums.isEmpty()
        ? Optional.empty()
        : Optional.of(sums.keySet().iterator().next());
  }

  private static void assertDifference(
      Map<Key, Row> before, Map<Key, Row> after, List<Change> changes) {
    Set<Change> expected = new HashSet<>();
    Set<Key> keys = new HashSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (Key key : keys) {
      Row old = before.get(key);
      Row row = after.get(key);
      if (old == null) {
        expected.add(new Change.Insert(row));
      } else if (row == null) {
        expected.add(new Change.Delete(old));
      } else if (!old.equals(row)) {
        expected.add(new Change.Update(old, row));
      }
    }
    assertEquals(expected, new HashSet<>(changes));
    assertEquals(expected.size(), changes.size(), "a key stands twice");
  }

  private static void assertHolds(Map<Key, Row> model, View view) {
    assertEquals(new HashSet<>(model.values()), new HashSet<>(view.rows()));
    assertEquals(model.size(), view.size());
    assertEquals(model.values().stream().mapToLong(Row::bytes).sum(), view.bytes());
    assertTrue(view.rows().stream().noneMatch(Row::hasUnchanged));
  }

  private static Map<Key, Row> distinct(List<Row> rows) {
    Map<Key, Row> distinct = new HashMap<>();
    rows.forEach(row -> distinct.putIfAbsent(RELATION.keyOf(row), row));
    return distinct;
  }

  @Provide
  Arbitrary<List<Row>> someRows() {
    return row(false, false).list().ofMaxSize(7);
  }

  @Provide
  Arbitrary<List<List<RowEvent>>> moments() {
    return event().list().ofMaxSize(7).list().ofMaxSize(6);
  }

  private static Arbitrary<RowEvent> event() {
    Arbitrary<RowEvent> put = row(true, false).map(row -> new Upserted(Optional.empty(), row));
    Arbitrary<RowEvent> move =
        Combinators.combine(key(), row(true, true))
            .as((former, row) -> new Upserted(Optional.of(former), row));
    Arbitrary<RowEvent> insert = row(false, false).map(Inserted::new);
    Arbitrary<RowEvent> count =
        Combinators.combine(row(false, false), Arbitraries.of(1L, 1L, -1L, -1L, 2L, -2L, 0L))
            .as(Counted::new);
    Arbitrary<RowEvent> unwhole =
        Combinators.combine(row(true, false), Arbitraries.of(true, false))
            .as((row, counted) -> counted ? new Counted(row, 1) : new Inserted(row));
    return Arbitraries.frequencyOf(
        Tuple.of(6, put),
        Tuple.of(4, insert),
        Tuple.of(8, count),
        Tuple.of(1, unwhole),
        Tuple.of(4, move),
        Tuple.of(4, key().map(Deleted::new)),
        Tuple.of(1, Arbitraries.create(Truncated::new)));
  }

  private static Arbitrary<Key> key() {
    return Combinators.combine(keyPart(false), keyPart(false)).as(ViewProperties::key);
  }

  private static Arbitrary<Row> row(boolean unchanged, boolean unchangedKey) {
    return Combinators.combine(
            value(unchanged), keyPart(unchangedKey), value(unchanged), keyPart(unchangedKey))
        .as((a, k, b, l) -> Row.of(a, k, b, l));
  }

  private static Arbitrary<String> value(boolean unchanged) {
    Arbitrary<String> sent = Arbitraries.of("1", "22", "(unchanged)", "").injectNull(0.2);
    return unchanged
        ? Arbitraries.frequencyOf(Tuple.of(4, sent), Tuple.of(1, Arbitraries.of(Row.UNCHANGED)))
        : sent;
  }

  private static Arbitrary<String> keyPart(boolean unchanged) {
    List<String> parts = new ArrayList<>(List.of("x", "y"));
    if (unchanged) {
      parts.add(Row.UNCHANGED);
    }
    return Arbitraries.of(parts);
  }

  private static Row row(String a, String k, String l) {
    return Row.of(a, k, null, l);
  }

  private static Key key(String k, String l) {
    return new Key(Row.of(l, k));
  }
}
