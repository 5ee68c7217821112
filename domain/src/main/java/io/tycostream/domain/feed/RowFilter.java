package io.tycostream.domain.feed;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Condition.Against;
import io.tycostream.domain.feed.Condition.All;
import io.tycostream.domain.feed.Condition.OneOf;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A {@link Filter} bound to a relation: tells which rows it lets through, as SQL's {@code where}
 * does.
 *
 * <p>Comparisons with NULL are unknown, the negation of unknown is unknown, and only rows for which
 * the whole is true match. How values compare is said by {@link ColumnType}; a value that does not
 * look as its type should counts as unknown too, so that nothing passes by mistake. Immutable; any
 * thread.
 */
public final class RowFilter {

  /** Levels of {@code and}, {@code or} and {@code not} that may stand in each other. */
  public static final int MAX_DEPTH = 32;

  /** Conditions and values that a filter may have, all in all. */
  public static final int MAX_OPERANDS = 1_000;

  private final Condition condition;
  private final String canonical;
  private final Set<String> columns;
  private final Optional<Equality> equality;

  private RowFilter(Condition condition, Set<String> columns) {
    this.condition = condition;
    this.canonical = condition.canonical();
    this.columns = Set.copyOf(columns);
    this.equality = equalityOf(condition);
  }

  /**
   * What every matching row is equal to in one column.
   *
   * @param column its place in a row
   * @param values keys of the column's {@link ColumnType}: a row whose key is none of them, or that
   *     is NULL there, does not match; one whose key is among them may
   */
  public record Equality(int column, Set<Object> values) {
    public Equality {
      values = Set.copyOf(values);
    }
  }

  /**
   * Holds a filter against the columns of a relation.
   *
   * @throws BadFilterException when it names a column that is not there, when an operator or a
   *     value does not go with a column's type, or when it is larger than the limits
   */
  public static RowFilter compile(Filter filter, Relation relation) {
    Compilation compilation = new Compilation(relation);
    Condition condition = compilation.of(filter);
    return new RowFilter(condition, compilation.used());
  }

  /**
   * Whether a row is let through. Allocates nothing for equality of texts and for integers.
   *
   * @param row of the relation, whole: without values left out as unchanged
   */
  public boolean matches(Row row) {
    return condition.holds(row);
  }

  /** Whether it is known to let every row through. */
  public boolean isEverything() {
    return condition.equals(Condition.TRUE);
  }

  /**
   * A text of what it means: the same on every node for filters that differ only in order,
   * repetition, nesting or the way a value is written; never the same for two filters that tell
   * rows of one relation apart differently.
   */
  public String canonical() {
    return canonical;
  }

  /** The columns that it names, also those that make no difference. */
  public Set<String> columns() {
    return columns;
  }

  /** For an index of filters: an equality that every matching row fulfils, if one is written. */
  public Optional<Equality> equality() {
    return equality;
  }

  private static Optional<Equality> equalityOf(Condition condition) {
    List<Condition> conjuncts = condition instanceof All all ? all.parts() : List.of(condition);
    return conjuncts.stream()
        .flatMap(RowFilter::equalities)
        .min(
            Comparator.comparingInt((Equality equality) -> equality.values().size())
                .thenComparingInt(Equality::column));
  }

  private static Stream<Equality> equalities(Condition condition) {
    return switch (condition) {
      case Against one when one.comparison() == Filter.Comparison.EQ ->
          Stream.of(new Equality(one.operand().index(), Set.of(one.key())));
      case OneOf some when !some.negated() ->
          Stream.of(new Equality(some.operand().index(), some.keys()));
      default -> Stream.empty();
    };
  }

  @Override
  public String toString() {
    return canonical;
  }
}
