package io.tycostream.adapters.ws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A WebSocket client that does only what a test says, byte by byte if need be: it reads on the
 * thread of the test alone, and answers nothing by itself.
 */
final class RawClient implements Closeable {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** The other side has ended the connection, with or without ceremony. */
  static final Heard END = new Heard(-1, "");

  /** The same, in the middle of a frame. */
  static final Heard CUT = new Heard(-2, "");

  /** Longer than anything takes on a busy machine; a test that waits so long has failed. */
  private static final int PATIENCE_MILLIS = 20_000;

  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final int LARGEST_KERNEL_BUFFER = 8 << 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Socket socket;
  private final DataInputStream in;

  /**
   * A frame, {@link #END} or {@link #CUT}.
   *
   * @param payload one character for each byte, but for a text, which is decoded
   */
  record Heard(int opcode, String payload) {

    /** The code of a close frame. */
    int code() {
      return payload.charAt(0) << 8 | payload.charAt(1);
    }

    JsonNode json() {
      try {
        return JSON.readTree(payload);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + payload, e);
      }
    }
  }

  private RawClient(Socket socket, int port, int bufferBytes) {
    this.socket = socket;
    try {
      socket.setReceiveBufferSize(bufferBytes);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connected, and no word said. */
  static RawClient connect(int port) {
    return new RawClient(new Socket(), port, 64 << 10);
  }

  /** A WebSocket already. */
  static RawClient open(int port) {
    return upgraded(connect(port));
  }

  /** A WebSocket behind which little fits into the kernel's buffers. */
  static RawClient openNarrow(int port) {
    return upgraded(new RawClient(new Socket(), port, LARGEST_KERNEL_BUFFER));
  }

  private static RawClient upgraded(RawClient client) {
    String answer = client.upgrade("Sec-WebSocket-Protocol: " + Upgrade.SUBPROTOCOL);
    if (!answer.startsWith("HTTP/1.1 101 ")) {
      throw new AssertionError("not upgraded: " + answer);
    }
    return client;
  }

  /** Asks for a WebSocket; the head of the answer. */
  String upgrade(String... headers) {
    StringBuilder request = new StringBuilder("GET /v1/stream HTTP/1.1\r\n");
    request.append("Host: localhost:").append(socket.getPort()).append("\r\n");
    request.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    request.append("Sec-WebSocket-Key: ").append(KEY).append("\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    try {
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("after " + head, e);
    }
    return head.toString();
  }

  /** The head of an answer; nothing when the connection ends before it is whole. */
  Optional<String> head() {
    StringBuilder head = new StringBuilder();
    try {
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
      return Optional.of(head.toString());
    } catch (EOFException | SocketException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("after " + head, e);
    }
  }

  /** Whatever bytes. */
  void write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void send(String text) {
    send(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
  }

  void send(int opcode, boolean last, byte[] payload) {
    write(frame(opcode, last, payload));
  }

  void sendClose(int code) {
    send(CLOSE, true, new byte[] {(byte) (code >> 8), (byte) code});
  }

  static byte[] frame(int opcode, boolean last, byte[] payload) {
    int length = payload.length;
    ByteBuffer frame = ByteBuffer.allocate(14 + length).put((byte) (opcode | (last ? 0x80 : 0)));
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 1 << 16) {
      frame.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(length);
    }
    byte[] mask = {1, 2, 3, 4};
    frame.put(mask);
    for (int i = 0; i < length; i++) {
      frame.put((byte) (payload[i] ^ mask[i % 4]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  /** The next frame, whatever it is. */
  Heard hear() {
    try {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      if ((first & 0xF0) != 0x80 || (second & 0x80) != 0) {
        throw new AssertionError("not a whole, unmasked frame: " + first + " " + second);
      }
      long length =
          switch (second) {
            case 126 -> in.readUnsignedShort();
            case 127 -> in.readLong();
            default -> second;
          };
      int opcode = first & 0xF;
      byte[] payload = in.readNBytes(Math.toIntExact(length));
      if (payload.length < length) {
        return CUT;
      }
      return new Heard(
          opcode,
          opcode == TEXT
              ? documented(new String(payload, StandardCharsets.UTF_8))
              : new String(payload, StandardCharsets.ISO_8859_1));
    } catch (EOFException | SocketException e) {
      return END;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whatever a test is about: the gateway sends only what its AsyncAPI document describes. */
  private static String documented(String text) {
    MessageSchemas.complaint(new Heard(TEXT, text).json())
        .ifPresent(complaint -> {
          throw new AssertionError("not as documented: " + complaint + ": " + text);
        });
    return text;
  }

  /** The next text message; pings before it are answered. */
  JsonNode message() {
    while (true) {
      Heard heard = hear();
      switch (heard.opcode()) {
        case TEXT -> {
          return heard.json();
        }
        case PING -> send(PONG, true, heard.payload().getBytes(StandardCharsets.ISO_8859_1));
        default -> throw new AssertionError("no message: " + heard);
      }
    }
  }

  /** The next message, which is of this type. */
  JsonNode message(String type) {
    JsonNode message = message();
    if (!message.get("type").textValue().equals(type)) {
      throw new AssertionError("no " + type + ": " + message);
    }
    return message;
  }

  /** The next message of this type; others before it are passed over. */
  JsonNode await(String type) {
    JsonNode message = message();
    while (!message.get("type").textValue().equals(type)) {
      message = message();
    }
    return message;
  }

  /** The next frame that is no ping. */
  Heard hearPastPings() {
    Heard heard = hear();
    while (heard.opcode() == PING) {
      heard = hear();
    }
    return heard;
  }

  int localPort() {
    return socket.getLocalPort();
  }

  /** Says that nothing more will come, and keeps on listening. */
  void finish() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends by RST. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends by FIN, without a close frame. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
