package io.tycostream.domain.change;

import java.util.HexFormat;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/**
 * Everything up to and including one moment of a database's own history is applied, for one
 * definition.
 *
 * <p>Written as {@code <epoch>.<time as 16 hex digits>.<print>}, so that positions of one {@link
 * #sameHistory history} compare as text in the order of their time. Clients keep it and hand it
 * back; it is the same on every gateway and after every restart, because nothing of the gateway
 * stands in it.
 *
 * @param epoch which history of which database: letters, digits, {@code _} and {@code -}
 * @param time the database's own clock, inclusive, unsigned 64 bits (for PostgreSQL an LSN)
 * @param print what was read: {@link Relation#print()}, with filter and columns where there are
 */
public record Position(String epoch, long time, String print) {

  private static final int MAX_EPOCH = 100;
  private static final int MAX_PRINT = 40;
  private static final Pattern TEXT =
      Pattern.compile("([A-Za-z0-9_-]{1,100})\\.([0-9a-f]{16})\\.([a-z0-9]{1,40})");

  /**
   * @throws IllegalArgumentException when the epoch or the print has other characters than allowed
   */
  public Position {
    if (!consistsOf(epoch, MAX_EPOCH, Position::isOfEpoch)) {
      throw new IllegalArgumentException("not an epoch: '" + epoch + "'");
    }
    if (!consistsOf(print, MAX_PRINT, Position::isOfPrint)) {
      throw new IllegalArgumentException("not a print: '" + print + "'");
    }
  }

  /** Without a pattern, because a position is made for each batch of a feed and each client. */
  private static boolean consistsOf(String text, int most, IntPredicate allowed) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (!allowed.test(text.charAt(i))) {
        return false;
      }
    }
    return length > 0 && length <= most;
  }

  private static boolean isOfEpoch(int c) {
    return isOfPrint(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  }

  private static boolean isOfPrint(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  /** The position that a text stands for, or nothing when it is not one. */
  public static Optional<Position> parse(String text) {
    var matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long time = HexFormat.fromHexDigitsToLong(matcher.group(2));
    return Optional.of(new Position(matcher.group(1), time, matcher.group(3)));
  }

  /** The same history at another time. */
  public Position at(long otherTime) {
    return otherTime == time ? this : new Position(epoch, otherTime, print);
  }

  /** The same moment under another print. */
  public Position under(String otherPrint) {
    return otherPrint.equals(print) ? this : new Position(epoch, time, otherPrint);
  }

  /** Whether the times of the two can be compared: same database history, same definition. */
  public boolean sameHistory(Position other) {
    return epoch.equals(other.epoch) && print.equals(other.print);
  }

  /**
   * Whether this one is later than {@code other}.
   *
   * @throws IllegalArgumentException when they are of different histories
   */
  public boolean isAfter(Position other) {
    if (!sameHistory(other)) {
      throw new IllegalArgumentException(this + " and " + other + " are of different histories");
    }
    return Long.compareUnsigned(time, other.time) > 0;
  }

  /**
   * Whether this one is later in the history of the same database, whatever was read of it; no
   * position is ahead of one of another epoch.
   */
  public boolean isAheadOf(Position other) {
    return epoch.equals(other.epoch) && Long.compareUnsigned(time, other.time) > 0;
  }

  @Override
  public String toString() {
    return epoch + '.' + HexFormat.of().toHexDigits(time) + '.' + print;
  }
}
