package io.tycostream.client;

import java.util.List;

/**
 * The change of a table from one position to the next: whole transactions, each key at most once,
 * in no particular order.
 *
 * @param position where the table stands with the changes applied
 * @param changes those that changed a row; may be empty
 * @param exact whether these are all changes of a moment of the database; {@code false} where
 *     several moments were folded into one, so that changes in between are not seen
 */
public record TableBatch(String position, List<TableChange> changes, boolean exact)
    implements TableEvent {

  public TableBatch {
    changes = List.copyOf(changes);
  }
}
