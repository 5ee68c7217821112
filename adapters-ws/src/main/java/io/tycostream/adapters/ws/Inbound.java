package io.tycostream.adapters.ws;

import io.tycostream.domain.session.CloseReason;

/** What a client said, as its courier is told by the thread that reads. */
sealed interface Inbound {

  /** A message. */
  record Said(ClientMessageReader.Read what) implements Inbound {}

  /** A WebSocket ping, to be answered with the same payload. */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Pinged(byte[] payload) implements Inbound {}

  /** What no rule allows, and behind which nothing can be understood. */
  record Broken(CloseReason why) implements Inbound {}

  /** The last that it says. */
  record Closed(int code) implements Inbound {}
}
