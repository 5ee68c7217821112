package io.tycostream.app.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A TCP proxy on loopback that breaks connections as networks do: with a reset, after so many bytes
 * (in the middle of anything), or half open, where both ends go on believing in a connection that
 * carries nothing any more.
 */
final class FaultProxy implements AutoCloseable {

  private static final int CHUNK = 16 << 10;

  private final InetSocketAddress target;
  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  FaultProxy(String targetHost, int targetPort) {
    target = new InetSocketAddress(targetHost, targetPort);
    try {
      listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("fault-proxy").start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Resets all connections that are open now. */
  void reset() {
    open().forEach(Link::reset);
  }

  /** Resets each open connection after so many more bytes to the side that connected. */
  void resetAfter(long bytes) {
    open().forEach(link -> link.budget.set(bytes));
  }

  /** Lets the open connections carry nothing any more, without ending them. New ones work. */
  void freeze() {
    open().forEach(Link::freeze);
  }

  private List<Link> open() {
    return List.copyOf(links);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    reset();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Link link = new Link(listener.accept());
        links.add(link);
        Thread.ofVirtual().start(link::connect);
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private final class Link {
    private final Socket near;
    private final Socket far = new Socket();
    private final AtomicLong budget = new AtomicLong(Long.MAX_VALUE);
    private final CountDownLatch thaw = new CountDownLatch(1);
    private volatile boolean frozen;

    Link(Socket near) {
      this.near = near;
    }

    void connect() {
      try {
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        far.connect(target);
        Thread.ofVirtual().start(() -> pump(near, far, new AtomicLong(Long.MAX_VALUE)));
        pump(far, near, budget);
      } catch (IOException e) {
        reset();
      }
    }

    private void pump(Socket from, Socket to, AtomicLong left) {
      byte[] chunk = new byte[CHUNK];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        int read = in.read(chunk);
        while (read >= 0) {
          if (frozen) {
            thaw.await();
          }
          int passed = (int) Math.min(read, left.get());
          out.write(chunk, 0, passed);
          if (left.get() != Long.MAX_VALUE && left.addAndGet(-passed) <= 0) {
            reset();
          }
          read = in.read(chunk);
        }
        to.shutdownOutput();
      } catch (IOException e) {
        reset();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        if (near.isClosed()) {
          links.remove(this);
        }
      }
    }

    void freeze() {
      frozen = true;
    }

    void reset() {
      for (Socket socket : List.of(near, far)) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException e) {
          // Closed already: then there is nothing to reset.
        }
        try {
          socket.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      thaw.countDown();
      links.remove(this);
    }
  }
}
