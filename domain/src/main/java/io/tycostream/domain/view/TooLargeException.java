package io.tycostream.domain.view;

/** What a database tells would take a view over its {@link Capacity}. Nothing was applied. */
public final class TooLargeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String excess;

  public TooLargeException(String excess) {
    super(excess);
    this.excess = excess;
  }

  /** What would be too large, in a sentence. */
  public String excess() {
    return excess;
  }
}
