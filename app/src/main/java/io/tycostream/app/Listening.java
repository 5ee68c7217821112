package io.tycostream.app;

import io.tycostream.app.config.Configuration;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** What an operator is told when a gateway listens: where, to whom, and what is open. */
final class Listening {

  private Listening() {}

  /**
   * The lines to print.
   *
   * @param port the one that was taken, where any free one was asked for
   */
  static List<String> lines(Configuration configuration, int port) {
    Configuration.Server server = configuration.server();
    boolean secure = server.tls().isPresent();
    List<String> lines = new ArrayList<>();
    lines.add(
        "tycostream listens on %s://%s:%d %s"
            .formatted(
                secure ? "https" : "http", server.host(), port, manner(configuration.auth())));
    if (!isLoopback(server.host())) {
      if (configuration.auth() instanceof Configuration.Auth.Nobody) {
        lines.add(
            "warning: whoever reaches %s can read every source and see every client; set auth.mode, or let a proxy ask"
                .formatted(server.host()));
      }
      if (!secure) {
        lines.add(
            "warning: rows%s travel unencrypted; set server.tls, or put a proxy in front that has TLS"
                .formatted(
                    configuration.auth() instanceof Configuration.Auth.Nobody
                        ? ""
                        : " and tokens"));
      }
    }
    return lines;
  }

  private static String manner(Configuration.Auth auth) {
    return switch (auth) {
      case Configuration.Auth.Nobody nobody -> "without authentication";
      case Configuration.Auth.Tokens tokens -> "with tokens";
      case Configuration.Auth.Jwt jwt -> "with jwt";
    };
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // and listening would have failed
    }
  }
}
