package io.tycostream.client;

import java.util.List;
import java.util.Optional;

/**
 * All rows as the source had them at one position.
 *
 * @param position nothing before the first snapshot, or when the rows turned out to be wrong and a
 *     new snapshot is under way
 * @param rows in no particular order
 */
public record TableState(Optional<String> position, List<TableRow> rows) implements TableEvent {

  public TableState {
    rows = List.copyOf(rows);
  }
}
