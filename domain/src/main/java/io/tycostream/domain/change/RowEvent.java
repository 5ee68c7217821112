package io.tycostream.domain.change;

import java.util.Optional;

/** What a database says of one row while a moment is being told, before it is netted. */
public sealed interface RowEvent {

  /**
   * A row that was not there before: of a relation with a key no row has this one's.
   *
   * @param row whole
   */
  record Inserted(Row row) implements RowEvent {}

  /**
   * The row is now this. Of a relation without a key the row that it was is told as its former key,
   * or it is the same.
   *
   * @param formerKey the key that the row had before, where the database says that it changed
   * @param row may hold {@link Row#UNCHANGED} values
   */
  record Upserted(Optional<Key> formerKey, Row row) implements RowEvent {}

  /** The row with this key is gone; of a relation without a key, one copy of the row. */
  record Deleted(Key key) implements RowEvent {}

  /**
   * So many copies of the row came or went. Those of one moment are told in any order, and mean
   * only their sum: an update is one copy less of the old row and one more of the new one.
   *
   * @param row whole
   * @param diff copies more, or less where it is negative
   */
  record Counted(Row row, long diff) implements RowEvent {}

  /** All rows are gone. */
  record Truncated() implements RowEvent {}

  /** What an event takes beside its row and its key, in bytes. */
  long OVERHEAD_BYTES = 64;

  /** About how much memory the event takes while it waits for its moment to end, in bytes. */
  default long bytes() {
    return OVERHEAD_BYTES
        + switch (this) {
          case Inserted inserted -> inserted.row.bytes();
          case Upserted upserted ->
              upserted.row.bytes() + upserted.formerKey.map(key -> key.values().bytes()).orElse(0L);
          case Deleted deleted -> deleted.key.values().bytes();
          case Counted counted -> counted.row.bytes();
          case Truncated truncated -> 0;
        };
  }
}
