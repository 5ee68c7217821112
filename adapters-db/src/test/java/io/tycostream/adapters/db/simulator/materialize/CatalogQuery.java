package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a SELECT from the catalogue: the names of its columns, the relations it names,
 * and its conditions of the form {@code column = 'literal'}. No joins are made, nothing is
 * computed.
 *
 * @param outputs name and, where it is one, literal of each item; {@code *} for all columns
 * @param tables without their schemas, in the order of FROM and JOIN
 * @param conditions by name, qualified by an alias if it was
 * @param plain there is nothing in it but conditions joined by AND
 */
record CatalogQuery(
    List<Item> outputs, List<String> tables, Map<String, String> conditions, boolean plain) {

  /** What would need a real engine. */
  private static final Set<String> TOO_MUCH =
      Set.of("or", "in", "not", "group", "having", "union", "like", "any", "<", ">", "(");

  /**
   * @param name of the column in the answer
   * @param source the column or function that is named before AS; empty for a literal
   * @param expression what stands before AS or a cast
   * @param text it is cast to text
   */
  record Item(String name, String source, String expression, boolean text) {

    boolean isLiteral() {
      return source.isEmpty();
    }

    /**
     * Where it comes from. In a query known by its tag the alias says what is meant, because {@code
     * s.name AS schema} is not a name; elsewhere the column says it.
     */
    int index(CatalogRows from, boolean tagged) {
      int first = from.index(tagged ? name : source);
      return first >= 0 || isLiteral() ? first : from.index(tagged ? source : name);
    }
  }

  /** Reads on from the word SELECT. */
  static CatalogQuery parse(SqlTokens sql) {
    sql.expect("select");
    List<Item> outputs = new ArrayList<>();
    do {
      outputs.add(item(sql));
    } while (sql.accept(","));
    List<String> tables = new ArrayList<>();
    Map<String, String> conditions = new LinkedHashMap<>();
    boolean plain = true;
    while (!sql.atEnd()) {
      if (sql.at("from") || sql.at("join")) {
        plain = plain && sql.next().is("from");
        String table = sql.identifier();
        while (sql.accept(".")) {
          table = sql.identifier();
        }
        tables.add(table);
      } else if (isCondition(sql, 0)) {
        String name = sql.identifier();
        sql.expect("=");
        conditions.put(name, sql.next().text());
      } else if (sql.peek(1).is(".") && isCondition(sql, 2)) {
        String name = sql.identifier();
        sql.expect(".");
        name += "." + sql.identifier();
        sql.expect("=");
        conditions.put(name, sql.next().text());
      } else {
        String word = sql.next().text();
        plain = plain && !TOO_MUCH.contains(word);
      }
    }
    return new CatalogQuery(outputs, tables, conditions, plain);
  }

  /**
   * Columns of the answer.
   *
   * @param tagged the query is known by its tag
   */
  List<Column> columns(CatalogRows from, boolean tagged) {
    List<Column> columns = new ArrayList<>();
    for (Item item : outputs) {
      int index = item.index(from, tagged);
      if (item.name().equals("*")) {
        columns.addAll(from.columns());
      } else if (index >= 0) {
        int type = item.text() ? Column.TEXT : from.columns().get(index).typeOid();
        columns.add(new Column(item.name(), type));
      } else if (item.isLiteral()) {
        boolean number = item.expression().matches("\\d+") && !item.text();
        columns.add(new Column(item.name(), number ? Column.INT4 : Column.TEXT));
      } else {
        throw MaterializeErrors.notYetSupported("column \"" + item.source() + "\" does not exist")
            .refusal();
      }
    }
    return columns;
  }

  List<List<@Nullable String>> rows(CatalogRows from, boolean tagged) {
    List<List<@Nullable String>> found = new ArrayList<>();
    for (List<@Nullable String> row : from.rows().get()) {
      if (matches(row, from, tagged)) {
        found.add(project(row, from, tagged));
      }
    }
    return found;
  }

  private List<@Nullable String> project(
      List<@Nullable String> row, CatalogRows from, boolean tagged) {
    List<@Nullable String> projected = new ArrayList<>();
    for (Item item : outputs) {
      int index = item.index(from, tagged);
      if (item.name().equals("*")) {
        projected.addAll(row);
      } else {
        projected.add(index < 0 ? item.expression() : row.get(index));
      }
    }
    return projected;
  }

  private boolean matches(List<@Nullable String> row, CatalogRows from, boolean tagged) {
    for (Map.Entry<String, String> condition : conditions.entrySet()) {
      String qualified = condition.getKey();
      String name =
          Optional.ofNullable(from.conditions().get(qualified))
              .orElse(qualified.substring(qualified.indexOf('.') + 1));
      int index = from.index(name);
      if (index < 0 && !tagged) {
        throw MaterializeErrors.notYetSupported("column \"" + qualified + "\" does not exist")
            .refusal();
      }
      if (index >= 0 && !condition.getValue().equals(row.get(index))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isCondition(SqlTokens sql, int at) {
    SqlTokens.Kind name = sql.peek(at).kind();
    return (name == SqlTokens.Kind.WORD || name == SqlTokens.Kind.QUOTED)
        && sql.peek(at + 1).is("=")
        && sql.peek(at + 2).kind() == SqlTokens.Kind.STRING;
  }

  /** An expression is gone past; what counts is its last name, and the alias. */
  private static Item item(SqlTokens sql) {
    StringBuilder expression = new StringBuilder();
    String source = "";
    String name = "?column?";
    boolean cast = false;
    boolean text = false;
    int depth = 0;
    int named = sql.at("cast", "(") ? 1 : 0;
    if (named == 1) {
      sql.expect("cast");
    }
    while (!sql.atEnd() && !sql.at("from") && (depth > 0 || !sql.at(","))) {
      SqlTokens.Token token = sql.next();
      if (depth == 0 && token.is("as")) {
        name = sql.identifier();
        break;
      }
      depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
      cast = cast || token.is("::") || token.is("as");
      text = text || (cast && token.is("text"));
      if (!cast && depth <= named) {
        expression.append(token.text());
        if (isName(token)) {
          source = token.text();
          name = source;
        }
      }
    }
    return new Item(name, source, expression.toString(), text);
  }

  private static boolean isName(SqlTokens.Token token) {
    return token.kind() == SqlTokens.Kind.WORD
        || token.kind() == SqlTokens.Kind.QUOTED
        || token.is("*");
  }
}
