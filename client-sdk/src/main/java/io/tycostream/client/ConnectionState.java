package io.tycostream.client;

import java.net.URI;
import java.time.Instant;

/** How a client's connection to its gateway stands. */
public sealed interface ConnectionState {

  /**
   * A connection is being opened.
   *
   * @param failures how many attempts failed since the last connection that lasted
   */
  record Connecting(URI endpoint, int failures) implements ConnectionState {}

  /**
   * The gateway has answered; subscriptions go on where they were.
   *
   * @param node the gateway's name
   * @param resumed whether the session of an earlier connection goes on; where it does not,
   *     subscriptions go on by their positions
   */
  record Open(URI endpoint, String node, boolean resumed) implements ConnectionState {}

  /**
   * There is no connection, and none is tried before {@code until}.
   *
   * @param reason why the last one ended or could not be had
   */
  record Waiting(Instant until, String reason) implements ConnectionState {}

  /**
   * The gateway did not accept the credentials, and the program is asked for others.
   *
   * @param code 4401 or 4403, what the gateway closed with
   */
  record Unauthorized(int code, String reason) implements ConnectionState {}

  /**
   * The client has ended: it was closed, or the gateway said that returning is of no use.
   *
   * @param code 1000 when the program closed the client; else what the gateway closed with: 1009 (a
   *     request was too large), 4400 (it was none of the protocol), 4401 or 4403 (the credentials
   *     are missing, wrong or not enough, and there are no others). Behind any other one the client
   *     returns
   */
  record Closed(int code, String reason) implements ConnectionState {

    /** The client failed by a mistake of its own, which the log has. */
    public static final int FAILED = 1006;
  }
}
