package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

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

  /** Of 2⁶⁴ − 1. */
  int MAX_DIGITS = 20;

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
  static OptionalLong progress(byte[] line) {
    int time = tab(line, 0);
    boolean progressed =
        time > 0 && time + 2 < line.length && line[time + 1] == 't' && line[time + 2] == '\t';
    return progressed ? number(line, 0, time) : OptionalLong.empty();
  }

  private static int tab(byte[] line, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == '\t') {
        return i;
      }
    }
    return -1;
  }

  /**
   * Digits as a number of 64 bits without a sign; nothing when they are none. Read from the bytes,
   * because two numbers stand in each line.
   */
  private static OptionalLong number(byte[] line, int from, int to) {
    int length = to - from;
    if (length < 1 || length > MAX_DIGITS) {
      return OptionalLong.empty();
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = line[i] - '0';
      if (digit < 0 || digit > 9) {
        return OptionalLong.empty();
      }
      long next = number * 10 + digit;
      boolean tooLarge = i == from + MAX_DIGITS - 1 && isTooLarge(number, digit);
      if (tooLarge) {
        return OptionalLong.empty();
      }
      number = next;
    }
    return OptionalLong.of(number);
  }

  /** Whether one digit more leads beyond 64 bits. */
  private static boolean isTooLarge(long number, int digit) {
    int order = Long.compareUnsigned(number, Long.divideUnsigned(-1, 10));
    return order > 0 || (order == 0 && digit > Long.remainderUnsigned(-1, 10));
  }

  private static long diff(byte[] line, int from, int to) throws StreamException {
    boolean negative = from < to && line[from] == '-';
    long size = number(line, negative ? from + 1 : from, to).orElseThrow(() -> damaged(line));
    if (size < 0) {
      throw damaged(line); // no number of copies has so many digits
    }
    return negative ? -size : size;
  }

  private static StreamException damaged(byte[] line) {
    int shown = Math.min(line.length, 60);
    return new StreamException(
        FailureKind.NETWORK,
        "a damaged line in the stream: " + new String(line, 0, shown, StandardCharsets.UTF_8));
  }
}
