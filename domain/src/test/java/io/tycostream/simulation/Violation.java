package io.tycostream.simulation;

/** The system did not do what it promises. */
final class Violation extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Violation(String what) {
    super(what);
  }

  Violation(String what, Throwable cause) {
    super(what + ": " + cause, cause);
  }
}
