package io.tycostream.app.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as they are written in a configuration: {@code 64KiB}, {@code 256MiB}, {@code 10GiB}. */
final class Sizes {

  private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,9})(KiB|MiB|GiB)");

  private Sizes() {}

  /**
   * Reads a size.
   *
   * @return bytes
   * @throws IllegalArgumentException when it is none
   */
  static long parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("has to be a size as in 64KiB, 256MiB or 10GiB");
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "KiB" -> count << 10;
      case "MiB" -> count << 20;
      default -> count << 30;
    };
  }
}
