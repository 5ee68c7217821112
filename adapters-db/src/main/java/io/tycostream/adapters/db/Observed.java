package io.tycostream.adapters.db;

import java.time.Duration;

/** What was seen of how much changes in a source at present. */
public sealed interface Observed {

  /**
   * Changes of rows that were seen.
   *
   * @param bytes about how much of a history's memory they would take
   * @param during by the database's own time where it tells one; more than nothing
   */
  record Changes(long changes, long bytes, Duration during) implements Observed {

    public Changes {
      if (!during.isPositive()) {
        throw new IllegalArgumentException("nothing is seen in no time: " + during);
      }
    }

    /** How many in a second. */
    public double perSecond() {
      return changes / seconds();
    }

    /** How many bytes in a second. */
    public double bytesPerSecond() {
      return bytes / seconds();
    }

    private double seconds() {
      return during.toNanos() / 1e9;
    }
  }

  /**
   * Nothing can be said.
   *
   * @param why without a full stop, for people
   */
  record NotKnown(String why) implements Observed {}
}
