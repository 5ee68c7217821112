package io.tycostream.client;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/**
 * Conditions on rows, with SQL's logic: a comparison with NULL is neither true nor false.
 *
 * <p>Values are texts, numbers or truths; dates, times and all else are written as text. Texts of
 * numbers keep every digit.
 */
public final class Where {

  private Where() {}

  /** A condition on a column. */
  public static Column column(String name) {
    return new Column(name);
  }

  /** True when all are. */
  public static Filter all(Filter... conditions) {
    return new Filter.And(List.of(conditions));
  }

  /** True when at least one is. */
  public static Filter any(Filter... conditions) {
    return new Filter.Or(List.of(conditions));
  }

  /** True when the other is false. */
  public static Filter not(Filter condition) {
    return new Filter.Not(condition);
  }

  /**
   * The column that a condition is on.
   *
   * @param name as the database has it
   */
  public record Column(String name) {

    /** Equal. */
    public Filter is(Object value) {
      return compared(Filter.Comparison.EQ, value);
    }

    /** Not equal; not true of NULL either. */
    public Filter isNot(Object value) {
      return compared(Filter.Comparison.NEQ, value);
    }

    public Filter isAbove(Object value) {
      return compared(Filter.Comparison.GT, value);
    }

    public Filter isAtLeast(Object value) {
      return compared(Filter.Comparison.GTE, value);
    }

    public Filter isBelow(Object value) {
      return compared(Filter.Comparison.LT, value);
    }

    public Filter isAtMost(Object value) {
      return compared(Filter.Comparison.LTE, value);
    }

    /** One of these. */
    public Filter isIn(Object... values) {
      return new Filter.OneOf(name, Arrays.stream(values).map(Where::literal).toList(), false);
    }

    /** None of these. */
    public Filter isNotIn(Object... values) {
      return new Filter.OneOf(name, Arrays.stream(values).map(Where::literal).toList(), true);
    }

    public Filter isNull() {
      return new Filter.IsNull(name, true);
    }

    public Filter isNotNull() {
      return new Filter.IsNull(name, false);
    }

    /** Matches SQL's pattern: {@code %} for any characters, {@code _} for one. */
    public Filter isLike(String pattern) {
      return new Filter.Like(name, pattern, false);
    }

    /** The same, whatever the case of letters. */
    public Filter isLikeIgnoringCase(String pattern) {
      return new Filter.Like(name, pattern, true);
    }

    private Filter compared(Filter.Comparison comparison, Object value) {
      return new Filter.Compared(name, comparison, literal(value));
    }
  }

  /**
   * @throws IllegalArgumentException when it is nothing that a condition can compare with
   */
  private static Literal literal(Object value) {
    return switch (value) {
      case String text -> new Literal.Text(text);
      case Boolean truth -> new Literal.Truth(truth);
      case BigDecimal number -> new Literal.Number(number.toPlainString());
      case Number number when isFinite(number) -> new Literal.Number(number.toString());
      default ->
          throw new IllegalArgumentException(
              "a condition compares with a text, a finite number or a truth, not with " + value);
    };
  }

  private static boolean isFinite(Number number) {
    return Double.isFinite(number.doubleValue());
  }
}
