package io.tycostream.adapters.ws;

import io.tycostream.domain.protocol.CloseCode;
import java.time.Duration;
import java.util.Optional;

/** What a courier is told by other threads. */
sealed interface Inbound {

  /** The client said something. */
  record Said(ClientMessageReader.Read what) implements Inbound {}

  /** The client sent a WebSocket ping, to be answered with the same payload. */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Pinged(byte[] payload) implements Inbound {}

  /** The client closed the connection, with this code; it waits for the same from us. */
  record ClientLeft(int code) implements Inbound {}

  /** The connection is to be ended with a word. */
  record EndWanted(CloseCode code, String reason, Optional<Duration> retryIn) implements Inbound {}
}
