package io.tycostream.domain.session;

/** What is to be done about a connection or its session. */
public sealed interface SessionEffect {

  /** Answer {@code hello}; where the session is resumed, begin its subscriptions again. */
  record SendWelcome(Resumption resumption) implements SessionEffect {}

  /** Send a WebSocket ping. */
  record SendPing() implements SessionEffect {}

  /** Send {@code bye} and a close frame, and tell when they are on the socket. */
  record SendBye(CloseReason reason) implements SessionEffect {}

  /** Send a close frame in answer to the client's, and tell when it is on the socket. */
  record AnswerClose(int code) implements SessionEffect {}

  /** Cut the socket, whatever is being written or read. */
  record AbortSocket() implements SessionEffect {}

  /** End the subscriptions; where the client stands is not remembered. */
  record ReleaseCursors() implements SessionEffect {}

  /** Throw away what was kept of the session: nobody takes it up any more. */
  record Forget(CloseReason reason) implements SessionEffect {}
}
