package io.tycostream.simulation.teeth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * On which seed each bug is caught first, and what is seen then: the table in {@code
 * docs/proof.md}, which is written by {@link TeethSearchTest} and read by {@link TeethTest}, so
 * that the two cannot differ.
 */
final class Catches {

  private static final String BEGIN = "<!-- bugs: written by TeethSearchTest, not to be edited -->";
  private static final String END = "<!-- end of bugs -->";
  private static final String HEAD =
      """
      | bug | what is broken | seed | what is seen |
      | --- | --- | ---: | --- |
      """;
  private static final Pattern LINE =
      Pattern.compile("\\| `(\\w+)` \\| (.*?) \\| (\\d+) \\| .* \\|");
  private static final Pattern PACKAGES =
      Pattern.compile("\\b(?:[a-z]+\\.)+(?=[A-Z]\\w*Exception\\b)");
  private static final int LONGEST = 120;

  private Catches() {}

  /** A line of the table: what it says of the bug, and on which seed it was caught. */
  record Line(String breaks, long seed) {}

  /** By the names of the bugs, in the table's order. */
  static Map<String, Line> read() {
    Map<String, Line> lines = new LinkedHashMap<>();
    String text = text();
    Matcher line = LINE.matcher(text.substring(begin(text), end(text)));
    while (line.find()) {
      lines.put(line.group(1), new Line(line.group(2), Long.parseLong(line.group(3))));
    }
    return lines;
  }

  /** Writes the table anew. */
  static void write(Map<Bug, Trial.Caught> caught) {
    String text = text();
    StringBuilder written = new StringBuilder(text.substring(0, begin(text)));
    written.append('\n').append(HEAD);
    caught.forEach((bug, seen) -> written.append(print(bug, seen)).append('\n'));
    written.append('\n').append(text.substring(end(text)));
    try {
      Files.writeString(page(), written);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line as it stands in the table. */
  static String print(Bug bug, Trial.Caught caught) {
    return "| `%s` | %s | %d | %s |"
        .formatted(bug.name(), bug.breaks(), caught.seed(), inShort(caught.violation()));
  }

  /** Without the way through the code that an exception came, and no longer than a line bears. */
  private static String inShort(String violation) {
    String line = violation.lines().findFirst().orElse("");
    int code = line.indexOf(" at io.tycostream.");
    String what = PACKAGES.matcher(code < 0 ? line : line.substring(0, code)).replaceAll("");
    what = what.replace('|', '/');
    return what.length() <= LONGEST ? what : what.substring(0, LONGEST) + "…";
  }

  private static String text() {
    try {
      return Files.readString(page()).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int begin(String text) {
    int mark = text.indexOf(BEGIN);
    if (mark < 0) {
      throw new IllegalStateException("no place for the bugs in " + page());
    }
    return mark + BEGIN.length() + 1;
  }

  private static int end(String text) {
    int mark = text.indexOf(END, begin(text));
    if (mark < 0) {
      throw new IllegalStateException("the place for the bugs has no end in " + page());
    }
    return mark;
  }

  private static Path page() {
    return BrokenCode.module().resolve("../docs/proof.md").normalize();
  }
}
