package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One line of a stream with {@code PROGRESS}: {@code mz_timestamp, mz_progressed, mz_diff} and the
 * columns of the relation.
 */
sealed interface Update {

  /** Everything earlier than {@code before} was told; unsigned. */
  record Progress(long before) implements Update {}

  /**
   * So many copies of the row came or went.
   *
   * @param time unsigned
   */
  record Rows(long time, Row row, long diff) implements Update {}

  /** What stands before the columns of the relation. */
  int LEADING_COLUMNS = 3;

  /**
   * Reads a line.
   *
   * @param columns of the relation
   * @throws StreamException when it is none
   */
  static Update read(byte[] line, CopyText columns) throws StreamException {
    int time = tab(line, 0);
    int progressed = time < 0 ? -1 : tab(line, time + 1);
    int diff = progressed < 0 ? -1 : tab(line, progressed + 1);
    if (diff < 0 || progressed != time + 2) {
      throw damaged(line);
    }
    return switch (line[time + 1]) {
      case 't' -> new Progress(number(line, 0, time).orElseThrow(() -> damaged(line)));
      case 'f' ->
          new Rows(
              number(line, 0, time).orElseThrow(() -> damaged(line)),
              columns.row(line, diff + 1),
              diff(line, progressed + 1, diff));
      default -> throw damaged(line);
    };
  }

  /** The time of a progress row, whatever the columns; nothing when it is another line. */
  static Optional<Long> progress(byte[] line) {
    int time = tab(line, 0);
    boolean progressed =
        time > 0 && time + 2 < line.length && line[time + 1] == 't' && line[time + 2] == '\t';
    return progressed ? number(line, 0, time) : Optional.empty();
  }

  private static int tab(byte[] line, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == '\t') {
        return i;
      }
    }
    return -1;
  }

  /** A number of 64 bits without a sign; nothing when it is none. */
  private static Optional<Long> number(byte[] line, int from, int to) {
    try {
      return Optional.of(Long.parseUnsignedLong(text(line, from, to)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static long diff(byte[] line, int from, int to) throws StreamException {
    try {
      return Long.parseLong(text(line, from, to));
    } catch (NumberFormatException e) {
      throw damaged(line);
    }
  }

  private static String text(byte[] line, int from, int to) {
    return new String(line, from, to - from, StandardCharsets.US_ASCII);
  }

  private static StreamException damaged(byte[] line) {
    int shown = Math.min(line.length, 60);
    return new StreamException(
        FailureKind.NETWORK,
        "a damaged line in the stream: " + new String(line, 0, shown, StandardCharsets.UTF_8));
  }
}
