package io.tycostream.adapters.ws;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.BadFilterException.Fault;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.feed.RowFilter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads a {@code where}: {@code {"price":{"_gt":100},"_or":[{…},{…}]}}. Several fields of an object
 * and several operators of a column must all hold; {@code {}} lets every row through.
 *
 * <p>Beside columns the names of operators are operators: a column of such a name cannot be
 * filtered. Numbers keep their digits only when Jackson reads them as {@link BigDecimal}.
 */
public final class WhereReader {

  /** Objects in each other by way of {@code _and}, {@code _or} and {@code _not}. */
  static final int MAX_NESTING = 12;

  private static final List<String> LOGIC = List.of("_and", "_or", "_not");

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

  private static final Pattern PLAIN_NAME = Pattern.compile("\\w{1,63}");

  private static final int SHOWN = 40;

  /** Different letters with which a name still counts as meant for another. */
  private static final int NEAR = 2;

  private int operandsLeft = RowFilter.MAX_OPERANDS;

  private WhereReader() {}

  /**
   * Reads a filter.
   *
   * @throws BadFilterException when it is none, or is too large; the reason names the place
   */
  public static Filter read(JsonNode where) {
    return new WhereReader().object(where, "where", 0);
  }

  private Filter object(JsonNode json, String path, int nesting) {
    if (!json.isObject()) {
      throw bad(path + " is " + kind(json) + ", not an object such as {\"price\":{\"_gt\":100}}");
    }
    if (nesting > MAX_NESTING) {
      throw bad(path + " is nested deeper than " + MAX_NESTING + " levels");
    }
    List<Filter> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      String at = path + step(name);
      switch (name) {
        case "_and" -> all.add(new Filter.And(objects(value, at, nesting)));
        case "_or" -> all.add(new Filter.Or(objects(value, at, nesting)));
        case "_not" -> all.add(new Filter.Not(object(value, at, nesting + 1)));
        default -> column(name, value, at, all);
      }
    }
    return all.size() == 1 ? all.getFirst() : new Filter.And(all);
  }

  private List<Filter> objects(JsonNode json, String path, int nesting) {
    if (!json.isArray()) {
      throw bad(path + " is " + kind(json) + ", not an array of objects");
    }
    List<Filter> filters = new ArrayList<>();
    for (int i = 0; i < json.size(); i++) {
      spend(path);
      filters.add(object(json.get(i), path + '[' + i + ']', nesting + 1));
    }
    return filters;
  }

  private void column(String column, JsonNode json, String path, List<Filter> all) {
    if (OPERATORS.contains(column)) {
      throw bad(path + " is not inside a column; write {\"price\":{\"" + column + "\":…}}");
    }
    if (!json.isObject()) {
      throw bad(path + " is " + kind(json) + ", not an object of operators such as {\"_eq\":1}");
    }
    if (json.isEmpty()) {
      throw bad(path + " has no operator; there are " + String.join(", ", OPERATORS));
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      spend(path);
      all.add(operator(column, field.getKey(), field.getValue(), path + step(field.getKey())));
    }
  }

  private Filter operator(String column, String operator, JsonNode value, String path) {
    return switch (operator) {
      case "_eq" -> new Filter.Compared(column, Comparison.EQ, literal(value, path));
      case "_neq" -> new Filter.Compared(column, Comparison.NEQ, literal(value, path));
      case "_gt" -> new Filter.Compared(column, Comparison.GT, literal(value, path));
      case "_gte" -> new Filter.Compared(column, Comparison.GTE, literal(value, path));
      case "_lt" -> new Filter.Compared(column, Comparison.LT, literal(value, path));
      case "_lte" -> new Filter.Compared(column, Comparison.LTE, literal(value, path));
      case "_in" -> new Filter.OneOf(column, literals(value, path), false);
      case "_nin" -> new Filter.OneOf(column, literals(value, path), true);
      case "_is_null" -> new Filter.IsNull(column, truth(value, path));
      case "_like" -> new Filter.Like(column, text(value, path), false);
      case "_ilike" -> new Filter.Like(column, text(value, path), true);
      default -> throw unknown(operator, path);
    };
  }

  private List<Literal> literals(JsonNode json, String path) {
    if (!json.isArray()) {
      throw bad(path + " is " + kind(json) + ", not an array of values");
    }
    List<Literal> literals = new ArrayList<>();
    for (int i = 0; i < json.size(); i++) {
      spend(path);
      literals.add(literal(json.get(i), path + '[' + i + ']'));
    }
    return literals;
  }

  private static Literal literal(JsonNode json, String path) {
    return switch (json.getNodeType()) {
      case STRING -> new Literal.Text(json.textValue());
      case BOOLEAN -> new Literal.Truth(json.booleanValue());
      case NUMBER -> number(json, path);
      case NULL ->
          throw bad(path + " is null, with which nothing compares; write {\"_is_null\":true}");
      case ARRAY, OBJECT, BINARY, MISSING, POJO ->
          throw bad(path + " is " + kind(json) + ", not a text, a number, true or false");
    };
  }

  private static Literal number(JsonNode json, String path) {
    String digits = json.asText();
    if (json.isFloatingPointNumber()
        && !json.isBigDecimal()
        && !Double.isFinite(json.doubleValue())) {
      throw bad(path + " is too large for a JSON number; write it as a text");
    }
    return new Literal.Number(digits);
  }

  private static boolean truth(JsonNode json, String path) {
    if (!json.isBoolean()) {
      throw bad(path + " is " + kind(json) + ", not true or false");
    }
    return json.booleanValue();
  }

  private static String text(JsonNode json, String path) {
    if (!json.isTextual()) {
      throw bad(path + " is " + kind(json) + ", not a text with % and _");
    }
    return json.textValue();
  }

  private static BadFilterException unknown(String operator, String path) {
    if (LOGIC.contains(operator)) {
      return bad(path + " is inside a column; " + operator + " stands beside columns");
    }
    String nearest =
        OPERATORS.stream().min(Comparator.comparingInt(o -> distance(o, operator))).orElseThrow();
    String guess = distance(nearest, operator) > NEAR ? "" : ", perhaps " + nearest + " is meant";
    return bad(path + " is no operator" + guess + "; there are " + String.join(", ", OPERATORS));
  }

  /** How many letters to put in, take out or change, as far as it matters here. */
  private static int distance(String a, String b) {
    if (Math.abs(a.length() - b.length()) > NEAR) {
      return NEAR + 1;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private void spend(String path) {
    if (--operandsLeft < 0) {
      throw bad(
          path + ": the filter has more than " + RowFilter.MAX_OPERANDS + " conditions and values");
    }
  }

  private static String step(String name) {
    return PLAIN_NAME.matcher(name).matches() ? '.' + name : "[\"" + shortened(name) + "\"]";
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  private static String kind(JsonNode json) {
    return switch (json.getNodeType()) {
      case STRING -> "a text";
      case BOOLEAN -> "true or false";
      case NUMBER -> "a number";
      case NULL -> "null";
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case BINARY, MISSING, POJO -> "not there";
    };
  }

  private static BadFilterException bad(String message) {
    return new BadFilterException(Fault.BAD_FILTER, message);
  }
}
