package io.tycostream.client;

import java.io.Serial;
import java.util.OptionalInt;

/** What the gateway sent is not a message of the protocol. */
final class MalformedMessageException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final transient OptionalInt feed;

  MalformedMessageException(String message, OptionalInt feed, Throwable cause) {
    super(message, cause);
    this.feed = feed;
  }

  /** The feed that it is about, where that much could be read. */
  OptionalInt feed() {
    return feed;
  }
}
