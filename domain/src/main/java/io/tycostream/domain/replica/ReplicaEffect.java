package io.tycostream.domain.replica;

/** What a client is to do about its connection. */
public sealed interface ReplicaEffect {

  /** Open a socket. */
  record OpenSocket() implements ReplicaEffect {}

  /** Send {@code hello}, and see to it that each subscription goes on from its position. */
  record Greet() implements ReplicaEffect {}

  /** Send {@code hello} again with the new credentials; the session goes on. */
  record RenewCredentials() implements ReplicaEffect {}

  /** Ask the program for other credentials. */
  record AskForCredentials() implements ReplicaEffect {}

  /** Ask whether the gateway is still there. */
  record SendPing() implements ReplicaEffect {}

  /** Give the socket up; what still comes from it is not told. */
  record CloseSocket(int code, String reason) implements ReplicaEffect {}
}
