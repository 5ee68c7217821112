package io.tycostream.adapters.db.risingwave;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a subscription keeps its log, from the statement that made it. */
final class Retention {

  private static final Pattern CLAUSE =
      Pattern.compile("\\bretention\\s*=\\s*'?([^',)]*)'?", Pattern.CASE_INSENSITIVE);

  /** A number and a unit, or hours, minutes and seconds. */
  private static final Pattern PART =
      Pattern.compile("\\G\\s*(?:(\\d+):(\\d\\d):(\\d\\d)|(\\d+)\\s*([a-z]*))");

  private static final Map<String, Duration> UNITS =
      Map.ofEntries(
          Map.entry("", Duration.ofSeconds(1)),
          Map.entry("s", Duration.ofSeconds(1)),
          Map.entry("sec", Duration.ofSeconds(1)),
          Map.entry("second", Duration.ofSeconds(1)),
          Map.entry("m", Duration.ofMinutes(1)),
          Map.entry("min", Duration.ofMinutes(1)),
          Map.entry("minute", Duration.ofMinutes(1)),
          Map.entry("h", Duration.ofHours(1)),
          Map.entry("hr", Duration.ofHours(1)),
          Map.entry("hrs", Duration.ofHours(1)),
          Map.entry("hour", Duration.ofHours(1)),
          Map.entry("d", Duration.ofDays(1)),
          Map.entry("day", Duration.ofDays(1)),
          Map.entry("week", Duration.ofDays(7)),
          Map.entry("mon", Duration.ofDays(30)),
          Map.entry("month", Duration.ofDays(30)),
          Map.entry("year", Duration.ofDays(360)),
          Map.entry("y", Duration.ofDays(360)));

  private Retention() {}

  /** The retention, or nothing when the statement writes it in a way that is not known here. */
  static Optional<Duration> of(String definition) {
    Matcher clause = CLAUSE.matcher(definition);
    String interval = "";
    while (clause.find()) {
      interval = clause.group(1).strip().toLowerCase(Locale.ROOT);
    }
    Matcher part = PART.matcher(interval);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (end < interval.length() && part.find()) {
      if (part.group(1) != null) {
        sum =
            sum.plusHours(Long.parseLong(part.group(1)))
                .plusMinutes(Long.parseLong(part.group(2)))
                .plusSeconds(Long.parseLong(part.group(3)));
      } else {
        String unit = part.group(5);
        Duration length = UNITS.get(unit.length() > 3 ? unit.replaceFirst("s$", "") : unit);
        if (length == null) {
          return Optional.empty();
        }
        sum = sum.plus(length.multipliedBy(Long.parseLong(part.group(4))));
      }
      end = part.end();
    }
    return end == interval.length() && sum.isPositive() ? Optional.of(sum) : Optional.empty();
  }
}
