package io.tycostream.client.testing;

import io.tycostream.domain.log.Pressure;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.SessionSettings;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A gateway in the memory of a test, to which real clients connect, and which fails when it is told
 * to.
 *
 * <pre>{@code
 * try (TestGateway gateway = TestGateway.start()) {
 *   TestSource trades =
 *       gateway.source("trades").column("id", "int8").column("price", "numeric").key("id").create();
 *   trades.put(Map.of("id", 1, "price", new BigDecimal("1.0842")));
 *   try (TycostreamClient client = TycostreamClient.builder(gateway.address()).connect()) {
 *     LiveTable<Long, Trade> table =
 *         client.table(TableQuery.of("trades"), Trade.class, Trade::id);
 *     table.awaitRows(Duration.ofSeconds(10));
 *     gateway.dropConnections();
 *     String position = trades.put(Map.of("id", 2, "price", new BigDecimal("1.0843")));
 *     table.awaitPosition(position, Duration.ofSeconds(10));
 *   }
 * }
 * }</pre>
 *
 * <p>It listens on a free port of the loopback interface, starts in milliseconds, and takes any
 * number of clients, in any language. Nothing happens by itself but heartbeats, so that tests need
 * not wait for time to pass. {@link #close} ends all that it started.
 *
 * <p>Beside what is asked for here a client is treated as by a real gateway, but for what depends
 * on how fast it is: it is neither slowed down nor closed for asking too much, and not closed for
 * being slow.
 */
public final class TestGateway implements AutoCloseable {

  /** How long is waited for what a test expects of clients. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int BACKLOG = 1_000;
  private static final int HANDSHAKE_MILLIS = 10_000;

  private final ServerSocket server;
  private final Hub hub;
  private final ExecutorService threads;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Of the history of this gateway, so that positions of another one are not taken for its own. */
  private final String epoch = "test-" + UUID.randomUUID().toString().substring(0, 8);

  private volatile @Nullable Refusal refusal;

  /**
   * @param status of the answer; empty for none
   */
  private record Refusal(String status) {}

  private TestGateway(Settings settings) {
    try {
      server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("no port to listen on", e);
    }
    threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("test-gateway-", 0).factory());
    hub = new Hub(settings, threads);
    threads.execute(this::accept);
  }

  /** Starts a gateway without sources, and with the limits and times of a real one. */
  public static TestGateway start() {
    return builder().start();
  }

  /** Says what is to be other than in a real gateway. */
  public static Builder builder() {
    return new Builder();
  }

  /** What may be said before a gateway is started. Not for several threads. */
  public static final class Builder {

    private Duration heartbeat = SessionSettings.DEFAULT.heartbeat();
    private Duration sessionTtl = SessionSettings.DEFAULT.ttl();
    private Duration requestPatience = Duration.ofSeconds(30);
    private int maxMessage = 256 << 10;

    private Builder() {}

    /** How often clients are pinged; who says nothing for two of them is closed. 15 s. */
    public Builder heartbeat(Duration every) {
      heartbeat = every;
      return this;
    }

    /** How long a session outlives its connection; zero for not at all. 2 minutes. */
    public Builder sessionTtl(Duration ttl) {
      sessionTtl = ttl;
      return this;
    }

    /** How long a subscription waits for a source that is not ready. 30 s. */
    public Builder requestPatience(Duration patience) {
      requestPatience = patience;
      return this;
    }

    /**
     * The size of a message, in bytes: a small one makes snapshots and batches come in many parts.
     * 256 KiB.
     *
     * @throws IllegalArgumentException when it is below 400
     */
    public Builder maxMessage(int bytes) {
      if (bytes < 400) {
        throw new IllegalArgumentException("no part of a snapshot fits into " + bytes + " bytes");
      }
      maxMessage = bytes;
      return this;
    }

    /** Starts it; it listens when this returns. */
    public TestGateway start() {
      return new TestGateway(Settings.of(heartbeat, sessionTtl, requestPatience, maxMessage));
    }
  }

  /** For {@code TycostreamClient.builder}: {@code http://127.0.0.1:41234}. */
  public String address() {
    return "http://127.0.0.1:" + port();
  }

  /** For clients in other languages: the endpoint is {@code ws://127.0.0.1:PORT/v1/stream}. */
  public int port() {
    return server.getLocalPort();
  }

  /**
   * Begins a source that clients can subscribe once it is {@link TestSource.Builder#create made}.
   */
  public TestSource.Builder source(String name) {
    return new TestSource.Builder(hub, epoch, name);
  }

  // Connections

  /** Cuts all connections, as a broken network does: without a word. Clients may come back. */
  public void dropConnections() {
    hub.run(hub::cutAll);
    sockets.forEach(TestGateway::close);
  }

  /**
   * Cuts each connection there is when so many bytes more have been sent on it: in the midst of a
   * message, between two, at once.
   *
   * @throws IllegalArgumentException when it is below zero
   */
  public void dropConnectionsAfter(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("nothing can be cut after " + bytes + " bytes");
    }
    if (bytes == 0) {
      dropConnections();
    } else {
      hub.run(() -> hub.peers().forEach(peer -> peer.cutAfter(bytes)));
    }
  }

  /**
   * Nobody can connect, as if nothing listened, until {@link #acceptConnections}. Connections that
   * there are stay: with {@link #dropConnections} behind it the gateway is down.
   */
  public void refuseConnections() {
    refusal = new Refusal("");
  }

  /**
   * Who connects is answered with an HTTP status in place of a WebSocket, as by a proxy whose
   * gateway is away: 502, 503, or 403.
   */
  public void refuseConnectionsWith(int status) {
    if (status < 300 || status > 599) {
      throw new IllegalArgumentException(status + " is no status that refuses");
    }
    refusal = new Refusal(status + " Refused");
  }

  /** Clients can connect again. */
  public void acceptConnections() {
    refusal = null;
  }

  /**
   * Nothing is sent any more, on no connection, and none is closed: as when the network swallows
   * everything, or the gateway hangs. Until {@link #releaseMessages}.
   */
  public void holdMessages() {
    hub.run(() -> hub.holding = true);
  }

  /** What was held is sent, and all goes on. */
  public void releaseMessages() {
    hub.run(() -> {
      hub.holding = false;
      hub.peers().forEach(Peer::wake);
    });
  }

  /**
   * Closes all connections with {@code bye} and a code of the protocol: 1001 for a gateway that is
   * being stopped, 1009 for a request that was too large, 4400 for one that was none, 4401 and 4403
   * for credentials that have expired or are not enough, 4408 for silence, 4409 for a session that
   * another connection took up, 4429 for too many requests, 4503 for a client that is too slow.
   * Clients may connect again.
   *
   * @throws IllegalArgumentException when it is no code of the protocol
   */
  public void goodbye(int code) {
    goodbye(new CloseReason(Hub.closeCode(code)));
  }

  /**
   * The same, with a word on when to come back.
   *
   * @throws IllegalArgumentException when it is no code of the protocol, or sends away for good
   */
  public void goodbye(int code, Duration retryIn) {
    CloseReason standard = new CloseReason(Hub.closeCode(code));
    goodbye(new CloseReason(standard.code(), standard.text(), Optional.of(retryIn)));
  }

  private void goodbye(CloseReason reason) {
    hub.run(() -> hub.peers().forEach(peer -> hub.endRequested(peer.number(), reason)));
  }

  /**
   * Ends and starts again in one moment: all connections are cut, and sessions and feeds forgotten.
   * Sources keep their rows and history, so that positions are still good.
   */
  public void restart() {
    hub.run(hub::restart);
    sockets.forEach(TestGateway::close);
  }

  /**
   * From now on a client that says {@code hello} needs this token; others hear 4401. Who is
   * connected stays: {@code goodbye(4401)} lets its credentials expire.
   *
   * @param token null to let everybody in again, as in the beginning
   */
  public void requireToken(@Nullable String token) {
    hub.run(() -> hub.requiredToken = token);
  }

  /**
   * Tells all who have subscriptions how far they are behind, whether they are or not.
   *
   * @param level {@code "normal"}, {@code "warn"} or {@code "critical"}
   * @throws IllegalArgumentException when it is another one
   */
  public void pressure(String level) {
    double share =
        switch (level) {
          case "normal" -> 0;
          case "warn" -> hub.settings.buffers().standard().warnAt();
          case "critical" -> hub.settings.buffers().standard().disconnectAt();
          default ->
              throw new IllegalArgumentException(
                  level
                      + " is none of "
                      + Arrays.stream(Pressure.Level.values()).map(Pressure.Level::wire).toList());
        };
    hub.run(() -> hub.greeted().forEach(peer -> tellPressure(peer, level, share)));
  }

  private static void tellPressure(Peer peer, String level, double share) {
    peer.subscriptions().stream()
        .flatMapToInt(each -> each.subscription().feedNumber().stream())
        .findFirst()
        .ifPresent(feed -> {
          long capacity = peer.capacity();
          long buffered = Math.round(share * capacity);
          peer.send(new ServerMessage.Pressure(buffered, capacity, level, feed));
        });
  }

  // What clients do

  /** How many clients are connected, and have been welcomed. */
  public int connections() {
    return hub.get(() -> hub.greeted().size());
  }

  /**
   * Waits until so many are.
   *
   * @throws AssertionError when it is not so within 10 s
   */
  public void awaitConnections(int count) {
    hub.await(
        () -> hub.greeted().size() == count,
        PATIENCE,
        () -> "not " + count + " connections but " + hub.greeted().size());
  }

  /** Who is connected, and has been welcomed, in the order in which they came. */
  public List<TestClient> clients() {
    return hub.get(() -> hub.greeted().stream().map(Peer::seen).toList());
  }

  /**
   * What clients have said, the last 10,000 messages, as JSON in the order in which they came:
   * {@code {"type":"subscribe","ref":"s1","source":"trades"}}.
   */
  public List<String> requests() {
    return hub.get(hub::heard);
  }

  /** Cuts all connections and ends; returns when nothing of it runs any more. */
  @Override
  public void close() {
    close(server);
    hub.run(hub::close);
    sockets.forEach(TestGateway::close);
    threads.close();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        threads.execute(() -> serve(socket));
      } catch (IOException | RejectedExecutionException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Refusal refused = refusal;
      if (server.isClosed() || (refused != null && refused.status().isEmpty())) {
        return;
      }
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(HANDSHAKE_MILLIS);
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      Upgrade upgrade = Upgrade.read(in);
      if (refused != null) {
        Upgrade.refuse(refused.status(), socket.getOutputStream());
      } else if (upgrade.answer(socket.getOutputStream())) {
        socket.setSoTimeout(0);
        Peer peer = hub.get(() -> connected(socket, upgrade));
        if (peer != null) {
          peer.serve(in);
        }
      }
    } catch (IOException gone) {
      // As the network has it.
    } finally {
      sockets.remove(socket);
    }
  }

  private @Nullable Peer connected(Socket socket, Upgrade upgrade) {
    Peer peer = new Peer(hub, socket, upgrade.token());
    return hub.connected(peer) ? peer : null;
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot be closed", e);
    }
  }
}
