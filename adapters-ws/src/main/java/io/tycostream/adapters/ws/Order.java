package io.tycostream.adapters.ws;

import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.ResumeTicket;
import io.tycostream.domain.session.Resumption;
import io.tycostream.domain.session.Session;
import java.util.Optional;

/** What the reception tells a courier to do, at once and in this order. */
sealed interface Order {

  /**
   * Answers {@code hello}.
   *
   * @param session that is the connection's now
   * @param ticket for the token to take it up again; nothing where sessions are not kept
   */
  record Welcome(Resumption resumption, Session session, Optional<ResumeTicket> ticket)
      implements Order {}

  /** Sends a WebSocket ping. */
  record Ping() implements Order {}

  /** Says goodbye; nothing is written after it. */
  record Bye(CloseReason reason) implements Order {}

  /** Answers the client's close frame; nothing is written after it. */
  record AnswerClose(int code) implements Order {}

  /** Lets go of all subscriptions. */
  record Release() implements Order {}
}
