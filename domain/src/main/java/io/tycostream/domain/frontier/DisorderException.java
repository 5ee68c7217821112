package io.tycostream.domain.frontier;

/**
 * A stream went back behind what it had said was complete, or left something out. Whichever of the
 * two it got wrong, what is held can be wrong too: only a fresh snapshot makes it right. Nothing of
 * the open moment was or will be published.
 */
public final class DisorderException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String disorder;

  public DisorderException(String disorder) {
    super(disorder);
    this.disorder = disorder;
  }

  /** What the stream told, and what it had told before, in a sentence. */
  public String disorder() {
    return disorder;
  }
}
