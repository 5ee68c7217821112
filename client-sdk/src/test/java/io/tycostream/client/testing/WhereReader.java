package io.tycostream.client.testing;

import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.feed.RowFilter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a {@code where}: {@code {"price":{"_gt":100},"_or":[{…},{…}]}}. */
final class WhereReader {

  /** Objects in each other by way of {@code _and}, {@code _or} and {@code _not}. */
  private static final int MAX_NESTING = 12;

  private static final List<String> OPERATORS =
      List.of(
          "_eq",
          "_neq",
          "_gt",
          "_gte",
          "_lt",
          "_lte",
          "_in",
          "_nin",
          "_is_null",
          "_like",
          "_ilike");

  private int operandsLeft = RowFilter.MAX_OPERANDS;

  private WhereReader() {}

  /**
   * @throws BadFilterException when it is no filter, or is too large; the reason names the place
   */
  static Filter read(Object where) {
    return new WhereReader().object(where, "where", 0);
  }

  private Filter object(@Nullable Object json, String path, int nesting) {
    if (!(json instanceof Map<?, ?> object)) {
      throw bad(path + " is not an object such as {\"price\":{\"_gt\":100}}");
    }
    if (nesting > MAX_NESTING) {
      throw bad(path + " is nested deeper than " + MAX_NESTING + " levels");
    }
    List<Filter> all = new ArrayList<>();
    for (Map.Entry<?, ?> field : object.entrySet()) {
      String name = String.valueOf(field.getKey());
      Object value = field.getValue();
      String at = path + '.' + name;
      switch (name) {
        case "_and" -> all.add(new Filter.And(objects(value, at, nesting)));
        case "_or" -> all.add(new Filter.Or(objects(value, at, nesting)));
        case "_not" -> all.add(new Filter.Not(object(value, at, nesting + 1)));
        default -> column(name, value, at, all);
      }
    }
    return all.size() == 1 ? all.getFirst() : new Filter.And(all);
  }

  private List<Filter> objects(@Nullable Object json, String path, int nesting) {
    List<Filter> filters = new ArrayList<>();
    for (Object each : array(json, path)) {
      spend(path);
      filters.add(object(each, path + '[' + filters.size() + ']', nesting + 1));
    }
    return filters;
  }

  private void column(String column, @Nullable Object json, String path, List<Filter> all) {
    if (OPERATORS.contains(column)) {
      throw bad(path + " is not inside a column; write {\"price\":{\"" + column + "\":…}}");
    }
    if (!(json instanceof Map<?, ?> operators) || operators.isEmpty()) {
      throw bad(path + " is not an object of operators such as {\"_eq\":1}");
    }
    for (Map.Entry<?, ?> field : operators.entrySet()) {
      spend(path);
      String name = String.valueOf(field.getKey());
      all.add(operator(column, name, field.getValue(), path + '.' + name));
    }
  }

  private Filter operator(String column, String name, @Nullable Object value, String path) {
    return switch (name) {
      case "_eq" -> new Filter.Compared(column, Comparison.EQ, literal(value, path));
      case "_neq" -> new Filter.Compared(column, Comparison.NEQ, literal(value, path));
      case "_gt" -> new Filter.Compared(column, Comparison.GT, literal(value, path));
      case "_gte" -> new Filter.Compared(column, Comparison.GTE, literal(value, path));
      case "_lt" -> new Filter.Compared(column, Comparison.LT, literal(value, path));
      case "_lte" -> new Filter.Compared(column, Comparison.LTE, literal(value, path));
      case "_in" -> new Filter.OneOf(column, literals(value, path), false);
      case "_nin" -> new Filter.OneOf(column, literals(value, path), true);
      case "_is_null" -> {
        if (!(value instanceof Boolean isNull)) {
          throw bad(path + " is neither true nor false");
        }
        yield new Filter.IsNull(column, isNull);
      }
      case "_like", "_ilike" -> {
        if (!(value instanceof String pattern)) {
          throw bad(path + " is not a text with % and _");
        }
        yield new Filter.Like(column, pattern, name.equals("_ilike"));
      }
      default -> throw bad(path + " is no operator; there are " + String.join(", ", OPERATORS));
    };
  }

  private List<Literal> literals(@Nullable Object json, String path) {
    List<Literal> literals = new ArrayList<>();
    for (Object each : array(json, path)) {
      spend(path);
      literals.add(literal(each, path + '[' + literals.size() + ']'));
    }
    return literals;
  }

  private static Literal literal(@Nullable Object json, String path) {
    return switch (json) {
      case String text -> new Literal.Text(text);
      case Boolean truth -> new Literal.Truth(truth);
      case BigDecimal number -> new Literal.Number(number.toString());
      case null ->
          throw bad(path + " is null, with which nothing compares; write {\"_is_null\":true}");
      default -> throw bad(path + " is not a text, a number, true or false");
    };
  }

  private static List<?> array(@Nullable Object json, String path) {
    if (!(json instanceof List<?> array)) {
      throw bad(path + " is not an array");
    }
    return array;
  }

  private void spend(String path) {
    if (--operandsLeft < 0) {
      throw bad(
          path + ": the filter has more than " + RowFilter.MAX_OPERANDS + " conditions and values");
    }
  }

  private static BadFilterException bad(String message) {
    return new BadFilterException(BadFilterException.Fault.BAD_FILTER, message);
  }
}
