package io.tycostream.domain.view;

/**
 * What a database tells does not fit the rows there are, so one of the two is wrong: only a fresh
 * snapshot makes it right. Nothing was applied.
 */
public final class MisfitException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String misfit;

  public MisfitException(String misfit) {
    super(misfit);
    this.misfit = misfit;
  }

  /** What does not fit, in a sentence. */
  public String misfit() {
    return misfit;
  }
}
