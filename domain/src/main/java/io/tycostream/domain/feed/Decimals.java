package io.tycostream.domain.feed;

import java.math.BigDecimal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as databases write them, compared exactly: integers, decimals, floats with exponents, NaN
 * and the infinities.
 *
 * <p>A number has one key: a {@link Long} when it is whole and fits, else a {@link BigDecimal}
 * without trailing zeros, else a {@link Special}. So equal numbers have equal keys, and {@code -0}
 * is {@code 0}.
 */
final class Decimals {

  /** What {@link #plain} says of other texts; no text of at most 18 digits stands for it. */
  static final long NOT_PLAIN = Long.MIN_VALUE;

  private static final int PLAIN_DIGITS = 18;

  /**
   * Digits before or behind the point that an exponent may stand for. PostgreSQL's {@code numeric}
   * has at most 131,072 before it and 16,383 behind it.
   */
  private static final int MAX_SCALE = 150_000;

  /** What is not finite, in PostgreSQL's order: NaN is above everything and equal to itself. */
  enum Special {
    NEGATIVE_INFINITY,
    INFINITY,
    NAN
  }

  private Decimals() {}

  /** An integer of at most 18 digits, read without allocating; anything else is NOT_PLAIN. */
  static long plain(String text) {
    int length = text.length();
    boolean negative = length > 0 && text.charAt(0) == '-';
    int at = negative ? 1 : 0;
    if (at == length || length - at > PLAIN_DIGITS) {
      return NOT_PLAIN;
    }
    long value = 0;
    for (; at < length; at++) {
      int digit = text.charAt(at) - '0';
      if (digit < 0 || digit > 9) {
        return NOT_PLAIN;
      }
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  /** The key of a number, or null when the text is none. */
  static @Nullable Object key(String text) {
    long plain = plain(text);
    if (plain != NOT_PLAIN) {
      return plain;
    }
    if (!isDecimal(text)) {
      return special(text);
    }
    BigDecimal decimal;
    try {
      decimal = new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
    return Math.abs((long) decimal.scale()) > MAX_SCALE ? null : keyOf(decimal);
  }

  private static Object keyOf(BigDecimal decimal) {
    BigDecimal stripped = decimal.stripTrailingZeros();
    // The first test keeps 1e100000 from being written out to see that it is too large.
    if (stripped.precision() - stripped.scale() <= 19 && stripped.scale() <= 0) {
      try {
        return stripped.longValueExact();
      } catch (ArithmeticException e) {
        return stripped;
      }
    }
    return stripped;
  }

  /** Only the characters of a number: BigDecimal would also read the digits of other scripts. */
  private static boolean isDecimal(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Object special(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "nan" -> Special.NAN;
      case "infinity", "+infinity", "inf", "+inf" -> Special.INFINITY;
      case "-infinity", "-inf" -> Special.NEGATIVE_INFINITY;
      default -> null;
    };
  }

  /** The order of two keys. */
  static int compare(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    int ranks = Integer.compare(rank(a), rank(b));
    return ranks != 0 || a instanceof Special ? ranks : decimal(a).compareTo(decimal(b));
  }

  private static int rank(Object key) {
    return switch (key) {
      case Special.NEGATIVE_INFINITY -> -1;
      case Special.INFINITY -> 1;
      case Special.NAN -> 2;
      default -> 0;
    };
  }

  private static BigDecimal decimal(Object key) {
    return key instanceof Long whole ? BigDecimal.valueOf(whole) : (BigDecimal) key;
  }
}
