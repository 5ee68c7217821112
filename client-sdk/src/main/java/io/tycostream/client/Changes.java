package io.tycostream.client;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.Optional;

/** Changes as the program sees them. */
final class Changes {

  private Changes() {}

  static TableChange of(Change change, RowColumns shape) {
    return switch (change) {
      case Change.Insert(Row row) -> new TableChange.Inserted(new TableRow(shape, row));
      case Change.Update(Row before, Row row) ->
          new TableChange.Updated(
              Optional.of(new TableRow(shape, before)), new TableRow(shape, row));
      case Change.Delete(Row before) -> new TableChange.Deleted(new TableRow(shape, before));
    };
  }

  static TableChange of(RowChange change, RowColumns shape) {
    return switch (change) {
      case RowChange.Insert(Row row) -> new TableChange.Inserted(new TableRow(shape, row));
      case RowChange.Update(Row row) ->
          new TableChange.Updated(Optional.empty(), new TableRow(shape, row));
      case RowChange.Delete(Key(Row values)) ->
          new TableChange.Deleted(new TableRow(shape.ofKey(), values));
      case RowChange.Patch patch ->
          throw new IllegalArgumentException("nobody asked for changed values alone: " + patch);
    };
  }
}
