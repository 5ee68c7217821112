package io.tycostream.domain.session;

import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import java.util.Optional;

/**
 * What a {@code hello} says about how it wants to be served.
 *
 * @param client the client's own id
 * @param acks whether the client sends acks
 * @param buffer of the connection, over all its subscriptions, as it asks for it
 */
public record Settings(Optional<String> client, boolean acks, Optional<BufferRequest> buffer) {

  /** A client that says nothing about it. */
  public static final Settings DEFAULT = new Settings(Optional.empty(), false, Optional.empty());

  /** What a later {@code hello} says; what it leaves out stays. */
  Settings changedTo(Settings later) {
    return new Settings(later.client.or(() -> client), later.acks, later.buffer.or(() -> buffer));
  }
}
