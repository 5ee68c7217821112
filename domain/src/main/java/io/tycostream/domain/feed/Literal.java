package io.tycostream.domain.feed;

/** A value in a {@link Filter}, as it was written; what it means depends on the column's type. */
public sealed interface Literal {

  /** About how much memory the literal takes, in bytes. */
  default long bytes() {
    return Filter.OBJECT_BYTES
        + switch (this) {
          case Text(String text) -> text.length();
          case Number(String digits) -> digits.length();
          case Truth truth -> 0;
        };
  }

  /** A text: also how numbers with many digits, times and all other types are written. */
  record Text(String text) implements Literal {}

  /** A number, with the digits that were written. */
  @SuppressWarnings("AvoidCommonTypeNames") // always written as Literal.Number
  record Number(String digits) implements Literal {}

  /** {@code true} or {@code false}. */
  record Truth(boolean value) implements Literal {}
}
