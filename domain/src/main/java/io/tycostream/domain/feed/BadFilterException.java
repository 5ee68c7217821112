package io.tycostream.domain.feed;

/**
 * A filter cannot be read, or a {@link Definition} does not go with the columns of the relation.
 */
public final class BadFilterException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  public enum Fault {
    /** It names a column that is not there. */
    UNKNOWN_COLUMN,
    /** A value or an operator is none, or does not go with the column's type. */
    BAD_FILTER
  }

  private final Fault fault;

  /**
   * @param message what is wrong, where and what would be right, in a sentence
   */
  public BadFilterException(Fault fault, String message) {
    super(message);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }

  /** For the client that asked. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
