package io.tycostream.domain.protocol;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What a client says. */
public sealed interface ClientMessage {

  /**
   * Opens or takes up a session; first on every connection.
   *
   * @param token credentials
   * @param client the client's own id, at most 128 characters
   * @param resume the token of an earlier {@link ServerMessage.Welcome}
   * @param positions for the subscriptions of the resumed session, by ref
   * @param acks whether the client is going to send {@link Ack}s
   */
  record Hello(
      Optional<String> token,
      Optional<String> client,
      Optional<String> resume,
      Map<String, String> positions,
      boolean acks)
      implements ClientMessage {

    public Hello {
      positions = Map.copyOf(positions);
    }
  }

  /**
   * Starts a subscription.
   *
   * @param ref the client's own name for it, unique on the connection
   * @param after the position that the client has, to go on behind it
   */
  record Subscribe(String ref, String source, Optional<String> after) implements ClientMessage {}

  /** Ends a subscription, named by its ref or by its feed; one of the two is there. */
  record Unsubscribe(Optional<String> ref, OptionalInt feed) implements ClientMessage {}

  /** Everything up to {@code position} is processed. */
  record Ack(int feed, String position) implements ClientMessage {}

  /** Asks for a {@link ServerMessage.Pong}. */
  record Ping(Optional<String> nonce) implements ClientMessage {}
}
