package io.tycostream.adapters.ws;

/** What a client said, as its courier is told by the thread that reads. */
sealed interface Inbound {

  /** A message. */
  record Said(ClientMessageReader.Read what) implements Inbound {}

  /** A WebSocket ping, to be answered with the same payload. */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Pinged(byte[] payload) implements Inbound {}
}
