package io.tycostream.adapters.db.materialize;

/** A relation cannot be followed; the message says why and what to do, as one sentence. */
final class UnusableRelationException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String reason;

  UnusableRelationException(String reason) {
    super(reason);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
