package io.tycostream.client;

/** What reaches a client's own thread. */
sealed interface Input {

  /** A socket stands. */
  record Opened(GatewaySocket socket) implements Input {}

  /** A whole text message came, in UTF-8. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Received(GatewaySocket socket, byte[] text, Mailbox.Load load) implements Input {}

  /** A sign of life without a message came. */
  record Pinged(GatewaySocket socket) implements Input {}

  /** A socket ended, or could not be opened. */
  record Ended(GatewaySocket socket, int code, String reason) implements Input {}

  /** The program wants something done. */
  record Request(Runnable action) implements Input {}
}
