package io.tycostream.client;

/** A listener of our own ended before it could pass on what it was called with. */
final class UndeliveredException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UndeliveredException() {
    super("ended before it was delivered", null, false, false);
  }
}
