package io.tycostream.adapters.ws;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes to a client: answers what it says, and takes everything from its
 * cursors up to the heads in as few writes as possible.
 *
 * <p>A client that takes nothing blocks its own courier and nobody else. Everything about the
 * connection is decided on this thread; others only tell it something ({@link #tell}) or wake it.
 */
final class Courier {

  /** Frames of one write; what is more waits for the next turn, so that answers are not delayed. */
  private static final long WRITE_BYTES = 128 << 10;

  /** Requests that wait for the courier; then the reader waits, and with it the client. */
  private static final int INBOX = 256;

  private static final byte[] NO_PAYLOAD = {};

  private static final System.Logger LOG = System.getLogger(Courier.class.getName());

  private final Socket socket;
  private final ClientLimits limits;
  private final ClientObserver observer;
  private final InstantSource clock;
  private final Exchange exchange;
  private final BlockingQueue<Inbound> inbox = new ArrayBlockingQueue<>(INBOX);
  private final Outbox outbox = new Outbox();
  private final Thread thread;
  private final Sleeper sleeper;

  private Instant nextPing;
  private boolean closing;

  private volatile boolean ended;
  private volatile int endCode = 1006;
  private volatile @Nullable Instant writingSince;

  Courier(
      String name,
      Socket socket,
      ClientLimits limits,
      ClientObserver observer,
      InstantSource clock,
      ExchangeFactory exchange) {
    this.socket = socket;
    this.limits = limits;
    this.observer = observer;
    this.clock = clock;
    this.nextPing = clock.instant().plus(limits.heartbeat());
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    this.sleeper = new Sleeper(thread);
    this.exchange = exchange.create(outbox, sleeper::wake);
  }

  /** Makes what carries the words between the client and the gateway. */
  interface ExchangeFactory {
    Exchange create(Outbox outbox, Runnable wake);
  }

  void start() {
    thread.start();
  }

  Exchange exchange() {
    return exchange;
  }

  /** Tells the courier something; waits while it has too much to do already. Any thread. */
  void tell(Inbound inbound) throws InterruptedException {
    while (!ended && !inbox.offer(inbound, 100, TimeUnit.MILLISECONDS)) {
      // Again: the courier may have ended meanwhile, and then nobody takes anything any more.
    }
    sleeper.wake();
  }

  /** Tells the courier something unless it has too much to do already. Any thread. */
  boolean offer(Inbound inbound) {
    boolean taken = inbox.offer(inbound);
    sleeper.wake();
    return taken;
  }

  /** Ends the courier after the write that is under way. Any thread. */
  void end(int code) {
    endCode = code;
    ended = true;
    sleeper.wake();
  }

  /** Waits until the courier has ended by itself. */
  void awaitEnd(Duration patience) throws InterruptedException {
    thread.join(patience);
  }

  boolean hasEnded() {
    return ended;
  }

  /** How long the present write has been going on; zero when there is none. */
  Duration writingFor(Instant now) {
    Instant since = writingSince;
    return since == null ? Duration.ZERO : Duration.between(since, now);
  }

  private void run() {
    Instant helloUntil = clock.instant().plus(limits.helloTimeout());
    try {
      while (!ended) {
        Instant now = clock.instant();
        takeInbox(now);
        beat(now, helloUntil);
        if (!closing
            && outbox.isEmpty()
            && !exchange.fill(WRITE_BYTES, now)
            && sleeper.sleepUnless(
                exchange::hangOn, this::hasWork, () -> untilNext(now, helloUntil))) {
          continue;
        }
        flush();
        ended |= closing;
      }
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the socket is gone", e);
    } catch (RuntimeException e) {
      // A bug of ours: this connection ends loudly, the others live on.
      LOG.log(System.Logger.Level.ERROR, "courier " + thread.getName() + " cannot go on", e);
    } finally {
      ended = true;
      exchange.close();
      observer.disconnected(endCode);
    }
  }

  private boolean hasWork() {
    return !inbox.isEmpty() || exchange.fill(WRITE_BYTES, clock.instant());
  }

  private void takeInbox(Instant now) {
    // Not until it is empty: who asks without end must get answers in between.
    for (int taken = 0; taken < INBOX && !closing; taken++) {
      Inbound inbound = inbox.poll();
      switch (inbound) {
        case null -> {
          return;
        }
        case Inbound.Said(ClientMessageReader.Read said) -> hear(said, now);
        case Inbound.Pinged(byte[] payload) -> outbox.add(Frame.of(Frame.PONG, payload));
        case Inbound.EndWanted end -> close(end.code(), end.reason(), end.retryIn());
        case Inbound.ClientLeft left -> answerClose(left.code());
      }
    }
  }

  private void hear(ClientMessageReader.Read said, Instant now) {
    switch (said) {
      case ClientMessageReader.Read.Garbage(String reason) ->
          close(CloseCode.PROTOCOL_ERROR, reason, Optional.empty());
      case ClientMessageReader.Read.Message(ClientMessage message)
          when !exchange.greeted() && !(message instanceof Hello) ->
          close(CloseCode.PROTOCOL_ERROR, "\"hello\" comes first", Optional.empty());
      case ClientMessageReader.Read.Message(ClientMessage message) -> exchange.hear(message, now);
      case ClientMessageReader.Read.Refused refused
          when !exchange.greeted() && !refused.type().equals("hello") ->
          close(CloseCode.PROTOCOL_ERROR, "\"hello\" comes first", Optional.empty());
      case ClientMessageReader.Read.Refused refused -> exchange.refuse(refused);
    }
  }

  private void beat(Instant now, Instant helloUntil) {
    if (closing) {
      return;
    }
    if (!exchange.greeted() && !now.isBefore(helloUntil)) {
      close(CloseCode.TIMEOUT, "no \"hello\" in time", Optional.empty());
    } else if (!now.isBefore(nextPing)) {
      nextPing = now.plus(limits.heartbeat());
      outbox.add(Frame.of(Frame.PING, NO_PAYLOAD));
    }
  }

  private void close(CloseCode code, String reason, Optional<Duration> retryIn) {
    boolean resumable = code.returns() != CloseCode.Return.NO;
    outbox.add(MessageEncoder.encode(new Bye(code.code(), reason, retryIn, resumable)));
    outbox.add(Frame.close(code.code(), reason));
    endCode = code.code();
    closing = true;
  }

  private void answerClose(int code) {
    // A code that stands for no code must not be sent; the rest is said back as it came.
    boolean own = code >= 3000 && code < 5000;
    int answer = own ? code : CloseCode.NORMAL.code();
    outbox.add(Frame.close(answer, ""));
    endCode = code;
    closing = true;
  }

  private void flush() {
    if (outbox.isEmpty()) {
      return;
    }
    writingSince = clock.instant();
    socket.write(outbox.frames());
    writingSince = null;
    observer.written(outbox.frames().size(), outbox.bytes());
    Instant newest = outbox.newest();
    if (newest != null) {
      observer.delivered(Duration.between(newest, clock.instant()));
    }
    outbox.clear();
    exchange.flushed();
  }

  /** Nanoseconds until there is something to do although nobody says so. */
  private long untilNext(Instant now, Instant helloUntil) {
    Instant until = exchange.deadline().filter(d -> d.isBefore(nextPing)).orElse(nextPing);
    if (!exchange.greeted() && helloUntil.isBefore(until)) {
      until = helloUntil;
    }
    return Duration.between(now, until).toNanos();
  }
}
