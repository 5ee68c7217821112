package io.tycostream.domain.view;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The least that leads from some rows to others: nothing for a row that is in both. */
final class Difference {

  private final List<Change> changes = new ArrayList<>();

  /**
   * @throws IllegalArgumentException when one has a key and the other has none
   */
  static List<Change> between(Rows before, Rows after) {
    Difference difference = new Difference();
    if (before instanceof KeyedRows keyed && after instanceof KeyedRows fresh) {
      difference.ofKeys(keyed.byKey(), fresh.byKey());
    } else if (before instanceof CountedRows counted && after instanceof CountedRows fresh) {
      difference.ofCounts(counted.counts(), fresh.counts());
    } else {
      throw new IllegalArgumentException("rows with a key and rows without one");
    }
    return difference.changes;
  }

  List<Change> changes() {
    return changes;
  }

  /** One row may be another one now. */
  void row(@Nullable Row before, @Nullable Row after) {
    if (before == null && after != null) {
      changes.add(new Change.Insert(after));
    } else if (before != null && after == null) {
      changes.add(new Change.Delete(before));
    } else if (before != null && after != null && !before.equals(after)) {
      changes.add(new Change.Update(before, after));
    }
  }

  /** A row stands as often as the second number says now. */
  void copies(Row row, long before, long after) {
    if (after > before) {
      changes.addAll(Collections.nCopies(Math.toIntExact(after - before), new Change.Insert(row)));
    } else if (before > after) {
      changes.addAll(Collections.nCopies(Math.toIntExact(before - after), new Change.Delete(row)));
    }
  }

  private void ofKeys(Map<Key, Row> before, Map<Key, Row> after) {
    after.forEach((key, row) -> row(before.get(key), row));
    before.forEach((key, row) -> {
      if (!after.containsKey(key)) {
        row(row, null);
      }
    });
  }

  private void ofCounts(Map<Row, Long> before, Map<Row, Long> after) {
    after.forEach((row, copies) -> copies(row, before.getOrDefault(row, 0L), copies));
    before.forEach((row, copies) -> {
      if (!after.containsKey(row)) {
        copies(row, copies, 0);
      }
    });
  }
}
