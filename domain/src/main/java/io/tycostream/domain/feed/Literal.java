package io.tycostream.domain.feed;

/** A value in a {@link Filter}, as it was written; what it means depends on the column's type. */
public sealed interface Literal {

  /** A text: also how numbers with many digits, times and all other types are written. */
  record Text(String text) implements Literal {}

  /** A number, with the digits that were written. */
  @SuppressWarnings("AvoidCommonTypeNames") // always written as Literal.Number
  record Number(String digits) implements Literal {}

  /** {@code true} or {@code false}. */
  record Truth(boolean value) implements Literal {}
}
