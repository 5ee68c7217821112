package io.tycostream.domain.change;

import java.util.Optional;

/** What a database says of one row while a transaction is being told, before it is netted. */
public sealed interface RowEvent {

  /**
   * The row is now this.
   *
   * @param formerKey the key that the row had before, where the database says that it changed
   * @param row may hold {@link Row#UNCHANGED} values
   */
  record Upserted(Optional<Key> formerKey, Row row) implements RowEvent {}

  /** The row with this key is gone. */
  record Deleted(Key key) implements RowEvent {}

  /** All rows are gone. */
  record Truncated() implements RowEvent {}

  /** About how much memory the event takes while it waits for its transaction, in bytes. */
  default long bytes() {
    return switch (this) {
      case Upserted upserted ->
          64
              + upserted.row.bytes()
              + upserted.formerKey.map(key -> key.values().bytes()).orElse(0L);
      case Deleted deleted -> 64 + deleted.key.values().bytes();
      case Truncated truncated -> 64;
    };
  }
}
