package io.tycostream.adapters.db.simulator.materialize;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * COPY's text format as Materialize writes it ({@code encode_copy_row_text}): a tab between values,
 * {@code \N} for NULL, and a backslash only for backslash, newline, carriage return and tab.
 */
final class CopyEncoding {

  private CopyEncoding() {}

  static byte[] values(List<@Nullable String> values) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        line.append('\t');
      }
      append(line, values.get(i));
    }
    return line.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void append(StringBuilder line, @Nullable String value) {
    if (value == null) {
      line.append("\\N");
      return;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> line.append(c);
      }
    }
  }
}
