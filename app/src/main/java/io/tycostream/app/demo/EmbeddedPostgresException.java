package io.tycostream.app.demo;

/**
 * The embedded PostgreSQL could not be unpacked, started, stopped or removed. The message says why
 * and what to do, and ends with the last lines of the server's log where there is one.
 */
public final class EmbeddedPostgresException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EmbeddedPostgresException(String message) {
    super(message);
  }

  EmbeddedPostgresException(String message, Throwable cause) {
    super(message, cause);
  }
}
