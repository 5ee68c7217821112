package io.tycostream.adapters.db.simulator.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A server of PostgreSQL's wire protocol on loopback. What stands behind it is a {@link Backend}.
 *
 * <p>It can stop listening and listen again on the same port, as a server that is restarted.
 */
public final class WireServer implements AutoCloseable {

  private final Backend backend;
  private final Faults faults = new Faults();
  private final List<ServerConnection> connections = new CopyOnWriteArrayList<>();

  /** Also those that were cut and whose clients have not closed yet. */
  private final Set<ServerConnection> sockets = ConcurrentHashMap.newKeySet();

  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicLong streamed = new AtomicLong();
  private volatile Authentication authentication = new Authentication.Trust();

  /** Bound and never used: keeps the port from others while nobody listens. */
  private final Socket reservation = new Socket();

  private @Nullable ServerSocket listener;
  private Thread acceptor = Thread.currentThread();

  /** Does not listen yet. */
  public WireServer(Backend backend) {
    this.backend = backend;
  }

  /** Listens on a free port. */
  public static WireServer listening(Backend backend) {
    WireServer server = new WireServer(backend);
    server.listen();
    return server;
  }

  /** Listens: the first time on a free port, later on the same one. Nothing if it does already. */
  public synchronized void listen() {
    if (listener != null) {
      return;
    }
    try {
      if (!reservation.isBound()) {
        reservation.setReuseAddress(true);
        reservation.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      }
      ServerSocket opened = new ServerSocket();
      opened.setReuseAddress(true);
      opened.bind(reservation.getLocalSocketAddress(), 512);
      listener = opened;
      acceptor =
          Thread.ofVirtual().name("listener-" + opened.getLocalPort()).start(() -> accept(opened));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** New connections are refused by the system from now on; those that are open stay so. */
  public synchronized void stopListening() {
    if (listener == null) {
      return;
    }
    try {
      listener.close();
      // The port is free only when nobody waits for a connection any more.
      acceptor.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener = null;
  }

  /** Always 127.0.0.1. */
  public String host() {
    return InetAddress.getLoopbackAddress().getHostAddress();
  }

  /** The same from the first {@link #listen()} on. */
  public int port() {
    return reservation.getLocalPort();
  }

  public Faults faults() {
    return faults;
  }

  public Authentication authentication() {
    return authentication;
  }

  /** For connections from now on. */
  public void authentication(Authentication how) {
    authentication = how;
  }

  /** Those that are open now, oldest first. */
  public List<ServerConnection> connections() {
    return List.copyOf(connections);
  }

  /**
   * Waits until exactly so many open connections are {@code which}; looks every millisecond.
   *
   * @return whether it came to that in time
   */
  public boolean awaitConnections(Predicate<ServerConnection> which, int count, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (connections.stream().filter(which).count() != count) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return true;
  }

  /** Connections ever accepted; also those that only cancelled or were turned away. */
  public int accepted() {
    return accepted.get();
  }

  /** Bytes ever sent in streams, each from its first byte to its last. */
  public long streamedBytes() {
    return streamed.get();
  }

  /** What went wrong inside of sessions: mistakes of the simulator, not of a test. */
  public List<Throwable> failures() {
    return List.copyOf(failures);
  }

  /** Cuts all connections now, without a word. */
  public void cutAll() {
    cut(connection -> true);
  }

  /** Cuts those that are in the middle of a stream; others stay. */
  public void cutStreams() {
    cut(ServerConnection::isStreaming);
  }

  /** Cuts some connections now, without a word. */
  public void cut(Predicate<ServerConnection> which) {
    connections.stream().filter(which).forEach(ServerConnection::cut);
  }

  /** Stops listening and ends all connections. */
  @Override
  public void close() {
    stopListening();
    sockets.forEach(ServerConnection::close);
    try {
      reservation.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Backend backend() {
    return backend;
  }

  void cancel(int id, int secret) {
    connections.stream()
        .filter(connection -> connection.id() == id)
        .forEach(connection -> connection.cancel(secret));
  }

  void ended(ServerConnection connection) {
    connections.remove(connection);
  }

  void closed(ServerConnection connection) {
    sockets.remove(connection);
  }

  void failed(Throwable failure) {
    failures.add(failure);
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket socket = from.accept();
        socket.setTcpNoDelay(true);
        int id = accepted.incrementAndGet();
        ServerConnection connection =
            new ServerConnection(this, socket, id, 0x5eed0000 + id, streamed);
        connections.add(connection);
        sockets.add(connection);
        if (from.isClosed()) {
          connection.close();
        }
        Thread unused = Thread.ofVirtual().name("connection-" + id).start(connection::serve);
      } catch (IOException e) {
        if (!from.isClosed()) {
          failures.add(e);
        }
      }
    }
  }
}
