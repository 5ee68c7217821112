package io.tycostream.domain.feed;

import java.util.Arrays;

/**
 * SQL's pattern: {@code %} for any number of code points, {@code _} for one, a backslash before one
 * that stands for itself.
 *
 * <p>Without case, code points are the same when their lower case letters are, one by one and by
 * Unicode alone, not by the rules of a language. A match takes at most as many steps as the text's
 * length times the pattern's, and allocates nothing.
 */
final class LikePattern {

  /** Code points of a pattern; they bound what a match may cost. */
  static final int MAX_LENGTH = 256;

  private static final int ANY = -1;
  private static final int ONE = -2;

  private final int[] tokens;
  private final boolean ignoreCase;

  /**
   * @throws IllegalArgumentException when the pattern is too long or ends in the middle of an
   *     escape; the message goes on a sentence that began with the pattern
   */
  LikePattern(String pattern, boolean ignoreCase) {
    int[] points = pattern.codePoints().toArray();
    if (points.length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "has " + points.length + " characters, more than " + MAX_LENGTH);
    }
    this.ignoreCase = ignoreCase;
    int[] read = new int[points.length];
    int count = 0;
    for (int i = 0; i < points.length; i++) {
      int token;
      if (points[i] == '\\') {
        if (++i == points.length) {
          throw new IllegalArgumentException(
              "ends with a backslash that has nothing behind it; \\\\ stands for a backslash");
        }
        token = folded(points[i]);
      } else {
        token = points[i] == '%' ? ANY : points[i] == '_' ? ONE : folded(points[i]);
      }
      if (token != ANY || count == 0 || read[count - 1] != ANY) {
        read[count++] = token;
      }
    }
    this.tokens = Arrays.copyOf(read, count);
  }

  /** Whether the whole text is as the pattern says. */
  boolean matches(String text) {
    int token = 0;
    int at = 0;
    int tokenAfterAny = -1;
    int resume = 0;
    while (at < text.length()) {
      int point = text.codePointAt(at);
      if (token < tokens.length && tokens[token] == ANY) {
        tokenAfterAny = ++token;
        resume = at;
      } else if (token < tokens.length
          && (tokens[token] == ONE || tokens[token] == folded(point))) {
        token++;
        at += Character.charCount(point);
      } else if (tokenAfterAny >= 0) {
        // The last % takes one more; what an earlier one took need never change.
        resume += Character.charCount(text.codePointAt(resume));
        at = resume;
        token = tokenAfterAny;
      } else {
        return false;
      }
    }
    return token == tokens.length || (token == tokens.length - 1 && tokens[token] == ANY);
  }

  private int folded(int point) {
    return ignoreCase ? Character.toLowerCase(point) : point;
  }

  boolean ignoresCase() {
    return ignoreCase;
  }

  /** The pattern in its shortest form; patterns that have the same mean the same. */
  String canonical() {
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      switch (token) {
        case ANY -> text.append('%');
        case ONE -> text.append('_');
        case '%', '_', '\\' -> text.append('\\').append((char) token);
        default -> text.appendCodePoint(token);
      }
    }
    return text.toString();
  }
}
