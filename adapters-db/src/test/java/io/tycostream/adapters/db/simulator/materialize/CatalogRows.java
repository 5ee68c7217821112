package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Column;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something of the catalogue that can be asked: a relation of the real catalogue, or the answer to
 * a query known by its tag. It gives all its rows with all its columns; the query chooses the rows
 * by its {@code column = 'literal'} conditions, and the columns by name or alias.
 *
 * @param conditions for conditions with a qualified name that mean another column, such as {@code
 *     s.name} to {@code schema}; others mean the column after the point, and those on no column of
 *     these rows are left alone in a tagged query
 */
public record CatalogRows(
    List<Column> columns,
    Map<String, String> conditions,
    Supplier<List<List<@Nullable String>>> rows) {

  public CatalogRows {
    columns = List.copyOf(columns);
    conditions = Map.copyOf(conditions);
  }

  public static CatalogRows of(List<Column> columns, Supplier<List<List<@Nullable String>>> rows) {
    return new CatalogRows(columns, Map.of(), rows);
  }

  static List<@Nullable String> row(@Nullable String... values) {
    return Arrays.asList(values);
  }

  /** The place of a column, −1 if there is none. */
  int index(String name) {
    return columns.stream().map(Column::name).toList().indexOf(name);
  }
}
