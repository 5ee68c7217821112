package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.change.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Undoes changes: RisingWave's log has whole old and new rows. */
final class Rewind {

  private Rewind() {}

  /**
   * The rows as they were before the changes.
   *
   * @param rows after them; with a row as often as it stands there
   * @param changes in any order
   * @return nothing when a row that came with the changes is not there, so that rows or changes are
   *     not whole
   */
  static Optional<List<Row>> before(List<Row> rows, List<LoggedRow> changes) {
    Map<Row, Integer> counts = LinkedHashMap.newLinkedHashMap(rows.size());
    rows.forEach(row -> counts.merge(row, 1, Integer::sum));
    changes.forEach(change -> counts.merge(change.row(), -change.diff(), Integer::sum));
    List<Row> before = new ArrayList<>(rows.size());
    for (Map.Entry<Row, Integer> entry : counts.entrySet()) {
      if (entry.getValue() < 0) {
        return Optional.empty();
      }
      before.addAll(Collections.nCopies(entry.getValue(), entry.getKey()));
    }
    return Optional.of(before);
  }
}
