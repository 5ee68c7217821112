package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.tycostream.domain.protocol.CloseCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection as Helidon sees it: hands what is read to the courier, and notices the
 * end. Its callbacks run on the thread that reads the socket.
 */
final class Connection implements WsListener {

  /** How long a close that the client began waits for the courier's last write. */
  private static final Duration LAST_WRITE = Duration.ofSeconds(1);

  /** How long the client has to close the socket after our close frame. */
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

  /** The code of an end without a close frame (RFC 6455, 7.1.5). */
  private static final int ABNORMAL = 1006;

  private final Gateway gateway;
  private final String session;
  private final StringBuilder message = new StringBuilder();
  private long messageBytes;

  private volatile @Nullable Socket socket;
  private volatile @Nullable Courier courier;
  private volatile Instant openedAt = Instant.MAX;
  private volatile Instant heardAt = Instant.MAX;
  private volatile @Nullable Instant endedAt;

  Connection(Gateway gateway, String session) {
    this.gateway = gateway;
    this.session = session;
  }

  @Override
  public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
    return Upgrade.check(headers, gateway.origins());
  }

  @Override
  public void onOpen(WsSession wsSession) {
    Socket opened = new Socket(wsSession);
    Courier started = gateway.courier(session, opened);
    socket = opened;
    courier = started;
    openedAt = gateway.now();
    heardAt = openedAt;
    started.start();
    gateway.opened(this);
  }

  @Override
  public void onMessage(WsSession wsSession, String text, boolean last) {
    heard();
    messageBytes += Utf8.length(text);
    if (messageBytes > gateway.limits().maxRequest()) {
      message.setLength(0);
      String limit = "a message has at most " + gateway.limits().maxRequest() + " bytes";
      tell(new Inbound.EndWanted(CloseCode.TOO_LARGE, limit, Optional.empty()));
    } else if (!last) {
      message.append(text);
    } else {
      String whole = message.isEmpty() ? text : message.append(text).toString();
      message.setLength(0);
      messageBytes = 0;
      tell(new Inbound.Said(ClientMessageReader.read(whole)));
    }
  }

  @Override
  public void onMessage(WsSession wsSession, BufferData buffer, boolean last) {
    heard();
    tell(new Inbound.Said(new ClientMessageReader.Read.Garbage("binary messages are not spoken")));
  }

  @Override
  public void onPing(WsSession wsSession, BufferData buffer) {
    heard();
    byte[] payload = buffer.readBytes();
    if (payload.length > Frame.MAX_CONTROL_PAYLOAD) {
      tell(new Inbound.Said(new ClientMessageReader.Read.Garbage("a ping of over 125 bytes")));
    } else {
      tell(new Inbound.Pinged(payload));
    }
  }

  @Override
  public void onPong(WsSession wsSession, BufferData buffer) {
    heard();
  }

  @Override
  public void onClose(WsSession wsSession, int status, String reason) {
    Courier started = courier;
    if (started != null) {
      try {
        if (started.offer(new Inbound.ClientLeft(status))) {
          started.awaitEnd(LAST_WRITE);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      started.end(status);
    }
    gateway.closed(this);
    // Helidon would now answer the close itself: a second time, or amid a frame of a courier that
    // is still writing. With this it ends the connection and writes nothing.
    throw new CloseConnectionException("closed by the client with " + status);
  }

  @Override
  public void onError(WsSession wsSession, Throwable error) {
    end(ABNORMAL);
  }

  String session() {
    return session;
  }

  Instant openedAt() {
    return openedAt;
  }

  Optional<Courier> courier() {
    return Optional.ofNullable(courier);
  }

  String peer() {
    Socket open = socket;
    return open == null ? "" : open.peer();
  }

  /** Ends the connection with a word, if the client takes it. Any thread. */
  void end(CloseCode code, String reason, Optional<Duration> retryIn) {
    Courier started = courier;
    if (started == null || !started.offer(new Inbound.EndWanted(code, reason, retryIn))) {
      abort();
    }
  }

  /** Waits until the courier has written its last. */
  void awaitGoodbye(Duration patience) throws InterruptedException {
    Courier started = courier;
    if (started != null) {
      started.awaitEnd(patience);
    }
  }

  /** Ends the connection without a word, and the courier without waiting to be noticed. */
  void cut() {
    abort();
    Courier started = courier;
    if (started != null) {
      started.end(ABNORMAL);
    }
  }

  private void abort() {
    Socket open = socket;
    if (open != null) {
      open.abort();
    }
  }

  /**
   * Looks whether the client is still there, and cuts the connection when it is not. Called once a
   * second.
   *
   * @return whether the connection is over
   */
  boolean isOver(Instant now) {
    Socket open = socket;
    Courier started = courier;
    if (open == null || started == null) {
      return false;
    }
    if (!open.isRead()) {
      started.end(ABNORMAL);
      return true;
    }
    if (started.hasEnded()) {
      Instant since = endedAt;
      if (since == null) {
        endedAt = now;
      } else if (since.plus(CLOSE_PATIENCE).isBefore(now)) {
        open.abort();
      }
      return false;
    }
    Duration patience = gateway.limits().heartbeat().multipliedBy(2);
    if (heardAt.plus(patience).isBefore(now)) {
      if (started.writingFor(now).compareTo(patience) > 0) {
        open.abort();
      } else {
        end(CloseCode.TIMEOUT, "nothing was heard for two heartbeats", Optional.empty());
      }
    }
    return false;
  }

  private void heard() {
    heardAt = gateway.now();
  }

  private void end(int code) {
    Courier started = courier;
    if (started != null) {
      try {
        started.end(code);
        started.awaitEnd(LAST_WRITE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void tell(Inbound inbound) {
    Courier started = courier;
    if (started != null) {
      try {
        started.tell(inbound);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
