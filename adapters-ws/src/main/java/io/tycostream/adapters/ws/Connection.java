package io.tycostream.adapters.ws;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.tycostream.adapters.ws.ClientFrames.Came;
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
 * One client's connection, which has become a WebSocket: hands what is read to the courier, and
 * notices the end. Helidon gives it the thread that reads the socket; everything else may be asked
 * by any.
 */
final class Connection implements ServerConnection {

  private static final System.Logger LOG = System.getLogger(Connection.class.getName());

  /** How long the end of reading waits for the courier's last write. */
  private static final Duration LAST_WRITE = Duration.ofSeconds(1);

  private final Gateway gateway;
  private final Reception reception;
  private final ConnectionContext context;
  private final Optional<String> credentials;
  private RequestRate rate;

  private volatile long number;
  private volatile @Nullable Socket socket;
  private volatile @Nullable Courier courier;
  private volatile Instant openedAt = Instant.MAX;
  private volatile Instant heardAt = Instant.MAX;

  /**
   * @param credentials that the client showed when it connected
   */
  Connection(Gateway gateway, ConnectionContext context, Optional<String> credentials) {
    this.gateway = gateway;
    this.reception = gateway.reception();
    this.context = context;
    this.credentials = credentials;
    ClientLimits limits = gateway.limits();
    this.rate = RequestRate.begin(limits.requestsPerSecond(), limits.requestBurst(), gateway.now());
  }

  /** Reads until the end; no limit of requests holds for what lasts for days. */
  @Override
  public void handle(Limit limit) {
    open();
    try {
      ClientFrames frames = new ClientFrames(context.dataReader(), gateway.limits().maxRequest());
      boolean more = true;
      while (more) {
        more = take(frames.next());
      }
    } catch (DataReader.InsufficientDataAvailableException | CloseConnectionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the socket is gone", e);
    } catch (RuntimeException e) {
      // A bug of ours: this connection ends loudly, the others live on.
      LOG.log(System.Logger.Level.ERROR, "reading from " + peer() + " cannot go on", e);
    } finally {
      reception.socketLost(number);
    }
  }

  private void open() {
    Socket opened = new Socket(context);
    Courier made = gateway.courier(opened, credentials);
    openedAt = gateway.now();
    heardAt = openedAt;
    socket = opened;
    courier = made;
    number = reception.connected(this);
    made.start(number);
  }

  /** Whether more may come. */
  private boolean take(Came came) {
    heardAt = gateway.now();
    switch (came) {
      case Came.Text(String text) -> said(ClientMessageReader.read(text));
      case Came.Ping(byte[] payload) -> hand(new Inbound.Pinged(payload));
      case Came.Pong(byte[] payload) -> answered(payload);
      case Came.Broken(CloseReason why) -> hand(new Inbound.Broken(why));
      case Came.Close(int code) -> {
        closed(code);
        return false;
      }
    }
    return true;
  }

  private void answered(byte[] payload) {
    Courier mine = courier;
    if (mine != null) {
      mine.answered(payload);
    }
  }

  private void closed(int code) {
    Courier mine = courier;
    if (mine != null) {
      mine.endsFor(code);
    }
    hand(new Inbound.Closed(code)); // what was asked before is answered before
    awaitLastWrite();
    reception.peerClosed(
        number, code); // the courier may have said its last word before, or be stuck
  }

  /** Never: the heartbeat says how long a client may be silent. */
  @Override
  public Duration idleTime() {
    return Duration.ZERO;
  }

  /** The web server stops. */
  @Override
  public void close(boolean interrupt) {
    cut(Optional.empty());
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
