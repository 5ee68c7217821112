package io.tycostream.domain.view;

/**
 * What a database tells does not fit the rows there are, so one of the two is wrong: only a fresh
 * snapshot makes it right. Nothing was applied.
 */
public final class MisfitException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public MisfitException(String message) {
    super(message);
  }
}
