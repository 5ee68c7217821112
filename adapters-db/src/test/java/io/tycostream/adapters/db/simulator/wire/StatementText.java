package io.tycostream.adapters.db.simulator.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where statements end in the text of a simple query. */
public final class StatementText {

  private static final Pattern DOLLAR = Pattern.compile("\\$([A-Za-z_]\\w*)?\\$");
  private static final Pattern PARAMETER = Pattern.compile("\\$(\\d+)");

  private StatementText() {}

  /**
   * The statements of a query text, trimmed, without those that are empty. A semicolon in quotes,
   * in a dollar-quoted text or in a comment ends nothing.
   */
  public static List<String> split(String text) {
    List<String> statements = new ArrayList<>();
    int start = 0;
    int at = 0;
    while (at < text.length()) {
      if (text.charAt(at) == ';') {
        add(statements, text.substring(start, at));
        at++;
        start = at;
      } else {
        at = next(text, at);
      }
    }
    add(statements, text.substring(start));
    return statements;
  }

  /** The end of the quoted text, comment or single character that begins at {@code at}. */
  public static int next(String text, int at) {
    char c = text.charAt(at);
    if (c == '\'' || c == '"') {
      return after(text, String.valueOf(c), at + 1);
    }
    if (text.startsWith("--", at)) {
      return after(text, "\n", at + 2);
    }
    if (text.startsWith("/*", at)) {
      return after(text, "*/", at + 2);
    }
    if (c == '$') {
      Matcher dollar = DOLLAR.matcher(text).region(at, text.length());
      if (dollar.lookingAt()) {
        return after(text, dollar.group(), dollar.end());
      }
    }
    return at + 1;
  }

  /** The highest {@code $n}, 0 if there is none. */
  static int parameters(String sql) {
    int highest = 0;
    int at = 0;
    Matcher parameter = PARAMETER.matcher(sql);
    while (at < sql.length()) {
      if (sql.charAt(at) == '$' && parameter.region(at, sql.length()).lookingAt()) {
        highest = Math.max(highest, Integer.parseInt(parameter.group(1)));
        at = parameter.end();
      } else {
        at = next(sql, at);
      }
    }
    return highest;
  }

  private static int after(String text, String end, int from) {
    int found = text.indexOf(end, from);
    return found < 0 ? text.length() : found + end.length();
  }

  private static void add(List<String> statements, String text) {
    String statement = text.strip();
    if (!statement.isEmpty()) {
      statements.add(statement);
    }
  }
}
