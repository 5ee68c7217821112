package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.helidon.websocket.WsUpgradeException;
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
  public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers)
      throws WsUpgradeException {
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
    gateway.opened(this);
    started.start();
  }

  @Override
  public void onMessage(WsSession wsSession, String text, boolean last) {
    heard();
    if (message.length() + text.length() > gateway.limits().maxRequest()) {
      message.setLength(0);
      String limit = "a message has at most " + gateway.limits().maxRequest() + " bytes";
      tell(new Inbound.EndWanted(CloseCode.TOO_LARGE, limit, Optional.empty()));
    } else if (!last) {
      message.append(text);
    } else {
      String whole = message.isEmpty() ? text : message.append(text).toString();
      message.setLength(0);
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
    tell(new Inbound.Pinged(buffer.readBytes()));
  }

  @Override
  public void onPong(WsSession wsSession, BufferData buffer) {
    heard();
  }

  @Override
  public void onClose(WsSession wsSession, int status, String reason) {
    // Helidon answers the close itself after this, so the courier must not be writing any more.
    end(status);
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

  /** Cuts the connection. Any thread. */
  void abort() {
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
