package io.tycostream.adapters.ws;

import io.helidon.common.buffers.DataWriter;
import io.helidon.webserver.ConnectionContext;
import io.helidon.websocket.WsSession;
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
  private final Thread reader;

  /** The socket of a session; to be called on the thread that reads it. */
  Socket(WsSession session) {
    this.context = (ConnectionContext) session.socketContext();
    this.writer = context.dataWriter();
    this.reader = Thread.currentThread();
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

  /** Whether the client may still say something: Helidon tells of an end without close by this. */
  boolean isRead() {
    return reader.isAlive();
  }

  String peer() {
    return context.remotePeer().host() + ":" + context.remotePeer().port();
  }
}
