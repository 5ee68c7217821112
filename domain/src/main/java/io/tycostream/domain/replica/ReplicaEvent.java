package io.tycostream.domain.replica;

import java.time.Duration;
import java.util.Optional;

/** What happened to a client's connection. Events of an earlier socket are not told. */
public sealed interface ReplicaEvent {

  /** The program wants to be connected. */
  record Started() implements ReplicaEvent {}

  /** The socket stands. */
  record SocketOpened() implements ReplicaEvent {}

  /**
   * The gateway answered {@code hello}.
   *
   * @param heartbeat how often the gateway pings
   */
  record Welcomed(Duration heartbeat) implements ReplicaEvent {}

  /** Anything at all came from the gateway. */
  record Heard() implements ReplicaEvent {}

  /**
   * The gateway said that it is going to close.
   *
   * @param retryIn when to return, which wins over our own backoff
   * @param chance in [0, 1)
   */
  record Dismissed(int code, String reason, Optional<Duration> retryIn, double chance)
      implements ReplicaEvent {}

  /**
   * The socket ended, or could not be opened.
   *
   * @param code the close code, 1006 when there was none
   * @param chance in [0, 1)
   */
  record SocketClosed(int code, String reason, double chance) implements ReplicaEvent {}

  /**
   * What came does not follow what came before.
   *
   * @param chance in [0, 1)
   */
  record SequenceBroken(String reason, double chance) implements ReplicaEvent {}

  /**
   * The state's deadline may have come.
   *
   * @param chance in [0, 1)
   */
  record DeadlineReached(double chance) implements ReplicaEvent {}

  /**
   * The program has other credentials.
   *
   * @param chance in [0, 1)
   */
  record CredentialsRenewed(double chance) implements ReplicaEvent {}

  /** The program was asked for other credentials and has none. */
  record CredentialsDenied() implements ReplicaEvent {}

  /** The program does not want to be connected any more. */
  record CloseRequested() implements ReplicaEvent {}
}
