package io.tycostream.domain.session;

import java.time.Instant;
import java.util.Optional;

/** What happened to a connection, or to the session that it left. */
public sealed interface SessionEvent {

  /**
   * A {@code hello} with good credentials was heard.
   *
   * @param credentialsUntil when they end; nothing for never
   */
  record Greeted(Resumption resumption, Optional<Instant> credentialsUntil)
      implements SessionEvent {}

  /** Something else than {@code hello} was said; of interest only until {@code hello} was. */
  record RequestHeard() implements SessionEvent {}

  /** The gateway wants the connection to end. */
  record EndRequested(CloseReason reason) implements SessionEvent {}

  /** The last that was to be written, a close frame, is on the socket. */
  record CloseWritten() implements SessionEvent {}

  /**
   * The client's close frame came.
   *
   * @param code its code; 1005 when it has none
   */
  record PeerClosed(int code) implements SessionEvent {}

  /** The socket is gone. */
  record SocketLost() implements SessionEvent {}

  /** A newer connection has taken the session up. */
  record TakenOver() implements SessionEvent {}

  /** There are too many detached sessions, and this one has been so for the longest. */
  record Displaced() implements SessionEvent {}

  /** The state's deadline may have come. */
  record DeadlineReached(Signs signs) implements SessionEvent {}
}
