package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The rows of one subscription, and what it means to change them. */
sealed interface Rows permits KeyedRows, CountedRows {

  /** No rows of this relation yet. */
  static Rows of(Relation relation, int expected) {
    return relation.isKeyed() ? new KeyedRows(relation, expected) : new CountedRows();
  }

  /** Takes a row of a snapshot; {@code false} when it cannot stand beside those before it. */
  boolean add(Row row);

  /**
   * Applies changes, all or none of them.
   *
   * @param exact whether they are all single changes, so that each has to fit the rows as they are
   * @param into what they were for the rows that there are
   * @return why they cannot be; the rows are then as they were
   */
  Optional<String> apply(List<RowChange> changes, boolean exact, List<Change> into);

  /** The row with a key; of rows without a key the row itself. */
  Optional<Row> find(Key key);

  /** All rows, one that stands several times as often; not to be changed. */
  Collection<Row> all();
}
