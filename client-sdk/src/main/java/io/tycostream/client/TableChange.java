package io.tycostream.client;

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
}
