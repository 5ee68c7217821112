package io.tycostream.domain.session;

import io.tycostream.domain.log.Buffer;
import java.util.Optional;

/**
 * What a {@code hello} says about how it wants to be served.
 *
 * @param client the client's own id
 * @param acks whether the client sends acks
 * @param buffer of the connection, over all its subscriptions
 */
public record Settings(Optional<String> client, boolean acks, Buffer buffer) {

  /** A client that says nothing about it. */
  public static final Settings DEFAULT = new Settings(Optional.empty(), false, Buffer.DEFAULT);
}
