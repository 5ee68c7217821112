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
  private static final int LONGEST = 160;

  private Catches() {}

  /** A line of the table: what it says of the bug, and on which seed it was caught. */
  record Line(String breaks, long seed) {}

  /** By the names of the bugs, in the table's order. */
  static Map<String, Line> read() {
    Map<String, Line> lines = new LinkedHashMap<>();
    Matcher line = LINE.matcher(table(text()));
    while (line.find()) {
      lines.put(line.group(1), new Line(line.group(2), Long.parseLong(line.group(3))));
    }
    return lines;
  }

  /** Writes the table anew. */
  static void write(Map<Bug, Trial.Caught> caught) {
    String text = text();
    StringBuilder table = new StringBuilder("\n").append(HEAD);
    caught.forEach((bug, seen) -> table.append(print(bug, seen)).append('\n'));
    try {
      Files.writeString(page(), text.replace(table(text), table));
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
    String what = (code < 0 ? line : line.substring(0, code)).replace('|', '/');
    return what.length() <= LONGEST ? what : what.substring(0, LONGEST) + "…";
  }

  private static String text() {
    try {
      return Files.readString(page()).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String table(String text) {
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException("there is no place for the bugs in " + page());
    }
    return text.substring(begin + BEGIN.length() + 1, end);
  }

  private static Path page() {
    return BrokenCode.module().resolve("../docs/proof.md").normalize();
  }
}
