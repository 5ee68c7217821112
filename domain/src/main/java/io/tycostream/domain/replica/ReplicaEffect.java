package io.tycostream.domain.replica;

/** What a client is to do about its connection. */
public sealed interface ReplicaEffect {

  /** Open a socket. */
  record OpenSocket() implements ReplicaEffect {}

  /** Send {@code hello}, and a {@code subscribe} for each subscription with its position. */
  record Greet() implements ReplicaEffect {}

  /** Ask whether the gateway is still there. */
  record SendPing() implements ReplicaEffect {}

  /** Give the socket up; what still comes from it is not told. */
  record CloseSocket(int code, String reason) implements ReplicaEffect {}
}
