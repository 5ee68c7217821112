package io.tycostream.adapters.db.postgres;

/** One table cannot be followed; the message says why and what to do, as one sentence. */
final class UnusableTableException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String reason;

  UnusableTableException(String reason) {
    super(reason);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
