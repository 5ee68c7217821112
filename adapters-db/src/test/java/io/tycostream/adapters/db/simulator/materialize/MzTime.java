package io.tycostream.adapters.db.simulator.materialize;

import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Materialize's time: an unsigned 64-bit number, here the bits of a {@code long}. Constant
 * collections are at 18446744073709551615.
 */
public final class MzTime {

  /** 18446744073709551615. */
  public static final long MAX = -1;

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  private MzTime() {}

  public static String text(long time) {
    return Long.toUnsignedString(time);
  }

  public static boolean before(long one, long other) {
    return Long.compareUnsigned(one, other) < 0;
  }

  public static long max(long one, long other) {
    return before(one, other) ? other : one;
  }

  public static long min(long one, long other) {
    return before(one, other) ? one : other;
  }

  /** One less, but not less than 0: what one may read when {@code time} is not complete yet. */
  static long justBefore(long time) {
    return time == 0 ? 0 : time - 1;
  }

  /** Less by so much, but not less than 0. */
  static long earlier(long time, long by) {
    return before(time, by) ? 0 : time - by;
  }

  /** A decimal number in the range of times; anything else is none. */
  static Optional<Long> parse(String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    BigInteger value = new BigInteger(text);
    return value.bitLength() <= 64 ? Optional.of(value.longValue()) : Optional.empty();
  }

  /** As it stands in the details of errors, {@code 1000 (1970-01-01 00:00:01.000)}. */
  static String explained(long time) {
    boolean hasDate = time >= 0 && time < 253_402_300_800_000L;
    return text(time) + (hasDate ? " (" + DATE.format(Instant.ofEpochMilli(time)) + ")" : "");
  }
}
