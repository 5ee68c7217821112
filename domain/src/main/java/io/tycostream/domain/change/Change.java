package io.tycostream.domain.change;

/** What became of one row, with its whole old and new content. */
public sealed interface Change {

  /** A row that was not there before. */
  record Insert(Row row) implements Change {}

  /** A row whose key stayed and whose other values did not. */
  record Update(Row before, Row row) implements Change {}

  /** A row that is not there any more. */
  record Delete(Row before) implements Change {}

  /** About how much memory the change takes, in bytes. */
  default long bytes() {
    return switch (this) {
      case Insert insert -> insert.row.bytes();
      case Update update -> update.before.bytes() + update.row.bytes();
      case Delete delete -> delete.before.bytes();
    };
  }
}
