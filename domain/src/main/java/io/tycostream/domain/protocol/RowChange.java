package io.tycostream.domain.protocol;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;

/** A change of one row as it stands in a batch on the wire. */
public sealed interface RowChange {

  /** The whole new row. */
  record Insert(Row row) implements RowChange {}

  /** The whole new row. */
  record Update(Row row) implements RowChange {}

  /**
   * Some values of a row are new: an update of a subscription that asked for {@code delta}.
   *
   * @param row the values of the key and of what changed, {@link Row#UNCHANGED} in place of others
   */
  record Patch(Row row) implements RowChange {}

  /** The row with this key is gone. Of a source without a key, the whole row is the key. */
  record Delete(Key key) implements RowChange {}
}
