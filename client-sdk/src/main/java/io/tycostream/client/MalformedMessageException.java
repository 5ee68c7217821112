package io.tycostream.client;

import java.io.Serial;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the gateway sent is not a message of the protocol. */
final class MalformedMessageException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final @Nullable Integer feed;

  MalformedMessageException(String message, @Nullable Integer feed, @Nullable Throwable cause) {
    super(message, cause);
    this.feed = feed;
  }

  /** The feed that it is about, where that much could be read. */
  OptionalInt feed() {
    return feed == null ? OptionalInt.empty() : OptionalInt.of(feed);
  }
}
