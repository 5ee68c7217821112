package io.tycostream.adapters.db.postgres;

import java.util.Locale;

/** A place in PostgreSQL's log: unsigned 64 bits, written as two hexadecimal halves. */
final class Lsn {

  private Lsn() {}

  /**
   * @throws IllegalArgumentException when the text is not one
   */
  static long parse(String text) {
    int slash = text.indexOf('/');
    if (slash <= 0) {
      throw new IllegalArgumentException("not a log position: '" + text + "'");
    }
    long high = Integer.parseUnsignedInt(text.substring(0, slash), 16) & 0xffffffffL;
    long low = Integer.parseUnsignedInt(text.substring(slash + 1), 16) & 0xffffffffL;
    return high << 32 | low;
  }

  static String format(long lsn) {
    return String.format(Locale.ROOT, "%X/%X", lsn >>> 32, lsn & 0xffffffffL);
  }
}
