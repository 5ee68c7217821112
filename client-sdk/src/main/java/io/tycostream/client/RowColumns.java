package io.tycostream.client;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The columns that the rows of one table have in common. */
final class RowColumns {

  private final Relation relation;
  private final Map<String, Integer> byName = new HashMap<>();

  RowColumns(Relation relation) {
    this.relation = relation;
    for (Column column : relation.columns()) {
      byName.put(column.name(), byName.size());
    }
  }

  Relation relation() {
    return relation;
  }

  List<Column> columns() {
    return relation.columns();
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
              + String.join(", ", columns().stream().map(Column::name).toList()));
    }
    return index;
  }
}
