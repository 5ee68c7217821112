package io.tycostream.client;

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

  /** A row with the same key and at least one other value. */
  record Updated(TableRow before, TableRow row) implements TableChange {
    @Override
    public String toString() {
      return "~ " + row;
    }
  }

  /** A row that is not there any more, as it last was. */
  record Deleted(TableRow row) implements TableChange {
    @Override
    public String toString() {
      return "- " + row;
    }
  }
}
