package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.RequestRate;
import io.tycostream.domain.session.Signs;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection as Helidon sees it: hands what is read to the courier, and notices the
 * end. Its callbacks run on the thread that reads the socket; everything else may be asked by any.
 */
final class Connection implements WsListener {

  /** How long the end of reading waits for the courier's last write. */
  private static final Duration LAST_WRITE = Duration.ofSeconds(1);

  /** Of one message: more than a client needs that cuts the largest one into packets. */
  private static final int MAX_FRAGMENTS = 1_000;

  private final Gateway gateway;
  private final Reception reception;
  private final StringBuilder message = new StringBuilder();
  private long messageBytes;
  private int fragments;
  private RequestRate rate;
  private Optional<String> credentials = Optional.empty();

  private volatile long number;
  private volatile @Nullable Socket socket;
  private volatile @Nullable Courier courier;
  private volatile Instant openedAt = Instant.MAX;
  private volatile Instant heardAt = Instant.MAX;

  Connection(Gateway gateway, Reception reception) {
    this.gateway = gateway;
    this.reception = reception;
    ClientLimits limits = gateway.limits();
    this.rate = RequestRate.begin(limits.requestsPerSecond(), limits.requestBurst(), gateway.now());
  }

  @Override
  public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
    credentials = BearerToken.of(headers);
    return Upgrade.check(headers, gateway.origins());
  }

  @Override
  public void onOpen(WsSession wsSession) {
    Socket opened = new Socket(wsSession);
    Courier made = gateway.courier(opened, credentials);
    openedAt = gateway.now();
    heardAt = openedAt;
    socket = opened;
    courier = made;
    number = reception.connected(this);
    made.start(number);
  }

  @Override
  public void onMessage(WsSession wsSession, String text, boolean last) {
    heardAt = gateway.now();
    messageBytes += Utf8.length(text);
    fragments++;
    int limit = gateway.limits().maxRequest();
    if (messageBytes > limit || fragments > MAX_FRAGMENTS) {
      message.setLength(0);
      String what =
          messageBytes > limit
              ? "a message has at most " + limit + " bytes"
              : "a message has at most " + MAX_FRAGMENTS + " fragments";
      reception.endRequested(number, new CloseReason(CloseCode.TOO_LARGE, what));
    } else if (!last) {
      message.append(text);
    } else {
      String whole = message.isEmpty() ? text : message.append(text).toString();
      message.setLength(0);
      messageBytes = 0;
      fragments = 0;
      said(ClientMessageReader.read(whole));
    }
  }

  @Override
  public void onMessage(WsSession wsSession, BufferData buffer, boolean last) {
    heardAt = gateway.now();
    said(new ClientMessageReader.Read.Garbage("binary messages are not spoken"));
  }

  @Override
  public void onPing(WsSession wsSession, BufferData buffer) {
    heardAt = gateway.now();
    byte[] payload = buffer.readBytes();
    if (payload.length > Frame.MAX_CONTROL_PAYLOAD) {
      said(new ClientMessageReader.Read.Garbage("a ping of over 125 bytes"));
    } else {
      hand(new Inbound.Pinged(payload));
    }
  }

  @Override
  public void onPong(WsSession wsSession, BufferData buffer) {
    heardAt = gateway.now();
    Courier mine = courier;
    if (mine != null) {
      mine.answered(buffer.readBytes());
    }
  }

  @Override
  public void onClose(WsSession wsSession, int status, String reason) {
    Courier mine = courier;
    if (mine != null) {
      mine.endsFor(status);
    }
    reception.peerClosed(number, status);
    awaitLastWrite();
    // Helidon would now answer the close itself: a second time, or amid a frame of a courier that
    // is still writing. With this it ends the connection and writes nothing.
    throw new CloseConnectionException("closed by the client with " + status);
  }

  @Override
  public void onError(WsSession wsSession, Throwable error) {
    reception.socketLost(number);
    awaitLastWrite();
  }

  /** Reads no further until the courier can take it and the client's rate allows the next. */
  private void said(ClientMessageReader.Read read) {
    hand(new Inbound.Said(read));
    if (read instanceof ClientMessageReader.Read.Message(ClientMessage said)
        && !RequestRate.counts(said)) {
      return;
    }
    RequestRate.Taken taken = rate.take(gateway.now());
    rate = taken.next();
    if (taken.tooMany()) {
      reception.endRequested(
          number,
          new CloseReason(
              CloseCode.TOO_MANY,
              "more than " + gateway.limits().requestsPerSecond() + " requests a second",
              Optional.of(RequestRate.PATIENCE)));
    } else if (taken.pause().isPositive()) {
      try {
        Thread.sleep(taken.pause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void hand(Inbound inbound) {
    Courier mine = courier;
    if (mine != null) {
      try {
        mine.hand(inbound);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void awaitLastWrite() {
    try {
      awaitEnd(LAST_WRITE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long number() {
    return number;
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

  Signs signs() {
    Courier mine = courier;
    return new Signs(heardAt, mine == null ? Optional.empty() : mine.writingSince());
  }

  /** Whether the client may still say something. */
  boolean isRead() {
    Socket open = socket;
    return open == null || open.isRead();
  }

  void tell(Order order) {
    Courier mine = courier;
    if (mine != null) {
      mine.tell(order);
    }
  }

  /** Cuts the socket, whatever is being written or read. */
  void cut(Optional<CloseCode> reason) {
    Courier mine = courier;
    if (mine != null) {
      reason.ifPresent(code -> mine.endsFor(code.code()));
    }
    Socket open = socket;
    if (open != null) {
      open.abort();
    }
  }

  /** The socket is gone: its courier has nothing to do any more. */
  void over() {
    Courier mine = courier;
    if (mine != null) {
      mine.end();
    }
  }

  /** Waits until the courier has written its last. */
  void awaitEnd(Duration patience) throws InterruptedException {
    Courier mine = courier;
    if (mine != null) {
      mine.awaitEnd(patience);
    }
  }
}
