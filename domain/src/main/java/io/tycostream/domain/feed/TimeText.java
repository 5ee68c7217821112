package io.tycostream.domain.feed;

import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.Year;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times as the database writes them, {@code 2026-01-01 00:00:00.123456+05:30}, {@code
 * 0044-03-15 BC}, {@code infinity}, and as ISO 8601 does, {@code 2026-01-01T00:00:00.123456Z},
 * {@code -0043-03-15}.
 *
 * <p>Years have four to six digits, and ISO's year 0 is the year 1 BC. Up to nine digits of a
 * second count. Zones are {@code Z} or an offset of hours, minutes and seconds, with colons or
 * without; a text without a zone is taken as UTC.
 */
final class TimeText {

  private static final int SECONDS_A_DAY = 86_400;
  private static final long NANOS_A_SECOND = 1_000_000_000;
  private static final int MAX_OFFSET_HOURS = 15; // PostgreSQL's

  private static final int BAD = Integer.MIN_VALUE;

  private final String text;
  private final boolean beforeChrist;
  private final int end;
  private int at;

  private TimeText(String text) {
    this.text = text;
    this.beforeChrist = text.endsWith(" BC");
    this.end = beforeChrist ? text.length() - 3 : text.length();
  }

  /** A time of day with its zone; the same moment in two zones is two values, as SQL has it. */
  record ZonedTime(long nanos, int offsetSeconds) implements Comparable<ZonedTime> {

    /** By the moment, then the zone further east first. */
    @Override
    public int compareTo(ZonedTime other) {
      int moments = Long.compare(utc(), other.utc());
      return moments != 0 ? moments : Integer.compare(other.offsetSeconds, offsetSeconds);
    }

    private long utc() {
      return nanos - offsetSeconds * NANOS_A_SECOND;
    }
  }

  /**
   * A timestamp; {@link Instant#MIN} and {@link Instant#MAX} for the infinities.
   *
   * @param zoned whether it may have a zone; one without is told from another as if it were UTC
   */
  static @Nullable Instant timestamp(String text, boolean zoned) {
    int infinity = infinity(text);
    if (infinity != 0) {
      return infinity < 0 ? Instant.MIN : Instant.MAX;
    }
    TimeText parts = new TimeText(text);
    LocalDate date = parts.date();
    long nanos = 0;
    int offset = 0;
    if (!parts.atEnd()) {
      nanos = parts.take(' ') || parts.take('T') || parts.take('t') ? parts.timeOfDay() : BAD;
      offset = zoned ? parts.offset() : 0;
    }
    if (date == null || nanos == BAD || offset == BAD || !parts.atEnd()) {
      return null;
    }
    long second = date.toEpochDay() * SECONDS_A_DAY - offset;
    return Instant.ofEpochSecond(second, nanos);
  }

  /** A date; {@link LocalDate#MIN} and {@link LocalDate#MAX} for the infinities. */
  static @Nullable LocalDate date(String text) {
    int infinity = infinity(text);
    if (infinity != 0) {
      return infinity < 0 ? LocalDate.MIN : LocalDate.MAX;
    }
    TimeText parts = new TimeText(text);
    LocalDate date = parts.date();
    return parts.atEnd() ? date : null;
  }

  /** A time of day in nanoseconds since midnight, at most 24:00:00. */
  static @Nullable Long time(String text) {
    TimeText parts = new TimeText(text);
    long nanos = parts.timeOfDay();
    return nanos == BAD || parts.end != text.length() || !parts.atEnd() ? null : nanos;
  }

  /** A time of day with its zone. */
  static @Nullable ZonedTime zonedTime(String text) {
    TimeText parts = new TimeText(text);
    long nanos = parts.timeOfDay();
    int offset = parts.offset();
    if (nanos == BAD || offset == BAD || parts.beforeChrist || !parts.atEnd()) {
      return null;
    }
    return new ZonedTime(nanos, offset);
  }

  private static int infinity(String text) {
    if (text.isEmpty() || Character.isDigit(text.charAt(text.length() - 1))) {
      return 0;
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "infinity" -> 1;
      case "-infinity" -> -1;
      default -> 0;
    };
  }

  private @Nullable LocalDate date() {
    boolean negative = take('-');
    boolean signed = negative || take('+');
    int year = number(4, 6);
    int month = take('-') ? number(2, 2) : BAD;
    int day = take('-') ? number(2, 2) : BAD;
    if (year == BAD || (beforeChrist && (signed || year == 0))) {
      return null;
    }
    int proleptic = beforeChrist ? 1 - year : negative ? -year : year;
    if (month < 1 || month > 12) {
      return null;
    }
    if (day < 1 || day > Month.of(month).length(Year.isLeap(proleptic))) {
      return null;
    }
    return LocalDate.of(proleptic, month, day);
  }

  private long timeOfDay() {
    int hour = number(2, 2);
    int minute = take(':') ? number(2, 2) : BAD;
    int second = take(':') ? number(2, 2) : 0;
    int nano = take('.') ? fraction() : 0;
    if (hour < 0 || minute < 0 || second < 0 || nano < 0 || minute > 59 || second > 59) {
      return BAD;
    }
    boolean endOfDay = hour == 24 && minute == 0 && second == 0 && nano == 0;
    if (hour > 23 && !endOfDay) {
      return BAD;
    }
    return (hour * 3600L + minute * 60L + second) * NANOS_A_SECOND + nano;
  }

  /** Seconds east of Greenwich. */
  private int offset() {
    if (atEnd() || take('Z') || take('z')) {
      return 0;
    }
    boolean west = take('-');
    if (!west && !take('+')) {
      return BAD;
    }
    int hours = number(2, 2);
    int minutes = atEnd() ? 0 : sixtieth();
    int seconds = atEnd() ? 0 : sixtieth();
    if (hours < 0 || hours > MAX_OFFSET_HOURS || minutes < 0 || seconds < 0) {
      return BAD;
    }
    int offset = hours * 3600 + minutes * 60 + seconds;
    return west ? -offset : offset;
  }

  private int sixtieth() {
    take(':');
    int number = number(2, 2);
    return number > 59 ? BAD : number;
  }

  private int fraction() {
    int start = at;
    int digits = number(1, 9);
    for (int i = at - start; digits != BAD && i < 9; i++) {
      digits *= 10;
    }
    return digits;
  }

  /** As many digits as there are; BAD when they are fewer or more than wanted. */
  private int number(int min, int max) {
    int start = at;
    int value = 0;
    while (at < end && at - start < max && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      value = value * 10 + text.charAt(at) - '0';
      at++;
    }
    return at - start < min ? BAD : value;
  }

  private boolean take(char expected) {
    boolean there = at < end && text.charAt(at) == expected;
    if (there) {
      at++;
    }
    return there;
  }

  private boolean atEnd() {
    return at == end;
  }
}
