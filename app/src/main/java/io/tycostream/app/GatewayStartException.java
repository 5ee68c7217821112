package io.tycostream.app;

import io.tycostream.app.config.Configuration;

/** The gateway cannot be started; the message says why and what to do. */
public final class GatewayStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private GatewayStartException(String message) {
    super(message);
  }

  private GatewayStartException(String message, Throwable cause) {
    super(message, cause);
  }

  static GatewayStartException cannotListen(Configuration.Server server) {
    return new GatewayStartException(sentence(server));
  }

  static GatewayStartException cannotListen(Configuration.Server server, Throwable cause) {
    return new GatewayStartException(sentence(server), cause);
  }

  private static String sentence(Configuration.Server server) {
    return "cannot listen on "
        + server.host()
        + ":"
        + server.port()
        + ": another program may be using the port, or the address is not of this machine";
  }
}
