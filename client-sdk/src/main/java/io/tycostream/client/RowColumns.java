package io.tycostream.client;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The columns that the rows of one table have in common. */
final class RowColumns {

  private final Relation relation;
  private final List<TableColumn> columns;
  private final Map<String, Integer> byName = new HashMap<>();
  private final RowColumns key;

  RowColumns(Relation relation) {
    this.relation = relation;
    this.columns =
        relation.columns().stream().map(each -> new TableColumn(each.name(), each.type())).toList();
    for (Column column : relation.columns()) {
      byName.put(column.name(), byName.size());
    }
    boolean isAll = !relation.isKeyed() || relation.key().equals(names());
    this.key = isAll ? this : new RowColumns(keyAlone(relation));
  }

  private static Relation keyAlone(Relation relation) {
    List<Column> columns =
        Arrays.stream(relation.keyColumns()).mapToObj(relation.columns()::get).toList();
    return new Relation(
        "the key of " + relation.name(), relation.identity(), columns, relation.key());
  }

  Relation relation() {
    return relation;
  }

  List<TableColumn> columns() {
    return columns;
  }

  /** Those that identify a row, in the key's order; all where nothing less does. */
  RowColumns ofKey() {
    return key;
  }

  /** Where a column stands in a row. */
  int indexOf(String name) {
    Integer index = byName.get(name);
    if (index == null) {
      throw new IllegalArgumentException(
          relation.name()
              + " has no column \""
              + name
              + "\"; it has "
              + String.join(", ", names()));
    }
    return index;
  }

  private List<String> names() {
    return columns.stream().map(TableColumn::name).toList();
  }
}
