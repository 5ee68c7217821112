package io.tycostream.app;

import io.tycostream.app.config.Configuration;

/** The gateway cannot be started; the message says why and what to do. */
public final class GatewayStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private GatewayStartException(String message, Throwable cause) {
    super(message, cause);
  }

  static GatewayStartException cannotListen(Configuration.Server server, Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new GatewayStartException(
        "cannot listen on "
            + server.host()
            + ":"
            + server.port()
            + ": "
            + root.getMessage()
            + "; is another program using the port?",
        cause);
  }
}
