package io.tycostream.domain.view;

/**
 * How much a view may hold.
 *
 * @param maxRows copies of a row count each; no view holds more than 2,147,483,647
 * @param maxBytes about how much memory the rows take, copies counted each
 */
public record Capacity(long maxRows, long maxBytes) {

  /** As much as the memory there is. */
  public static final Capacity UNLIMITED = new Capacity(Long.MAX_VALUE, Long.MAX_VALUE);

  /** Rows of a view can be listed, and a list has no more. */
  private static final long MOST_ROWS = Integer.MAX_VALUE;

  /**
   * @throws TooLargeException when there are more rows than allowed
   */
  void requireRows(String relation, long rows) {
    if (rows > maxRows || rows > MOST_ROWS) {
      throw new TooLargeException("%s would have %,d rows".formatted(relation, rows));
    }
  }

  /**
   * @throws TooLargeException when the rows take more memory than allowed
   */
  void requireBytes(String relation, long bytes) {
    if (bytes > maxBytes) {
      throw new TooLargeException("the rows of %s would take %,d bytes".formatted(relation, bytes));
    }
  }
}
