package io.tycostream.app.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as they are written in a configuration: {@code 100ms}, {@code 30s}, {@code 2m}. */
final class Durations {

  private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

  /** Timeouts of sockets and of PostgreSQL are milliseconds in 32 bits, which end at 596 h. */
  private static final Duration LONGEST = Duration.ofHours(500);

  private Durations() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException when it is none, is zero, or is longer than 500 h
   */
  static Duration parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("has to be a duration as in 100ms, 30s, 2m or 1h");
    }
    long count = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          default -> Duration.ofHours(count);
        };
    if (duration.isZero() || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("has to be a duration from 1ms to 500h");
    }
    return duration;
  }

  /** Whole milliseconds in the largest unit that fits without a rest. */
  static String format(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
  }
}
