package io.tycostream.app;

import io.tycostream.client.Where;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import java.math.BigDecimal;
import java.util.List;

/** Says a condition that was read from JSON in the words of the client. */
final class WatchedRows {

  private WatchedRows() {}

  static Where where(Filter filter) {
    return switch (filter) {
      case Filter.And(List<Filter> all) -> Where.all(each(all));
      case Filter.Or(List<Filter> any) -> Where.any(each(any));
      case Filter.Not(Filter negated) -> Where.not(where(negated));
      case Filter.Compared(String name, Filter.Comparison comparison, Literal literal) -> {
        Where.Column column = Where.column(name);
        Object value = value(literal);
        yield switch (comparison) {
          case EQ -> column.is(value);
          case NEQ -> column.isNot(value);
          case GT -> column.isAbove(value);
          case GTE -> column.isAtLeast(value);
          case LT -> column.isBelow(value);
          case LTE -> column.isAtMost(value);
        };
      }
      case Filter.OneOf(String name, List<Literal> literals, boolean negated) -> {
        Object[] values = literals.stream().map(WatchedRows::value).toArray();
        yield negated ? Where.column(name).isNotIn(values) : Where.column(name).isIn(values);
      }
      case Filter.IsNull(String name, boolean isNull) ->
          isNull ? Where.column(name).isNull() : Where.column(name).isNotNull();
      case Filter.Like(String name, String pattern, boolean ignoreCase) ->
          ignoreCase
              ? Where.column(name).isLikeIgnoringCase(pattern)
              : Where.column(name).isLike(pattern);
    };
  }

  private static Where[] each(List<Filter> filters) {
    return filters.stream().map(WatchedRows::where).toArray(Where[]::new);
  }

  private static Object value(Literal literal) {
    return switch (literal) {
      case Literal.Text(String text) -> text;
      case Literal.Number(String digits) -> new BigDecimal(digits);
      case Literal.Truth(boolean truth) -> truth;
    };
  }
}
