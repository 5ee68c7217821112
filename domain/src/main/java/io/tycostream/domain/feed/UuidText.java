package io.tycostream.domain.feed;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** UUIDs in the forms that PostgreSQL reads, brought to the one that it writes. */
final class UuidText {

  private static final int LENGTH = 36;

  /** PostgreSQL takes a hyphen behind any four digits. */
  private static final Pattern READ =
      Pattern.compile("(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}|\\{(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}}");

  private UuidText() {}

  /**
   * Lower case hex digits in five groups: as text in the order of the UUIDs. A text of that form is
   * returned itself; null when it is no UUID.
   */
  static @Nullable String key(String text) {
    if (isWritten(text)) {
      return text;
    }
    if (text.length() > 2 * LENGTH) {
      return null;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (!READ.matcher(lower).matches()) {
      return null;
    }
    StringBuilder digits = new StringBuilder(LENGTH);
    for (int i = 0; i < lower.length(); i++) {
      if (Character.digit(lower.charAt(i), 16) >= 0) {
        digits.append(lower.charAt(i));
      }
    }
    for (int hyphen : new int[] {8, 13, 18, 23}) {
      digits.insert(hyphen, '-');
    }
    return digits.toString();
  }

  private static boolean isWritten(String text) {
    if (text.length() != LENGTH) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      char c = text.charAt(i);
      boolean hyphen = i == 8 || i == 13 || i == 18 || i == 23;
      if (hyphen ? c != '-' : (c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }
}
