package io.tycostream.adapters.db.connection;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows in the text format of COPY: values apart by tabs, {@code \N} for NULL, and a backslash
 * in front of what would be mistaken for either.
 */
public final class CopyText {

  private final int columns;

  /** For rows of so many columns. */
  public CopyText(int columns) {
    this.columns = columns;
  }

  /**
   * The row of one line, with or without the newline at its end.
   *
   * @throws StreamException when it has another number of columns
   */
  public Row row(byte[] line) throws StreamException {
    return row(line, 0);
  }

  /**
   * The row that stands in a line from a place on.
   *
   * @throws StreamException when it has another number of columns
   */
  public Row row(byte[] line, int from) throws StreamException {
    int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
    @Nullable String[] values = new @Nullable String[columns];
    if (columns == 0 && end == from) {
      return Row.taking(values);
    }
    int column = 0;
    int stop;
    for (int start = from; start <= end; start = stop + 1) {
      boolean escaped = false;
      stop = start;
      while (stop < end && line[stop] != '\t') {
        if (line[stop] == '\\') {
          escaped = true;
          stop++; // what follows belongs to it, also when it is a tab or a backslash
        }
        stop++;
      }
      if (stop > end) {
        break; // in the middle of an escape
      }
      if (column < columns) {
        values[column] = value(line, start, stop, escaped);
      }
      column++;
    }
    if (column != columns) {
      throw new StreamException(
          FailureKind.NETWORK, "a damaged row: it has " + column + " values instead of " + columns);
    }
    return Row.taking(values);
  }

  private static @Nullable String value(byte[] line, int start, int end, boolean escaped) {
    if (!escaped) {
      return new String(line, start, end - start, StandardCharsets.UTF_8);
    }
    if (end - start == 2 && line[start + 1] == 'N') {
      return null;
    }
    byte[] text = new byte[end - start];
    int length = 0;
    int at = start;
    while (at < end) {
      byte b = line[at++];
      if (b != '\\' || at == end) {
        text[length++] = b;
        continue;
      }
      byte code = line[at++];
      switch (code) {
        case 'b' -> text[length++] = '\b';
        case 'f' -> text[length++] = '\f';
        case 'n' -> text[length++] = '\n';
        case 'r' -> text[length++] = '\r';
        case 't' -> text[length++] = '\t';
        case 'v' -> text[length++] = 0x0b;
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int value = code - '0';
          for (int digits = 1; digits < 3 && at < end && digit(line[at], 8) >= 0; digits++) {
            value = value * 8 + digit(line[at++], 8);
          }
          text[length++] = (byte) value;
        }
        case 'x' -> {
          if (at == end || digit(line[at], 16) < 0) {
            text[length++] = 'x';
          } else {
            int value = digit(line[at++], 16);
            if (at < end && digit(line[at], 16) >= 0) {
              value = value * 16 + digit(line[at++], 16);
            }
            text[length++] = (byte) value;
          }
        }
        default -> text[length++] = code;
      }
    }
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }

  private static int digit(byte b, int radix) {
    return Character.digit((char) (b & 0xff), radix);
  }
}
