package io.tycostream.benchmarks.sdk;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tells one client after the other the same table and the same changes, as fast as the client takes
 * them; the changes are ready, so that nearly all time is the client's.
 */
final class CannedGateway implements AutoCloseable {

  static final int ROWS = 10_000;
  static final int CHANGES_PER_BATCH = 20;

  private static final String ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int DIFFERENT_BATCHES = 1_000;
  private static final long EPOCH_TIME = 1_000_000;

  private final ServerSocket server;
  private final int batches;
  private final List<byte[]> changes = new ArrayList<>();
  private final String rows;
  private volatile long cpuNanos;

  /**
   * @param batches that each client is told
   */
  CannedGateway(int batches) throws IOException {
    this.batches = batches;
    this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder all = new StringBuilder();
    for (int id = 0; id < ROWS; id++) {
      all.append(id == 0 ? "" : ",").append(row(id, random));
    }
    rows = all.toString();
    for (int i = 0; i < DIFFERENT_BATCHES; i++) {
      StringBuilder batch = new StringBuilder();
      int first = random.nextInt(ROWS - CHANGES_PER_BATCH);
      for (int change = 0; change < CHANGES_PER_BATCH; change++) {
        batch
            .append(change == 0 ? "" : ",")
            .append("{\"op\":\"update\",\"row\":")
            .append(row(first + change, random))
            .append('}');
      }
      changes.add(batch.append("]}").toString().getBytes(StandardCharsets.UTF_8));
    }
    Thread.ofPlatform().daemon().name("canned-gateway").start(this::accept);
  }

  private static String row(int id, SplittableRandom random) {
    return "{\"id\":\"%d\",\"symbol\":\"%s\",\"price\":\"%d.%04d\",\"quantity\":%d,\"at\":\"2026-11-26T12:00:%02d.%06dZ\"}"
        .formatted(
            id,
            random.nextBoolean() ? "EURUSD" : "GBPCHF",
            random.nextInt(2),
            random.nextInt(10_000),
            random.nextInt(1_000_000),
            random.nextInt(60),
            random.nextInt(1_000_000));
  }

  int port() {
    return server.getLocalPort();
  }

  /** The position behind the last batch. */
  String end() {
    return position(batches);
  }

  /** What the thread that sends has computed so far. */
  long cpuNanos() {
    return cpuNanos;
  }

  private static String position(int batch) {
    return "bench.%016x.0123456789abcdef".formatted(EPOCH_TIME + batch);
  }

  private void accept() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.setTcpNoDelay(true);
        serve(socket);
      } catch (IOException e) {
        // The client left, or we do.
      }
    }
  }

  private void serve(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    upgrade(in, out);
    text(in); // hello
    send(
        out,
        "{\"type\":\"welcome\",\"session\":\"s\",\"resumed\":false,\"heartbeatMs\":600000,"
            + "\"sessionTtlMs\":0,\"node\":\"n\",\"limits\":{}}");
    text(in); // subscribe
    send(
        out,
        "{\"type\":\"subscribed\",\"ref\":\"s1\",\"feed\":1,\"source\":\"trades\",\"key\":[\"id\"],"
            + "\"columns\":[{\"name\":\"id\",\"type\":\"int8\"},{\"name\":\"symbol\",\"type\":\"text\"},"
            + "{\"name\":\"price\",\"type\":\"numeric\"},{\"name\":\"quantity\",\"type\":\"int4\"},"
            + "{\"name\":\"at\",\"type\":\"timestamptz\"}],\"start\":\"snapshot\"}");
    send(
        out,
        "{\"type\":\"snapshot\",\"feed\":1,\"part\":0,\"rows\":[%s],\"more\":false,\"position\":\"%s\",\"seq\":0}"
            .formatted(rows, position(0)));
    for (int batch = 1; batch <= batches; batch++) {
      byte[] head =
          ("{\"type\":\"batch\",\"feed\":1,\"seq\":"
                  + batch
                  + ",\"position\":\""
                  + position(batch)
                  + "\",\"changes\":[")
              .getBytes(StandardCharsets.US_ASCII);
      byte[] body = changes.get(batch % DIFFERENT_BATCHES);
      head(out, head.length + body.length);
      out.write(head);
      out.write(body);
    }
    out.flush();
    cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    while (in.read() >= 0) {
      // until the client leaves; its acks are of no interest
    }
  }

  private static void upgrade(DataInputStream in, OutputStream out) throws IOException {
    String key = "";
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("the client left");
      }
      if (c == '\n') {
        String header = line.toString().strip();
        if (header.isEmpty()) {
          break;
        }
        if (header.regionMatches(true, 0, "Sec-WebSocket-Key:", 0, 18)) {
          key = header.substring(18).strip();
        }
        line.setLength(0);
      } else {
        line.append((char) c);
      }
    }
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Protocol: tycostream.v1.json\r\nSec-WebSocket-Accept: "
                + accept(key)
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Passes over a message of the client, which is a short one. */
  private static void text(DataInputStream in) throws IOException {
    in.readByte();
    int length = in.readByte() & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    }
    in.readNBytes(4 + length);
  }

  private static void send(OutputStream out, String message) throws IOException {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    head(out, text.length);
    out.write(text);
    out.flush();
  }

  private static void head(OutputStream out, int length) throws IOException {
    out.write(0x81);
    if (length < 126) {
      out.write(length);
    } else if (length < 1 << 16) {
      out.write(126);
      out.write(length >> 8);
      out.write(length);
    } else {
      out.write(127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) length >> shift));
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
