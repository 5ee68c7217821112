package io.tycostream.app;

import io.tycostream.adapters.db.Observed;
import io.tycostream.domain.log.HistoryLimits;
import java.time.Duration;
import java.util.Locale;

/** How long ago a client may have left and still resume exactly, at the present rate of changes. */
final class HistoryReach {

  private HistoryReach() {}

  /** The limits of a history, and what they are in seconds; for people. */
  static String text(HistoryLimits limits, Observed observed) {
    String kept =
        String.format(
            Locale.ROOT,
            "history: %,d events, %s, %s",
            limits.maxEvents(),
            words(limits.maxAge()),
            size(limits.maxBytes()));
    return switch (observed) {
      case Observed.NotKnown(String why) ->
          kept + "; how many seconds that is, is not known: " + why;
      case Observed.Changes seen when seen.changes() == 0 ->
          kept
              + "; how many seconds that is, is not known: no changes seen in "
              + Math.round(seen.during().toMillis() / 1000.0)
              + " s";
      case Observed.Changes seen ->
          String.format(
              Locale.ROOT,
              "%s ≈ %,d s at %s changes/s",
              kept,
              seconds(limits, seen),
              rate(seen.perSecond()));
    };
  }

  private static long seconds(HistoryLimits limits, Observed.Changes seen) {
    double byEvents = limits.maxEvents() / seen.perSecond();
    double byBytes = limits.maxBytes() / seen.bytesPerSecond();
    double byAge = limits.maxAge().toMillis() / 1000.0;
    return (long) Math.min(byAge, Math.min(byEvents, byBytes));
  }

  private static String rate(double perSecond) {
    return perSecond < 10
        ? String.format(Locale.ROOT, "%.1f", perSecond)
        : String.format(Locale.ROOT, "%,d", Math.round(perSecond));
  }

  private static String words(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + " h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + " min";
    }
    return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
  }

  private static String size(long bytes) {
    if (bytes % (1 << 30) == 0) {
      return (bytes >> 30) + " GiB";
    }
    return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
  }
}
