package io.tycostream.app.demo;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A TCP port on 127.0.0.1 that nobody listens on.
 *
 * <p>Not what the system gives for port 0: that is from its range for outgoing connections, and
 * while the server is down a client that retries could be given that very port and connect to
 * itself. These ports are below that range on Linux and macOS.
 */
final class FreePort {
  private static final Logger LOG = System.getLogger(FreePort.class.getName());
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int FIRST = 20_000;
  private static final int LAST = 32_000;
  private static final int ATTEMPTS = 1_000;

  private FreePort() {}

  /** A port that was free a moment ago; somebody else may still take it first. */
  static int find() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int candidate = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), candidate));
        return candidate;
      } catch (IOException taken) {
        LOG.log(Level.TRACE, "port {0} is taken: {1}", candidate, taken);
      }
    }
    throw new EmbeddedPostgresException(
        "No free port on 127.0.0.1 between %d and %d".formatted(FIRST, LAST));
  }
}
