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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy on loopback that breaks connections as networks do: with a reset, after so many bytes
 * (in the middle of anything), half open, where both ends go on believing in a connection that
 * carries nothing any more, or with a stall. New connections work unless they are turned away.
 */
public final class FaultProxy implements AutoCloseable {

  private static final int CHUNK = 16 << 10;

  private volatile InetSocketAddress target;
  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  private final AtomicInteger accepted = new AtomicInteger();
  private volatile boolean closedToNew;

  /** What holds up everything that is to be carried. */
  private volatile CountDownLatch gate = new CountDownLatch(0);

  // Guarded by this: what is let through from the target before something happens to all links.
  private long left = Long.MAX_VALUE;
  private Runnable whenSpent = () -> {};

  /** A proxy that leads to a server. */
  public FaultProxy(String targetHost, int targetPort) {
    target = new InetSocketAddress(targetHost, targetPort);
    try {
      listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("fault-proxy").start(this::accept);
  }

  /** Where to connect instead. */
  public int port() {
    return listener.getLocalPort();
  }

  /** How many connections there have been. */
  int connections() {
    return accepted.get();
  }

  /** Resets all connections that are open now. */
  public void reset() {
    List.copyOf(links).forEach(Link::reset);
  }

  /** Lets the open connections carry nothing any more, without ending them. */
  public void freeze() {
    List.copyOf(links).forEach(Link::freeze);
  }

  /** Carries nothing in either direction until {@link #goOn}, and loses nothing. */
  void stall() {
    gate = new CountDownLatch(1);
  }

  /** What was held up comes, and the rest. */
  void goOn() {
    gate.countDown();
  }

  /** Resets whoever comes from now on, or no more. */
  public void turnAway(boolean everybody) {
    closedToNew = everybody;
  }

  /** Where new connections lead from now on. */
  void leadTo(String host, int port) {
    target = new InetSocketAddress(host, port);
  }

  /** Resets all connections when so many more bytes have come from the target. */
  public void resetAfter(long bytes) {
    after(bytes, this::reset);
  }

  /** Freezes all connections when so many more bytes have come from the target. */
  public void freezeAfter(long bytes) {
    after(bytes, this::freeze);
  }

  private synchronized void after(long bytes, Runnable fault) {
    left = bytes;
    whenSpent = fault;
  }

  /** How many of the bytes are let through; the fault happens behind the last one. */
  private synchronized int allow(int bytes) {
    int allowed = (int) Math.min(bytes, left);
    if (left != Long.MAX_VALUE) {
      left -= allowed;
    }
    return allowed;
  }

  private synchronized Runnable spent() {
    left = Long.MAX_VALUE;
    return whenSpent;
  }

  /** Nobody gets through any more. */
  void shut() {
    close();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reset();
    goOn();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Link link = new Link(listener.accept());
        accepted.incrementAndGet();
        links.add(link);
        Thread.ofVirtual().start(closedToNew ? link::reset : link::connect);
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private final class Link {
    private final Socket near;
    private final Socket far = new Socket();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean frozen;

    Link(Socket near) {
      this.near = near;
    }

    void connect() {
      try {
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        far.connect(target);
        Thread.ofVirtual().start(() -> pump(near, far, false));
        pump(far, near, true);
      } catch (IOException e) {
        reset();
      }
    }

    private void pump(Socket from, Socket to, boolean counted) {
      byte[] chunk = new byte[CHUNK];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
          int allowed = counted ? allow(read) : read;
          carry(out, chunk, 0, allowed);
          if (allowed < read) {
            spent().run();
            carry(out, chunk, allowed, read - allowed);
          }
        }
        to.shutdownOutput();
      } catch (IOException e) {
        reset(); // either side went away, which is what this is for; the other goes with it
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void carry(OutputStream out, byte[] bytes, int offset, int length)
        throws IOException, InterruptedException {
      gate.await();
      if (frozen) {
        over.await();
      }
      out.write(bytes, offset, length);
    }

    void freeze() {
      frozen = true;
    }

    void reset() {
      links.remove(this);
      for (Socket socket : List.of(near, far)) {
        try (socket) {
          if (!socket.isClosed()) {
            socket.setSoLinger(true, 0);
          }
        } catch (IOException e) {
          // It was closed meanwhile, and more than that is not wanted.
          over.countDown();
        }
      }
      over.countDown();
    }
  }
}
