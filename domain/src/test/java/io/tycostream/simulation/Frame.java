package io.tycostream.simulation;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ServerMessage;

/** What travels on a socket. */
sealed interface Frame {

  record FromGateway(ServerMessage message) implements Frame {}

  record FromClient(ClientMessage message) implements Frame {}

  record Ping() implements Frame {}

  record Pong() implements Frame {}

  /** The last one. */
  record Close(int code, String reason) implements Frame {}
}
