package io.tycostream.simulation;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a filter means, worked out for one row in the simplest way and without the core: SQL's logic
 * of three values, with null for unknown. Enough for numbers and for texts of ASCII.
 */
final class NaiveFilter {

  private NaiveFilter() {}

  static boolean matches(Filter filter, Relation relation, Row row) {
    return Boolean.TRUE.equals(holds(filter, relation, row));
  }

  private static @Nullable Boolean holds(Filter filter, Relation relation, Row row) {
    return switch (filter) {
      case Filter.And(List<Filter> all) -> {
        Boolean result = true;
        for (Filter each : all) {
          Boolean one = holds(each, relation, row);
          if (Boolean.FALSE.equals(one)) {
            yield false;
          }
          result = one == null ? null : result;
        }
        yield result;
      }
      case Filter.Or(List<Filter> any) -> {
        Boolean result = false;
        for (Filter each : any) {
          Boolean one = holds(each, relation, row);
          if (Boolean.TRUE.equals(one)) {
            yield true;
          }
          result = one == null ? null : result;
        }
        yield result;
      }
      case Filter.Not(Filter negated) -> not(holds(negated, relation, row));
      case Filter.Compared(String column, Filter.Comparison comparison, Literal value) -> {
        Integer order = compare(value(column, relation, row), isNumber(column, relation), value);
        yield order == null ? null : is(comparison, order);
      }
      case Filter.OneOf(String column, List<Literal> values, boolean negated) -> {
        String mine = value(column, relation, row);
        if (mine == null) {
          yield values.isEmpty() ? (Boolean) negated : null;
        }
        boolean found = false;
        for (Literal each : values) {
          Integer order = compare(mine, isNumber(column, relation), each);
          found |= order != null && order == 0;
        }
        yield found != negated;
      }
      case Filter.IsNull(String column, boolean isNull) ->
          (value(column, relation, row) == null) == isNull;
      case Filter.Like(String column, String pattern, boolean ignoreCase) -> {
        String mine = value(column, relation, row);
        yield mine == null ? null : like(mine, pattern, ignoreCase);
      }
    };
  }

  private static boolean is(Filter.Comparison comparison, int order) {
    return switch (comparison) {
      case EQ -> order == 0;
      case NEQ -> order != 0;
      case GT -> order > 0;
      case GTE -> order >= 0;
      case LT -> order < 0;
      case LTE -> order <= 0;
    };
  }

  private static @Nullable Integer compare(@Nullable String mine, boolean number, Literal literal) {
    if (mine == null) {
      return null;
    }
    String other =
        switch (literal) {
          case Literal.Text(String text) -> text;
          case Literal.Number(String digits) -> digits;
          case Literal.Truth(boolean truth) -> Boolean.toString(truth);
        };
    return number ? new BigDecimal(mine).compareTo(new BigDecimal(other)) : mine.compareTo(other);
  }

  private static @Nullable Boolean not(@Nullable Boolean negated) {
    return negated == null ? null : (Boolean) !negated;
  }

  private static boolean like(String text, String pattern, boolean ignoreCase) {
    String regex = pattern.replace("%", ".*").replace("_", ".");
    return Pattern.compile(regex, ignoreCase ? Pattern.CASE_INSENSITIVE : 0)
        .matcher(text)
        .matches();
  }

  private static @Nullable String value(String column, Relation relation, Row row) {
    return row.value(place(column, relation));
  }

  private static boolean isNumber(String column, Relation relation) {
    return relation.columns().get(place(column, relation)).type().startsWith("int");
  }

  private static int place(String column, Relation relation) {
    return relation.columns().stream().map(Column::name).toList().indexOf(column);
  }
}
