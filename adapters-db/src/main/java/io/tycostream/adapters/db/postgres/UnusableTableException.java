package io.tycostream.adapters.db.postgres;

/** One table cannot be followed; the message says why and what to do, as one sentence. */
final class UnusableTableException extends Exception {

  private static final long serialVersionUID = 1L;

  UnusableTableException(String message) {
    super(message);
  }
}
