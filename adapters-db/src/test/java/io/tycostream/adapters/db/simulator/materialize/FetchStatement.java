package io.tycostream.adapters.db.simulator.materialize;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code FETCH [FORWARD] [n | ALL] [FROM | IN] cursor [WITH (timeout = '…')]}.
 *
 * @param count 1 if there is none; none means ALL
 */
record FetchStatement(String cursor, OptionalLong count, Optional<Duration> timeout) {

  private static final Pattern PART =
      Pattern.compile("(-?\\d+(?:\\.\\d+)?)\\s*([a-zµ]*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern CLOCK = Pattern.compile("(\\d+):(\\d+):(\\d+(?:\\.\\d+)?)");

  /** Reads on from the word FETCH. */
  static FetchStatement parse(SqlTokens sql) {
    sql.expect("fetch");
    sql.accept("forward");
    OptionalLong count = OptionalLong.of(1);
    if (sql.accept("all")) {
      count = OptionalLong.empty();
    } else if (sql.peek().kind() == SqlTokens.Kind.NUMBER) {
      count = OptionalLong.of(Long.parseLong(sql.next().text()));
    }
    if (!sql.accept("from")) {
      sql.accept("in");
    }
    String cursor = sql.identifier();
    Optional<Duration> timeout = Optional.empty();
    if (sql.accept("with", "(")) {
      sql.expect("timeout");
      sql.accept("=");
      timeout = Optional.of(interval(sql.next().text()));
      sql.expect(")");
    }
    sql.expectEnd();
    return new FetchStatement(cursor, count, timeout);
  }

  private static Duration interval(String text) {
    Matcher clock = CLOCK.matcher(text.strip());
    Duration total = Duration.ZERO;
    if (clock.matches()) {
      total =
          Duration.ofHours(Long.parseLong(clock.group(1)))
              .plusMinutes(Long.parseLong(clock.group(2)))
              .plus(seconds(clock.group(3), 1));
    } else {
      Matcher part = PART.matcher(text);
      while (part.find()) {
        total = total.plus(seconds(part.group(1), unit(part.group(2))));
      }
    }
    if (total.isNegative()) {
      throw MaterializeErrors.notYetSupported(
              "invalid TIMEOUT: cannot convert negative interval to duration")
          .refusal();
    }
    if (total.compareTo(Duration.ofDays(1)) > 0) {
      throw MaterializeErrors.notYetSupported("timeout out of range: " + total.toSeconds() + "s")
          .refusal();
    }
    return total;
  }

  private static Duration seconds(String number, double unit) {
    return Duration.ofNanos(
        new BigDecimal(number).multiply(BigDecimal.valueOf(unit)).movePointRight(9).longValue());
  }

  private static double unit(String name) {
    return switch (name.toLowerCase(java.util.Locale.ROOT)) {
      case "us", "µs", "microsecond", "microseconds" -> 1e-6;
      case "ms", "millisecond", "milliseconds" -> 1e-3;
      case "", "s", "sec", "secs", "second", "seconds" -> 1;
      case "m", "min", "mins", "minute", "minutes" -> 60;
      case "h", "hour", "hours" -> 3600;
      case "d", "day", "days" -> 86400;
      default -> throw MaterializeErrors.syntax("invalid interval unit " + name).refusal();
    };
  }
}
