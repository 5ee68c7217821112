package io.tycostream.domain.feed;

import java.util.List;
import java.util.Locale;

/**
 * A condition on rows as it was asked for, not yet held against the columns of a relation.
 *
 * <p>It has SQL's logic of three values: a comparison with NULL is neither true nor false, and only
 * rows for which the whole is true are let through.
 */
public sealed interface Filter {

  /** Lets every row through. */
  Filter EVERYTHING = new And(List.of());

  /** What a filter takes beside its parts and texts, and a text beside its characters, in bytes. */
  long OBJECT_BYTES = 48;

  /** About how much memory a filter takes, in bytes. */
  static long bytes(Filter filter) {
    return OBJECT_BYTES
        + switch (filter) {
          case And(List<Filter> all) -> sum(all);
          case Or(List<Filter> any) -> sum(any);
          case Not(Filter negated) -> bytes(negated);
          case Compared compared -> text(compared.column) + compared.value.bytes();
          case OneOf one -> text(one.column) + one.values.stream().mapToLong(Literal::bytes).sum();
          case IsNull isNull -> text(isNull.column);
          case Like like -> text(like.column) + text(like.pattern);
        };
  }

  private static long sum(List<Filter> parts) {
    return parts.stream().mapToLong(Filter::bytes).sum();
  }

  private static long text(String text) {
    return OBJECT_BYTES + text.length();
  }

  /** How two values compare; unknown, as all comparisons are, when one of them is NULL. */
  enum Comparison {
    EQ,
    NEQ,
    GT,
    GTE,
    LT,
    LTE;

    /** The operator as it stands in a {@code where}. */
    public String wire() {
      return "_" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** True when all are; true of none. */
  record And(List<Filter> all) implements Filter {
    public And {
      all = List.copyOf(all);
    }
  }

  /** True when one is; false of none. */
  record Or(List<Filter> any) implements Filter {
    public Or {
      any = List.copyOf(any);
    }
  }

  /** True when the other is false. */
  record Not(Filter negated) implements Filter {}

  /** A column's value compared with another. */
  record Compared(String column, Comparison comparison, Literal value) implements Filter {}

  /**
   * A column's value is one of these; unknown for NULL, but of no values at all: that is false also
   * for NULL, as SQL has it, and its negation true.
   *
   * @param negated none of these
   */
  record OneOf(String column, List<Literal> values, boolean negated) implements Filter {
    public OneOf {
      values = List.copyOf(values);
    }
  }

  /** A column is NULL, or is not; never unknown. */
  record IsNull(String column, boolean isNull) implements Filter {}

  /**
   * A text matches SQL's pattern: {@code %} for any characters, {@code _} for one, a backslash
   * before one that stands for itself. Unknown for NULL.
   */
  record Like(String column, String pattern, boolean ignoreCase) implements Filter {}
}
