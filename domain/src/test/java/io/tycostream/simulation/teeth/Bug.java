package io.tycostream.simulation.teeth;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mistake that somebody could make in one file of the domain.
 *
 * @param name in capitals, of no other bug
 * @param breaks which promise is broken, in a sentence without a full stop
 * @param file below the folder of the sources, as {@code io/tycostream/domain/log/ChangeLog.java}
 * @param original a piece of the file that stands there exactly once; how it is broken into lines
 *     and indented does not matter
 * @param broken what stands there instead
 */
record Bug(String name, String breaks, String file, String original, String broken) {

  /** Where the files of the domain are. */
  static final String DOMAIN = "io/tycostream/domain/";

  private static final Pattern TOKEN = Pattern.compile("\\w+|\\S");

  /**
   * The source with the mistake in it.
   *
   * @throws OutOfDateException when the original does not stand in the source exactly once
   */
  String in(String source) {
    Matcher place = anyLayout(original).matcher(source);
    if (!place.find()) {
      throw new OutOfDateException(this, "does not hold the original any more");
    }
    int start = place.start();
    int end = place.end();
    if (place.find()) {
      throw new OutOfDateException(this, "holds the original more than once");
    }
    return source.substring(0, start) + broken + source.substring(end);
  }

  private static Pattern anyLayout(String snippet) {
    List<String> tokens = new ArrayList<>();
    Matcher each = TOKEN.matcher(snippet);
    while (each.find()) {
      tokens.add(each.group());
    }
    StringBuilder pattern = new StringBuilder();
    String last = "";
    for (String token : tokens) {
      if (!last.isEmpty()) {
        pattern.append(isWord(last) && isWord(token) ? "\\s+" : "\\s*");
      }
      pattern.append(Pattern.quote(token));
      last = token;
    }
    return Pattern.compile(pattern.toString());
  }

  private static boolean isWord(String token) {
    return Character.isLetterOrDigit(token.charAt(0)) || token.charAt(0) == '_';
  }

  @Override
  public String toString() {
    return name;
  }

  /** The code has changed since the bug was written down: it breaks nothing any more. */
  static final class OutOfDateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OutOfDateException(Bug bug, String why) {
      super("the bug " + bug.name() + " is out of date: " + bug.file() + " " + why);
    }
  }
}
