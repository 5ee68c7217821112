package io.tycostream.client;

import io.tycostream.domain.protocol.ServerMessage.Welcome;
import java.net.URI;
import java.time.Instant;

/** What happens to a client's connection, told in order by the client's own thread. */
public interface ConnectionListener {

  /**
   * A connection is being opened.
   *
   * @param failures how many attempts failed since the last connection that lasted
   */
  default void onConnecting(URI endpoint, int failures) {}

  /** The gateway has answered; subscriptions go on where they were. */
  default void onOpen(URI endpoint, Welcome welcome) {}

  /**
   * There is no connection, and none is tried before {@code until}.
   *
   * @param reason why the last one ended or could not be had
   */
  default void onWaiting(Instant until, String reason) {}

  /**
   * The client has ended: it was closed, or the gateway said that returning is of no use.
   *
   * @param code a close code of the protocol, 1000 when the program closed the client
   */
  default void onClosed(int code, String reason) {}
}
