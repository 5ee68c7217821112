package io.tycostream.domain.replica;

import io.tycostream.domain.protocol.ClientMessage;

/** What a client is to do, in this order. */
public sealed interface ClientEffect {

  /** Open a socket to one of the gateway's addresses, by its number from 0 on. */
  record OpenSocket(int endpoint) implements ClientEffect {}

  /** Send a message on the socket. */
  record Send(ClientMessage message) implements ClientEffect {}

  /** Give the socket up. */
  record CloseSocket(int code, String reason) implements ClientEffect {}

  /** Ask the program for other credentials, and tell the answer. */
  record AskForCredentials() implements ClientEffect {}

  /** Tell the program. */
  record Tell(Told told) implements ClientEffect {}
}
