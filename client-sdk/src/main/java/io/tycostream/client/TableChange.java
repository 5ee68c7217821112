package io.tycostream.client;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.Optional;

/** What became of one row. */
public sealed interface TableChange {

  /** The row as it is now, or as it last was. */
  TableRow row();

  /** A row that was not there before. */
  record Inserted(TableRow row) implements TableChange {
    @Override
    public String toString() {
      return "+ " + row;
    }
  }

  /**
   * A row with the same key and at least one other value.
   *
   * @param before as it was; nothing where the client does not keep the rows
   */
  record Updated(Optional<TableRow> before, TableRow row) implements TableChange {
    @Override
    public String toString() {
      return "~ " + row;
    }
  }

  /**
   * A row that is not there any more.
   *
   * @param row as it last was; where the client does not keep the rows it has the columns of the
   *     key alone, and of a source without a key all
   */
  record Deleted(TableRow row) implements TableChange {
    @Override
    public String toString() {
      return "- " + row;
    }
  }

  static TableChange of(Change change, RowColumns shape) {
    return switch (change) {
      case Change.Insert(Row row) -> new Inserted(new TableRow(shape, row));
      case Change.Update(Row before, Row row) ->
          new Updated(Optional.of(new TableRow(shape, before)), new TableRow(shape, row));
      case Change.Delete(Row before) -> new Deleted(new TableRow(shape, before));
    };
  }

  static TableChange of(RowChange change, RowColumns shape) {
    return switch (change) {
      case RowChange.Insert(Row row) -> new Inserted(new TableRow(shape, row));
      case RowChange.Update(Row row) -> new Updated(Optional.empty(), new TableRow(shape, row));
      case RowChange.Delete(Key(Row values)) -> new Deleted(new TableRow(shape.ofKey(), values));
      case RowChange.Patch patch ->
          throw new IllegalArgumentException("nobody asked for changed values alone: " + patch);
    };
  }
}
