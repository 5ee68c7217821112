package io.tycostream.benchmarks.fanout;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Many clients on one thread, which do as little as can be: they count. What it is told, a line
 * each, and what it answers:
 *
 * <ul>
 *   <li>{@code open PORT CREDIT_PORT CLIENTS STEP}: {@code ok} when all are connected and have said
 *       hello; on the second port, if it is not 0, it then says at every so many batches that all
 *       have them
 *   <li>{@code subscribe}: {@code NANOS BYTES} until the last has all rows, and of all of them
 *   <li>{@code begin counts} or {@code begin ages}: {@code ok}; measures from now on
 *   <li>{@code end}: {@code NANOS BATCHES BYTES BREAKS P50 P99 MAX}
 *   <li>{@code await BATCHES}: {@code ok} when each client has had so many since it was opened
 *   <li>{@code first}: the payload of a first batch
 *   <li>{@code close}: {@code ok} when all are closed
 * </ul>
 */
final class LoadClient {

  private static final int READ_BYTES = 128 << 10;

  /** Steps that the fastest client can be ahead of the slowest, and one more; a power of two. */
  private static final int STEPS = 16;

  private static final byte[] HELLO = frame("{\"type\":\"hello\"}");
  private static final byte[] SUBSCRIBE =
      frame("{\"type\":\"subscribe\",\"ref\":\"t\",\"source\":\"ticks\"}");

  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
  private final Queue<String> commands = new ConcurrentLinkedQueue<>();
  private final LoadFigures figures = new LoadFigures();
  private final List<LoadConnection> connections = new ArrayList<>();

  private SocketChannel credit = SocketChannel.open();
  private long step = Long.MAX_VALUE;

  /** How many clients have had a number of steps, by that number. */
  private final int[] arrived = new int[STEPS];

  private BooleanSupplier awaited = () -> false;
  private Supplier<String> answer = () -> "";

  private LoadClient() throws IOException {}

  /** Obeys until its standard input ends. */
  public static void main(String[] args) throws IOException {
    LoadClient client = new LoadClient();
    Thread.ofPlatform().daemon().name("commands").start(client::listen);
    client.run();
  }

  private static byte[] frame(String text) {
    return Frames.masked(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void listen() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      String line = lines.readLine();
      while (line != null) {
        commands.add(line);
        selector.wakeup();
        line = lines.readLine();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      System.exit(0);
    }
  }

  private void run() throws IOException {
    while (true) {
      selector.select(this::read);
      String command = commands.poll();
      if (command != null) {
        obey(command.split(" ", -1));
      }
      if (awaited.getAsBoolean()) {
        awaited = () -> false;
        System.out.println(answer.get());
      }
    }
  }

  private void obey(String[] words) throws IOException {
    switch (words[0]) {
      case "open" -> {
        open(Integer.parseInt(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
        step = Long.parseLong(words[4]);
        System.out.println("ok");
      }
      case "subscribe" -> {
        long now = System.nanoTime();
        for (LoadConnection each : connections) {
          each.send(ByteBuffer.wrap(SUBSCRIBE));
        }
        answer(() -> figures.completed() == connections.size(), () -> figures.snapshots(now));
      }
      case "begin" -> {
        figures.begin(words[1].equals("ages"));
        System.out.println("ok");
      }
      case "end" -> System.out.println(figures.measured());
      case "await" -> {
        long batches = Long.parseLong(words[1]);
        answer(() -> connections.stream().allMatch(each -> each.batches() == batches), () -> "ok");
      }
      case "first" -> System.out.println(connections.getFirst().firstBatch().orElse("none"));
      case "close" -> {
        for (LoadConnection each : connections) {
          each.channel().close();
        }
        credit.close();
        selector.selectNow();
        System.out.println("ok");
      }
      default -> throw new IllegalArgumentException(String.join(" ", words));
    }
  }

  private void answer(BooleanSupplier when, Supplier<String> what) {
    awaited = when;
    answer = what;
  }

  private void open(int port, int creditPort, int clients) throws IOException {
    connections.clear();
    figures.forget();
    Arrays.fill(arrived, 0);
    for (int i = 0; i < clients; i++) {
      SocketChannel channel = connect(port);
      upgrade(channel, port);
      LoadConnection connection = new LoadConnection(channel, figures);
      connection.send(ByteBuffer.wrap(HELLO));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, new Reader(connection));
      connections.add(connection);
    }
    credit = creditPort == 0 ? SocketChannel.open() : connect(creditPort);
  }

  private static SocketChannel connect(int port) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  private void upgrade(SocketChannel channel, int port) throws IOException {
    String request =
        """
        GET %s HTTP/1.1
        Host: 127.0.0.1:%d
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Version: 13

        """
            .formatted(Rival.PATH, port)
            .replace("\n", "\r\n");
    channel.write(StandardCharsets.US_ASCII.encode(request));
    String answered = "";
    while (!answered.endsWith("\r\n\r\n")) { // before hello nobody says more
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new IOException("no upgrade: " + answered);
      }
      answered += StandardCharsets.US_ASCII.decode(buffer.flip());
    }
    if (!answered.startsWith("HTTP/1.1 101")) {
      throw new IOException("no upgrade: " + answered);
    }
  }

  /** A connection and how many steps it has had. */
  private static final class Reader {
    private final LoadConnection connection;
    private long steps;

    Reader(LoadConnection connection) {
      this.connection = connection;
    }
  }

  private void read(SelectionKey key) {
    try {
      Reader reader = (Reader) key.attachment();
      reader.connection.read(buffer);
      while (reader.connection.batches() >= (reader.steps + 1) * step) {
        arrive(++reader.steps);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One more client has had so many steps; the slowest is the last. */
  private void arrive(long steps) throws IOException {
    int slot = (int) (steps % STEPS);
    if (++arrived[slot] == connections.size()) {
      arrived[slot] = 0;
      credit.write(ByteBuffer.allocate(Long.BYTES).putLong(0, steps * step));
    }
  }
}
