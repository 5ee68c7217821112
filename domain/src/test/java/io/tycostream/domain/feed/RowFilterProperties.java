package io.tycostream.domain.feed;

import static io.tycostream.domain.feed.Filters.RELATION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter.And;
import io.tycostream.domain.feed.Filter.Compared;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Filter.Not;
import io.tycostream.domain.feed.Filter.OneOf;
import io.tycostream.domain.feed.Filter.Or;
import io.tycostream.domain.feed.NaiveFilter.Truth;
import io.tycostream.domain.feed.RowFilter.Equality;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

/** Against an evaluator of three values that reads every value anew. */
final class RowFilterProperties {

  private static final NaiveFilter MODEL = new NaiveFilter(RELATION);

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void aRowMatchesWhenTheWholeIsTrue(
      @ForAll("filters") Filter filter, @ForAll("rows") List<Row> rows) {
    RowFilter compiled = RowFilter.compile(filter, RELATION);
    for (Row row : rows) {
      Truth truth = MODEL.evaluate(filter, row);
      assertEquals(truth == Truth.TRUE, compiled.matches(row), () -> filter + " of " + row);
      Statistics.label("truth")
          .collect(truth)
          .coverage(coverage -> {
            coverage.check(Truth.TRUE).percentage(p -> p > 15);
            coverage.check(Truth.FALSE).percentage(p -> p > 15);
            coverage.check(Truth.UNKNOWN).percentage(p -> p > 5);
          });
      if (compiled.isEverything()) {
        assertEquals(Truth.TRUE, truth);
      }
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void eachComparisonIsAsTheModelHasIt(
      @ForAll("leaves") Filter filter, @ForAll("rows") List<Row> rows) {
    RowFilter compiled = RowFilter.compile(filter, RELATION);
    RowFilter negated = RowFilter.compile(new Not(filter), RELATION);
    for (Row row : rows) {
      Truth truth = MODEL.evaluate(filter, row);
      assertEquals(truth == Truth.TRUE, compiled.matches(row), () -> filter + " of " + row);
      assertEquals(truth == Truth.FALSE, negated.matches(row), () -> "not " + filter + " " + row);
    }
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void lawsOfLogicKeepTheMeaningAndItsText(
      @ForAll("filters") Filter a, @ForAll("filters") Filter b, @ForAll("filters") Filter c) {
    same(new Not(new Not(a)), a);
    same(new Not(new And(List.of(a, b))), new Or(List.of(new Not(a), new Not(b))));
    same(new Not(new Or(List.of(a, b))), new And(List.of(new Not(a), new Not(b))));
    same(new And(List.of(a, b, a)), new And(List.of(b, a)));
    same(new Or(List.of(a, b, a)), new Or(List.of(b, a)));
    same(new And(List.of(new And(List.of(a, b)), c)), new And(List.of(c, b, a)));
    same(new Or(List.of(a, new Or(List.of(b, c)))), new Or(List.of(c, a, b)));
    same(new And(List.of(a, Filter.EVERYTHING)), a);
    same(new Or(List.of(a, new Or(List.of()))), a);
    same(new Or(List.of(a, Filter.EVERYTHING)), Filter.EVERYTHING);
  }

  private static void same(Filter a, Filter b) {
    assertEquals(
        RowFilter.compile(a, RELATION).canonical(), RowFilter.compile(b, RELATION).canonical());
  }

  /** Together with the model this says that the laws above hold of the rows, too. */
  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void filtersThatTellARowApartDifferentlyHaveAnotherText(
      @ForAll("similar") List<Filter> pair, @ForAll("rows") List<Row> rows) {
    Filter a = pair.get(0);
    Filter b = pair.get(1);
    String textOfA = RowFilter.compile(a, RELATION).canonical();
    String textOfB = RowFilter.compile(b, RELATION).canonical();
    for (Row row : rows) {
      if ((MODEL.evaluate(a, row) == Truth.TRUE) != (MODEL.evaluate(b, row) == Truth.TRUE)) {
        assertNotEquals(textOfA, textOfB, () -> a + " and " + b + " differ at " + row);
        assertNotEquals(derivation(a), derivation(b));
      }
    }
    Statistics.label("text").collect(textOfA.equals(textOfB) ? "same" : "another");
  }

  private static Derivation derivation(Filter where) {
    return Derivation.of(new Definition(where, Optional.empty(), false), RELATION);
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void everyMatchingRowFulfilsTheEquality(
      @ForAll("equalities") Filter equality,
      @ForAll("filters") Filter other,
      @ForAll("rows") List<Row> rows) {
    RowFilter filter = RowFilter.compile(new And(List.of(other, equality)), RELATION);
    for (Row row : rows) {
      if (filter.matches(row)) {
        Equality index = filter.equality().orElseThrow();
        String value = row.value(index.column());
        ColumnType type = ColumnType.of(RELATION.columns().get(index.column()).type());
        assertTrue(value != null && index.values().contains(type.key(value)));
      }
    }
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void anEqualityIsNeverClaimedWhereARowMatchesWithoutIt(
      @ForAll("filters") Filter filter, @ForAll("rows") List<Row> rows) {
    RowFilter compiled = RowFilter.compile(filter, RELATION);
    Optional<Equality> equality = compiled.equality();
    for (Row row : rows) {
      if (equality.isPresent() && compiled.matches(row)) {
        String value = row.value(equality.get().column());
        ColumnType type = ColumnType.of(RELATION.columns().get(equality.get().column()).type());
        assertTrue(value != null && equality.get().values().contains(type.key(value)));
      }
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void anEqualityAloneIsTheWholeFilter(
      @ForAll("equalities") Filter filter, @ForAll("rows") List<Row> rows) {
    RowFilter compiled = RowFilter.compile(filter, RELATION);
    Equality equality = compiled.equality().orElseThrow();
    ColumnType type = ColumnType.of(RELATION.columns().get(equality.column()).type());
    for (Row row : rows) {
      String value = row.value(equality.column());
      assertEquals(
          value != null && equality.values().contains(type.key(value)), compiled.matches(row));
    }
  }

  @Provide
  Arbitrary<List<Row>> rows() {
    return Filters.rows().list().ofSize(5);
  }

  @Provide
  Arbitrary<Filter> filters() {
    return Filters.filters();
  }

  @Provide
  Arbitrary<Filter> leaves() {
    return Filters.leaves();
  }

  @Provide
  Arbitrary<Filter> equalities() {
    return Filters.leaves()
        .filter(leaf ->
            (leaf instanceof Compared c && c.comparison() == Comparison.EQ)
                || (leaf instanceof OneOf o && !o.negated() && !o.values().isEmpty()));
  }

  /** Two filters, of which the second is the first with one leaf at most taken for another. */
  @Provide
  Arbitrary<List<Filter>> similar() {
    return Filters.leaves()
        .list()
        .ofSize(4)
        .flatMap(leaves ->
            Arbitraries.integers()
                .between(0, 2)
                .list()
                .ofSize(2)
                .map(choice -> {
                  List<Filter> other = new ArrayList<>(leaves.subList(0, 3));
                  if (choice.get(0) > 0) {
                    other.set(choice.get(1), leaves.get(3));
                  }
                  return List.of(
                      new Or(leaves.subList(0, 3)), new Or(List.copyOf(other).reversed()));
                }));
  }
}
