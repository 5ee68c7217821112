package io.tycostream.app.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Leads to a server, until so many bytes have come from it: then it cuts all connections in the
 * middle of whatever they carry, or keeps them open and carries nothing any more.
 */
final class FaultProxy implements AutoCloseable {

  private final int target;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private long left = Long.MAX_VALUE;
  private boolean silent;
  private boolean closed;

  FaultProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Cuts all connections after so many bytes; once. */
  synchronized void cutAfter(long bytes) {
    left = bytes;
    silent = false;
  }

  /** Carries nothing any more after so many bytes, and cuts nothing. */
  synchronized void fallSilentAfter(long bytes) {
    left = bytes;
    silent = true;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pump(client, server, false));
        Thread.ofVirtual().start(() -> pump(server, client, true));
      }
    } catch (IOException e) {
      synchronized (this) {
        if (!closed) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void pump(Socket from, Socket to, boolean counted) {
    byte[] buffer = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        int allowed = counted ? allow(read) : read;
        out.write(buffer, 0, allowed);
        if (allowed < read) {
          cutUnlessSilent();
        }
      }
    } catch (IOException e) {
      // Either side went away, which is what this is for; the other one is closed with it.
      sockets.remove(from);
    }
  }

  private synchronized int allow(int bytes) {
    int allowed = (int) Math.min(bytes, left);
    left -= allowed;
    return allowed;
  }

  private synchronized void cutUnlessSilent() throws IOException {
    if (!silent) {
      left = Long.MAX_VALUE;
      cut();
    }
  }

  private void cut() throws IOException {
    for (Socket socket : List.copyOf(sockets)) {
      sockets.remove(socket);
      socket.close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    listener.close();
    cut();
  }
}
