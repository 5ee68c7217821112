package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.webserver.ConnectionContext;
import io.helidon.websocket.WsSession;
import java.util.ArrayList;
import java.util.List;

/**
 * One client's socket.
 *
 * <p>{@link #write} is the courier's alone and blocks while the client takes nothing; {@link
 * #abort} ends that, and the reader, from any thread.
 */
final class Socket {

  /** From so many bytes on one more call of the system costs less than one more copy. */
  static final int LARGE_BYTES = 32 << 10;

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
    writes(frames).forEach(writer::writeNow);
  }

  /** Small frames that follow each other are put together; a large one goes without a copy. */
  static List<BufferData> writes(List<Frame> frames) {
    List<BufferData> writes = new ArrayList<>(1);
    int next = 0;
    while (next < frames.size()) {
      int first = next++;
      int bytes = frames.get(first).length();
      while (!isLarge(frames.get(first)) && next < frames.size() && !isLarge(frames.get(next))) {
        bytes += frames.get(next++).length();
      }
      boolean alone = next == first + 1;
      writes.add(alone ? frames.get(first).buffer() : together(frames, first, next, bytes));
    }
    return writes;
  }

  private static boolean isLarge(Frame frame) {
    return frame.length() >= LARGE_BYTES;
  }

  private static BufferData together(List<Frame> frames, int first, int end, int bytes) {
    byte[] together = new byte[bytes];
    int at = 0;
    for (int i = first; i < end; i++) {
      at = frames.get(i).copyTo(together, at);
    }
    return BufferData.create(together);
  }

  /** Cuts the connection, without a word. */
  void abort() {
    context.serverSocket().close();
  }

  /** Whether the client may still say something: Helidon tells of an end without close by this. */
  boolean isRead() {
    return reader.isAlive();
  }

  String peer() {
    return context.remotePeer().host() + ":" + context.remotePeer().port();
  }
}
