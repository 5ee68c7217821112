package io.tycostream.adapters.db.simulator.wire;

/**
 * There is nobody to answer any more: the client has closed, or the connection was cut. A session
 * lets it pass.
 */
public final class ClientGone extends RuntimeException {

  private static final long serialVersionUID = 1;

  ClientGone() {
    super("the client is gone");
  }
}
