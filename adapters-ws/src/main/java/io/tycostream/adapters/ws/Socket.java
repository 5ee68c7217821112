package io.tycostream.adapters.ws;

import io.helidon.common.buffers.DataWriter;
import io.helidon.webserver.ConnectionContext;
import java.io.IOException;
import java.util.List;

/**
 * One client's socket.
 *
 * <p>{@link #write} is the courier's alone and blocks while the client takes nothing; {@link
 * #abort} ends that, and the reader, from any thread.
 */
final class Socket {

  private static final System.Logger LOG = System.getLogger(Socket.class.getName());

  private final ConnectionContext context;
  private final DataWriter writer;

  Socket(ConnectionContext context) {
    this.context = context;
    this.writer = context.dataWriter();
  }

  /**
   * Writes frames in as few goes as can be.
   *
   * @throws UncheckedIOException when the socket is gone
   */
  void write(List<Frame> frames) {
    Writes.of(frames).forEach(writer::writeNow);
  }

  /** Cuts the connection, without a word. Never waits. */
  void abort() {
    if (!context.isSecure()) {
      context.serverSocket().close();
      return;
    }
    try {
      BareSocket.cut(context.serverSocket());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cutting " + peer(), e);
    }
  }

  String peer() {
    return context.remotePeer().host() + ":" + context.remotePeer().port();
  }
}
