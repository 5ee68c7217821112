package io.tycostream.app.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code ${NAME}} and {@code ${NAME:default}} in values. What is put in is not looked
 * through again, so a variable may hold anything.
 */
final class EnvironmentReferences {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)(}?)");
  private static final Pattern CONTENT = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(:(.*))?");

  private final Map<String, String> environment;
  private final Mistakes mistakes;

  EnvironmentReferences(Map<String, String> environment, Mistakes mistakes) {
    this.environment = environment;
    this.mistakes = mistakes;
  }

  /** The value at a path with its references replaced; broken when one of them cannot be. */
  Node resolve(String path, String text) {
    StringBuilder resolved = new StringBuilder();
    boolean broken = false;
    int end = 0;
    Matcher reference = REFERENCE.matcher(text);
    while (reference.find()) {
      resolved.append(text, end, reference.start());
      end = reference.end();
      Matcher content = CONTENT.matcher(reference.group(1));
      if (reference.group(2).isEmpty() || !content.matches()) {
        mistakes.add(
            path,
            "has the reference "
                + reference.group()
                + ", which has to be written as ${NAME} or ${NAME:default}");
        broken = true;
        continue;
      }
      String name = content.group(1);
      String value = environment.get(name);
      if (value == null && content.group(2) == null) {
        mistakes.add(
            path,
            "needs the environment variable %1$s, which is not set; set it, or give a default as in ${%1$s:default}"
                .formatted(name));
        broken = true;
        continue;
      }
      resolved.append(value == null ? content.group(3) : value);
    }
    resolved.append(text, end, text.length());
    return broken ? new Node.Broken() : new Node.Scalar(resolved.toString());
  }
}
