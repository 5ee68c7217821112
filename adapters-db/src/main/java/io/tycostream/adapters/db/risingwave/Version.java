package io.tycostream.adapters.db.risingwave;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which RisingWave it is. */
record Version(int major, int minor) {

  /** FETCH can wait since this one, and cursors begin where they are told to, not at all rows. */
  static final Version OLDEST = new Version(2, 1);

  private static final Pattern TEXT = Pattern.compile(".*RisingWave-v?(\\d+)\\.(\\d+).*");

  /** Such as {@code PostgreSQL 13.14.0-RisingWave-2.5.0 (…)}. */
  static Optional<Version> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  boolean isEnough() {
    return major > OLDEST.major || (major == OLDEST.major && minor >= OLDEST.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
