package io.tycostream.client;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import java.math.BigDecimal;
import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A condition on rows, with SQL's logic: a comparison with NULL is neither true nor false.
 *
 * <p>Values are texts, numbers, truths, dates, times and moments of {@code java.time}, constants of
 * enums and UUIDs; all else is written as text, as the database writes it. Texts of numbers keep
 * every digit. Any other value is an {@link IllegalArgumentException}.
 */
public final class Where {

  private final Filter filter;

  private Where(Filter filter) {
    this.filter = filter;
  }

  /** As the gateway is told it. */
  Filter filter() {
    return filter;
  }

  /** A condition on a column. */
  public static Column column(String name) {
    return new Column(name);
  }

  /** True when all are. */
  public static Where all(Where... conditions) {
    return new Where(new Filter.And(filters(conditions)));
  }

  /** True when at least one is. */
  public static Where any(Where... conditions) {
    return new Where(new Filter.Or(filters(conditions)));
  }

  /** True when the other is false. */
  public static Where not(Where condition) {
    return new Where(new Filter.Not(condition.filter));
  }

  private static List<Filter> filters(Where... conditions) {
    return Arrays.stream(conditions).map(Where::filter).toList();
  }

  /**
   * The column that a condition is on.
   *
   * @param name as the database has it
   */
  public record Column(String name) {

    /** Equal. */
    public Where is(Object value) {
      return compared(Filter.Comparison.EQ, value);
    }

    /** Not equal; not true of NULL either. */
    public Where isNot(Object value) {
      return compared(Filter.Comparison.NEQ, value);
    }

    /** Greater. */
    public Where isAbove(Object value) {
      return compared(Filter.Comparison.GT, value);
    }

    /** Greater or equal. */
    public Where isAtLeast(Object value) {
      return compared(Filter.Comparison.GTE, value);
    }

    /** Less. */
    public Where isBelow(Object value) {
      return compared(Filter.Comparison.LT, value);
    }

    /** Less or equal. */
    public Where isAtMost(Object value) {
      return compared(Filter.Comparison.LTE, value);
    }

    /** One of these. */
    public Where isIn(Object... values) {
      return new Where(
          new Filter.OneOf(name, Arrays.stream(values).map(Where::literal).toList(), false));
    }

    /** None of these. */
    public Where isNotIn(Object... values) {
      return new Where(
          new Filter.OneOf(name, Arrays.stream(values).map(Where::literal).toList(), true));
    }

    /** NULL. */
    public Where isNull() {
      return new Where(new Filter.IsNull(name, true));
    }

    /** Not NULL. */
    public Where isNotNull() {
      return new Where(new Filter.IsNull(name, false));
    }

    /** Matches SQL's pattern: {@code %} for any characters, {@code _} for one. */
    public Where isLike(String pattern) {
      return new Where(new Filter.Like(name, pattern, false));
    }

    /** The same, whatever the case of letters. */
    public Where isLikeIgnoringCase(String pattern) {
      return new Where(new Filter.Like(name, pattern, true));
    }

    private Where compared(Filter.Comparison comparison, Object value) {
      return new Where(new Filter.Compared(name, comparison, literal(value)));
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
      case Enum<?> constant -> new Literal.Text(constant.name());
      case Temporal time -> new Literal.Text(time.toString());
      case UUID id -> new Literal.Text(id.toString());
      default ->
          throw new IllegalArgumentException(
              "a condition compares with a text, a finite number, a truth, a date, time or moment,"
                  + " an enum's constant or a UUID, not with "
                  + value);
    };
  }

  @Override
  @SuppressWarnings("exports") // annotations are not needed to use it
  public boolean equals(@Nullable Object other) {
    return other instanceof Where that && filter.equals(that.filter);
  }

  @Override
  public int hashCode() {
    return filter.hashCode();
  }

  @Override
  public String toString() {
    return filter.toString();
  }

  private static boolean isFinite(Number number) {
    return Double.isFinite(number.doubleValue());
  }
}
