package io.tycostream.adapters.db.simulator.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client that knows just enough of the protocol to see every byte of an answer. */
public final class RawClient implements AutoCloseable {

  private final Socket socket;

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  /** Connects and says who it is; the server's answer is still to be read. */
  public static RawClient connected(WireServer server) throws IOException {
    RawClient client = new RawClient(new Socket(server.host(), server.port()));
    byte[] parameters = "user\0raw\0\0".getBytes(StandardCharsets.US_ASCII);
    client.send(
        ByteBuffer.allocate(8 + parameters.length)
            .putInt(8 + parameters.length)
            .putInt(3 << 16)
            .put(parameters));
    return client;
  }

  /** A simple query; its answer is still to be read. */
  public void query(String sql) throws IOException {
    byte[] text = (sql + "\0").getBytes(StandardCharsets.UTF_8);
    send(ByteBuffer.allocate(5 + text.length).put((byte) 'Q').putInt(4 + text.length).put(text));
  }

  /** Everything until the server ends the connection. */
  public byte[] readAll() throws IOException {
    return socket.getInputStream().readAllBytes();
  }

  /**
   * Reads messages up to one of this type, inclusive, or to the end of the stream, which may be
   * inside a message.
   */
  public byte[] readUntil(char type) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (; ; ) {
      byte[] head = socket.getInputStream().readNBytes(5);
      all.writeBytes(head);
      if (head.length < 5) {
        return all.toByteArray();
      }
      int length = ByteBuffer.wrap(head).getInt(1) - 4;
      byte[] body = socket.getInputStream().readNBytes(length);
      all.writeBytes(body);
      if (head[0] == type || body.length < length) {
        return all.toByteArray();
      }
    }
  }

  /** The types of whole messages, {@code HddcCZ}. */
  public static String types(byte[] messages) {
    StringBuilder types = new StringBuilder();
    ByteBuffer rest = ByteBuffer.wrap(messages);
    while (rest.hasRemaining()) {
      types.append((char) rest.get());
      rest.position(rest.position() + rest.getInt(rest.position()));
    }
    return types.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void send(ByteBuffer bytes) throws IOException {
    byte[] all = new byte[bytes.flip().remaining()];
    bytes.get(all);
    socket.getOutputStream().write(all);
  }
}
