package io.tycostream.adapters.db.risingwave;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * At which epoch the snapshot of a {@code FULL} cursor was taken, from the state that {@code SHOW
 * SUBSCRIPTION CURSORS} tells in words. The rows themselves do not tell it.
 */
final class PinnedEpoch {

  /** The snapshot is being read. */
  private static final Pattern SNAPSHOT =
      Pattern.compile("Fetch \\{ from_snapshot: true, rw_timestamp: (\\d+)\\b.*");

  /** It was read to its end, and no log behind it: looked for is what follows. */
  private static final Pattern BEHIND =
      Pattern.compile("InitLogStoreQuery \\{ seek_timestamp: (\\d+), expected_timestamp: None \\}");

  private PinnedEpoch() {}

  /**
   * The epoch, or nothing when the state does not tell it.
   *
   * @param state of a cursor that was declared with {@code FULL} and of which no row with a
   *     timestamp was fetched
   */
  static OptionalLong of(String state) {
    Matcher snapshot = SNAPSHOT.matcher(state);
    if (snapshot.matches()) {
      return OptionalLong.of(Long.parseUnsignedLong(snapshot.group(1)));
    }
    Matcher behind = BEHIND.matcher(state);
    return behind.matches()
        ? OptionalLong.of(Long.parseUnsignedLong(behind.group(1)) - 1)
        : OptionalLong.empty();
  }
}
