package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows that their key identifies. */
final class KeyedRows implements Rows {

  private final Relation relation;
  private final Map<Key, Row> rows;

  KeyedRows(Relation relation, int expected) {
    this.relation = relation;
    this.rows = LinkedHashMap.newLinkedHashMap(expected);
  }

  @Override
  public boolean add(Row row) {
    return rows.put(relation.keyOf(row), row) == null;
  }

  @Override
  public Optional<String> apply(List<RowChange> changes, boolean exact, List<Change> into) {
    for (RowChange change : changes) {
      Optional<String> misfit = apply(change, exact, into);
      if (misfit.isPresent()) {
        takeBack(into);
        return misfit;
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Row> find(Key key) {
    return Optional.ofNullable(rows.get(key));
  }

  @Override
  public Collection<Row> all() {
    return Collections.unmodifiableCollection(rows.values());
  }

  private Optional<String> apply(RowChange change, boolean exact, List<Change> into) {
    switch (change) {
      case RowChange.Insert(Row row) -> {
        Row before = put(row, into);
        if (exact && before != null) {
          return Optional.of("insert of a row that is here: " + before);
        }
      }
      case RowChange.Update(Row row) -> {
        Row before = put(row, into);
        if (exact && before == null) {
          return Optional.of("update of a row that is not here: " + row);
        }
      }
      case RowChange.Patch(Row sparse) -> {
        Row before = rows.get(relation.keyOf(sparse));
        if (before == null) {
          return Optional.of("changed values of a row that is not here: " + sparse);
        }
        if (!exact) {
          return Optional.of("changed values alone where whole rows are due: " + sparse);
        }
        put(sparse.completedFrom(before), into);
      }
      case RowChange.Delete(Key key) -> {
        Row before = rows.remove(key);
        if (before != null) {
          into.add(new Change.Delete(before));
        } else if (exact) {
          return Optional.of("delete of a row that is not here: " + key.values());
        }
      }
    }
    return Optional.empty();
  }

  private @Nullable Row put(Row row, List<Change> into) {
    Row before = rows.put(relation.keyOf(row), row);
    if (before == null) {
      into.add(new Change.Insert(row));
    } else if (!before.equals(row)) {
      into.add(new Change.Update(before, row));
    }
    return before;
  }

  private void takeBack(List<Change> changes) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      switch (changes.get(i)) {
        case Change.Insert(Row row) -> rows.remove(relation.keyOf(row));
        case Change.Update(Row before, Row row) -> rows.put(relation.keyOf(before), before);
        case Change.Delete(Row before) -> rows.put(relation.keyOf(before), before);
      }
    }
  }
}
