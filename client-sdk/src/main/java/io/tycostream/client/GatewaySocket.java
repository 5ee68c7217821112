package io.tycostream.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection to a gateway: a virtual thread that reads, and one that writes.
 *
 * <p>This is not {@code java.net.http.WebSocket}, because that one (JDK 25) often does not tell
 * that a connection has ended when the end comes right behind data, as it does when a gateway is
 * killed. A full mailbox stops the reading, and with it the sender; nothing here makes the client's
 * own thread wait.
 */
final class GatewaySocket {

  /** As RFC 6455, 7.1.5 has it, for an end without a close frame. */
  private static final int ABNORMAL = 1006;

  private static final System.Logger LOG = System.getLogger(GatewaySocket.class.getName());
  private static final Duration FAREWELL = Duration.ofMillis(300);

  /** Well below two heartbeats of any gateway, after which it takes a silent client for gone. */
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(1);

  /** So many of them: a listener that takes as long is worth a line in a log. */
  private static final int SAYING_AFTER = 5;

  private static final int BUFFER_BYTES = 16 * 1024;

  private final URI endpoint;
  private final Duration connectTimeout;
  private final Optional<SSLContext> trust;
  private final Mailbox mailbox;
  private final BlockingQueue<Frame> outgoing = new LinkedBlockingQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Of {@code wss} the one below TLS: closing that one never waits for the other side. */
  private volatile @Nullable Socket socket;

  private volatile boolean leaving;

  /**
   * @param trust for {@code wss}; nothing for what the JVM trusts
   */
  GatewaySocket(
      URI endpoint, Duration connectTimeout, Optional<SSLContext> trust, Mailbox mailbox) {
    this.endpoint = endpoint;
    this.connectTimeout = connectTimeout;
    this.trust = trust;
    this.mailbox = mailbox;
  }

  /** Connects; what comes of it, and all that is received, reaches the mailbox. */
  void open() {
    Thread.ofVirtual().name("tycostream-client-reader").start(this::run);
  }

  /** Sends a text behind those sent before; never waits. */
  void send(String text) {
    outgoing.add(Frame.text(text));
  }

  /**
   * Says goodbye and ends the connection as soon as the gateway has answered, a moment later at the
   * latest. Never waits, and nothing reaches the mailbox any more.
   */
  void close(int code, String reason) {
    leaving = true;
    outgoing.add(Frame.close(code, reason));
    Thread.ofVirtual()
        .name("tycostream-client-farewell")
        .start(() -> {
          awaitEnd(FAREWELL);
          cut();
        });
  }

  /** Waits until the connection has ended. */
  void awaitEnd(Duration atMost) {
    try {
      boolean inTime = ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
      LOG.log(Level.TRACE, () -> endpoint + (inTime ? " has ended" : " is cut"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    // Who takes nothing needs no connection, and would only lose it again.
    if (mailbox.awaitRoom(connectTimeout.dividedBy(2))) {
      follow();
    } else {
      ended.countDown();
      String reason = mailbox.waitingBytes() + " bytes wait for listeners, and none can be added";
      tell(new Input.Ended(this, ABNORMAL, reason));
    }
  }

  private void follow() {
    Input.Ended end = new Input.Ended(this, ABNORMAL, "");
    try (Socket connection = connect()) {
      if (leaving) {
        return;
      }
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(connection.getInputStream(), BUFFER_BYTES));
      OutputStream out = connection.getOutputStream();
      Handshake handshake = new Handshake(endpoint);
      out.write(handshake.request());
      handshake.accept(in);
      Thread writer = Thread.ofVirtual().name("tycostream-client-writer").start(() -> write(out));
      try {
        tell(new Input.Opened(this));
        end = read(in);
        writer.join(FAREWELL); // which ends when it has answered the gateway's close
      } finally {
        writer.interrupt();
      }
    } catch (IOException e) {
      end = new Input.Ended(this, ABNORMAL, describe(e));
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    } finally {
      ended.countDown();
      tell(end);
    }
  }

  private Socket connect() throws IOException {
    boolean secure = "wss".equals(endpoint.getScheme());
    int port = endpoint.getPort() >= 0 ? endpoint.getPort() : secure ? 443 : 80;
    Socket plain = connectToAny(InetAddress.getAllByName(endpoint.getHost()), port);
    if (!secure) {
      return plain;
    }
    SSLSocketFactory factory =
        trust
            .map(SSLContext::getSocketFactory)
            .orElseGet(() -> (SSLSocketFactory) SSLSocketFactory.getDefault());
    try {
      SSLSocket tls = (SSLSocket) factory.createSocket(plain, endpoint.getHost(), port, true);
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      tls.setSSLParameters(parameters);
      return tls;
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  private Socket connectToAny(InetAddress[] addresses, int port) throws IOException {
    IOException last = new UnknownHostException(endpoint.getHost());
    for (InetAddress address : addresses) {
      Socket candidate = new Socket();
      try {
        socket = candidate; // so that a farewell also ends the connecting
        candidate.setTcpNoDelay(true);
        candidate.connect(new InetSocketAddress(address, port), (int) connectTimeout.toMillis());
        return candidate;
      } catch (IOException e) {
        candidate.close();
        last = e;
      }
    }
    throw last;
  }

  private Input.Ended read(DataInputStream in) throws IOException {
    ByteArrayOutputStream fragments = new ByteArrayOutputStream();
    boolean begun = false;
    while (true) {
      Frame frame = Frame.read(in);
      if (frame.opcode() <= Frame.TEXT) {
        if (begun == (frame.opcode() == Frame.TEXT)) {
          throw new IOException("the gateway sent a part of a message where none is due");
        }
        begun = !frame.last();
      }
      switch (frame.opcode()) {
        case Frame.TEXT, Frame.CONTINUATION -> {
          if (frame.last() && fragments.size() == 0) {
            receive(frame.payload());
          } else {
            fragments.write(frame.payload());
            if (frame.last()) {
              receive(fragments.toByteArray());
              fragments = new ByteArrayOutputStream();
            }
          }
        }
        case Frame.PING -> {
          outgoing.add(new Frame(Frame.PONG, true, frame.payload()));
          tell(new Input.Pinged(this));
        }
        case Frame.PONG -> tell(new Input.Pinged(this));
        case Frame.CLOSE -> {
          outgoing.add(Frame.close(frame.closeCode() == 1005 ? 1000 : frame.closeCode(), ""));
          return new Input.Ended(this, frame.closeCode(), frame.closeReason());
        }
        default -> throw new IOException("the gateway sent a message that is not text");
      }
    }
  }

  private void write(OutputStream out) {
    try {
      Frame frame;
      do {
        frame = outgoing.take();
        out.write(frame.masked());
      } while (frame.opcode() != Frame.CLOSE);
    } catch (InterruptedException e) {
      LOG.log(Level.TRACE, "the reader has ended", e);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "could not write; the reader is going to see it too", e);
      cut();
    }
  }

  /** While nothing is read a ping is not heard, so both sides are told that we live. */
  private void receive(byte[] message) {
    for (int seconds = 1; !leaving && !mailbox.awaitRoom(SIGN_OF_LIFE); seconds++) {
      outgoing.add(new Frame(Frame.PONG, true, new byte[0]));
      tell(new Input.Pinged(this));
      if (seconds == SAYING_AFTER) {
        LOG.log(
            Level.WARNING,
            mailbox.waitingBytes()
                + " bytes wait for listeners that have taken none for "
                + seconds
                + " s; "
                + endpoint
                + " has to wait");
      }
    }
    if (!leaving) {
      mailbox.put(this, message);
    }
  }

  private void tell(Input input) {
    if (!leaving) {
      mailbox.put(input);
    }
  }

  private void cut() {
    Socket connection = socket;
    if (connection != null) {
      cut(connection);
    }
  }

  private static void cut(Socket connection) {
    try {
      connection.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "closing a socket failed", e);
    }
  }

  private String describe(IOException failure) {
    return switch (failure) {
      case UnknownHostException unknown -> "there is no host " + endpoint.getHost();
      case ConnectException unreachable ->
          "nothing listens at " + endpoint.getRawAuthority() + ", or it cannot be reached";
      case SocketTimeoutException late -> endpoint.getRawAuthority() + " did not answer in time";
      case SSLException tls ->
          "TLS with " + endpoint.getRawAuthority() + " failed: " + tls.getMessage();
      case EOFException end -> Objects.requireNonNullElse(end.getMessage(), "the connection ended");
      default -> {
        String message = failure.getMessage();
        yield message == null ? failure.getClass().getSimpleName() : message;
      }
    };
  }
}
