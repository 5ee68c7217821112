package io.tycostream.domain.upstream;

/** A stream broke or could not be opened: the world's fault, for the machine to decide on. */
public final class StreamException extends Exception {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // never serialised
  private final Failure failure;

  public StreamException(FailureKind kind, String message) {
    super(message);
    this.failure = new Failure(kind, message);
  }

  public StreamException(FailureKind kind, String message, Throwable cause) {
    super(message, cause);
    this.failure = new Failure(kind, message);
  }

  public Failure failure() {
    return failure;
  }
}
