package io.tycostream.client;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A WebSocket server (RFC 6455) that does what a test says, byte by byte if need be. */
final class ScriptedGateway implements Closeable {

  private static final String ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String ACK = "{\"type\":\"ack\"";
  private static final int TEXT = 1;
  private static final int CONTINUATION = 0;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final ServerSocket server;
  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
  private volatile @Nullable String refusal;

  ScriptedGateway() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  String address() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** From now on upgrades are answered with this status, such as {@code 403 Forbidden}. */
  void refuseWith(@Nullable String status) {
    refusal = status;
  }

  /** The next connection, already upgraded. */
  Connection next() {
    return take(connections, "no connection came");
  }

  /** Whether another connection came. */
  boolean hasNext() {
    return !connections.isEmpty();
  }

  /** The next connection, with a {@code hello} that was answered. */
  Connection welcome() {
    return welcome(15_000);
  }

  Connection welcome(long heartbeatMillis) {
    Connection connection = next();
    String hello = connection.received();
    if (!hello.startsWith("{\"type\":\"hello\"")) {
      throw new AssertionError("not a hello: " + hello);
    }
    connection.send(
        """
        {"type":"welcome","session":"x","resume":"y","resumed":false,"heartbeatMs":%d,\
        "sessionTtlMs":120000,"node":"n","limits":{"maxMessage":262144,"maxRequest":65536,\
        "maxSubscriptions":100,"maxBuffer":16600}}\
        """
            .formatted(heartbeatMillis));
    return connection;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readByte());
      }
      String key =
          Arrays.stream(head.toString().split("\r\n"))
              .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElseThrow();
      String refuse = refusal;
      String answer =
          refuse != null
              ? "HTTP/1.1 " + refuse + "\r\nContent-Length: 0\r\n\r\n"
              : "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Protocol: tycostream.v1.json\r\nSec-WebSocket-Accept: "
                  + accept(key)
                  + "\r\n\r\n";
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      if (refuse != null) {
        socket.close();
        return;
      }
      Connection connection = new Connection(socket, head.substring(0, head.indexOf("\r\n")));
      connections.add(connection);
      connection.read(in);
    } catch (IOException gone) {
      close(socket);
    }
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    close(server);
    connections.forEach(Connection::cut);
  }

  private static void close(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T take(BlockingQueue<T> queue, String otherwise) {
    try {
      T taken = queue.poll(10, TimeUnit.SECONDS);
      if (taken == null) {
        throw new AssertionError(otherwise);
      }
      return taken;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A client that is connected. */
  static final class Connection {

    private final Socket socket;
    private final String requestLine;
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> acks = new LinkedBlockingQueue<>();
    private volatile boolean deaf;

    private Connection(Socket socket, String requestLine) {
      this.socket = socket;
      this.requestLine = requestLine;
    }

    String requestLine() {
      return requestLine;
    }

    /** The next text message; {@code "pong"}, {@code "close 1000 …"} and {@code "end"} too. */
    String received() {
      return take(received, "the client said nothing");
    }

    /** The next ack, which {@link #received} leaves out. */
    String ack() {
      return take(acks, "the client acknowledged nothing");
    }

    /** Whether there is an ack that nobody has taken. */
    boolean hasAck() {
      return !acks.isEmpty();
    }

    /** No close frame is answered any more. */
    void playDead() {
      deaf = true;
    }

    void send(String text) {
      write(frame(TEXT, true, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** One message in frames of this many bytes. */
    void sendFragmented(String text, int size) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      for (int from = 0; from < bytes.length; from += size) {
        int to = Math.min(bytes.length, from + size);
        write(
            frame(
                from == 0 ? TEXT : CONTINUATION,
                to == bytes.length,
                Arrays.copyOfRange(bytes, from, to)));
      }
    }

    /** The first bytes of a message's frame, and then the end of the connection. */
    void sendCut(String text, int bytes) {
      byte[] frame = frame(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
      write(Arrays.copyOf(frame, Math.min(bytes, frame.length)));
      cut();
    }

    void ping() {
      write(frame(PING, true, new byte[] {1}));
    }

    void close(int code, String reason) {
      byte[] text = reason.getBytes(StandardCharsets.UTF_8);
      byte[] payload = new byte[2 + text.length];
      payload[0] = (byte) (code >> 8);
      payload[1] = (byte) code;
      System.arraycopy(text, 0, payload, 2, text.length);
      write(frame(CLOSE, true, payload));
    }

    void cut() {
      ScriptedGateway.close(socket);
    }

    private void write(byte[] bytes) {
      try {
        synchronized (socket) {
          OutputStream out = socket.getOutputStream();
          out.write(bytes);
          out.flush();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static byte[] frame(int opcode, boolean last, byte[] payload) {
      int length = payload.length;
      int header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
      byte[] frame = new byte[header + length];
      frame[0] = (byte) (opcode | (last ? 0x80 : 0));
      if (header == 2) {
        frame[1] = (byte) length;
      } else {
        frame[1] = (byte) (header == 4 ? 126 : 127);
        for (int i = 2; i < header; i++) {
          frame[i] = (byte) ((long) length >> (8 * (header - 1 - i)));
        }
      }
      System.arraycopy(payload, 0, frame, header, length);
      return frame;
    }

    private void read(DataInputStream in) throws IOException {
      try {
        while (true) {
          int opcode = in.readUnsignedByte() & 0xf;
          int length = in.readUnsignedByte() & 0x7f;
          if (length == 126) {
            length = in.readUnsignedShort();
          }
          byte[] mask = in.readNBytes(4);
          byte[] payload = in.readNBytes(length);
          for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
          }
          String text = new String(payload, StandardCharsets.UTF_8);
          switch (opcode) {
            case TEXT -> (text.startsWith(ACK) ? acks : received).add(text);
            case PONG -> received.add("pong");
            case CLOSE -> {
              int code =
                  payload.length < 2 ? 1005 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
              received.add("close " + code);
              if (!deaf) {
                write(frame(CLOSE, true, payload));
                cut();
              }
            }
            default -> received.add("opcode " + opcode);
          }
        }
      } finally {
        received.add("end");
      }
    }
  }
}
