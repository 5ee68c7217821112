package io.tycostream.domain.replica;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Rows that a program keeps itself, as naively as it may: it believes what it is told. */
final class OwnRows {

  private final boolean keyed;
  private final List<Row> rows = new ArrayList<>();

  OwnRows(boolean keyed) {
    this.keyed = keyed;
  }

  void replace(List<Row> all) {
    rows.clear();
    rows.addAll(all);
  }

  void apply(List<RowChange> changes) {
    for (RowChange change : changes) {
      switch (change) {
        case RowChange.Insert(Row row) -> put(row);
        case RowChange.Update(Row row) -> put(row);
        case RowChange.Delete(Key key) -> remove(key.values());
        case RowChange.Patch patch -> throw new AssertionError("nobody asked for " + patch);
      }
    }
  }

  private void put(Row row) {
    if (keyed) {
      remove(Row.of(row.value(0)));
    }
    rows.add(row);
  }

  private void remove(Row key) {
    if (keyed) {
      rows.removeIf(row -> Objects.equals(row.value(0), key.value(0)));
    } else {
      rows.remove(key);
    }
  }

  Map<Row, Integer> counts() {
    return new HashMap<>(
        rows.stream().collect(Collectors.toMap(row -> row, row -> 1, Integer::sum)));
  }
}
