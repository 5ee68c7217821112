package io.tycostream.adapters.ws;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.session.CloseReason;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes to a client: does what the reception decides, answers what the client
 * says, and takes everything from its cursors up to the heads in as few writes as possible.
 *
 * <p>A client that takes nothing blocks its own courier and nobody else. Other threads only tell it
 * something ({@link #tell}, {@link #hand}) or wake it.
 */
final class Courier {

  /** Frames of one write; what is more waits for the next turn, so that answers are not delayed. */
  private static final long WRITE_BYTES = 128 << 10;

  /** Requests that wait for the courier; then the reader waits, and with it the client. */
  private static final int INBOX = 256;

  /** How an end without a word is counted (RFC 6455, 7.1.5). */
  private static final int ABNORMAL = 1006;

  /** Sleeps are not longer, so that a deadline far away is no special case. */
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);

  private static final System.Logger LOG = System.getLogger(Courier.class.getName());

  private final Socket socket;
  private final Reception reception;
  private final ClientObserver observer;
  private final InstantSource clock;
  private final Exchange exchange;
  private final Queue<Order> orders = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<Inbound> inbox = new LinkedBlockingQueue<>(INBOX);
  private final Outbox outbox = new Outbox();
  private final Pace pace = new Pace();
  private final Thread thread;
  private final Sleeper sleeper;

  private long number;

  /** Whether the last word is said, or on its way. */
  private boolean closing;

  private volatile boolean ended;
  private volatile int endCode = ABNORMAL;
  private volatile @Nullable Instant writingSince;
  private volatile Sent sent = Sent.NOTHING;
  private volatile long roundTripNanos = -1;

  Courier(
      Socket socket,
      Reception reception,
      ClientObserver observer,
      InstantSource clock,
      ExchangeFactory exchange) {
    this.socket = socket;
    this.reception = reception;
    this.observer = observer;
    this.clock = clock;
    this.thread = Thread.ofVirtual().unstarted(this::run);
    this.sleeper = new Sleeper(thread);
    this.exchange = exchange.create(outbox, sleeper::wake);
  }

  /** What went to the socket. */
  record Sent(long messages, long bytes) {
    static final Sent NOTHING = new Sent(0, 0);

    private Sent and(int moreMessages, long moreBytes) {
      return new Sent(messages + moreMessages, bytes + moreBytes);
    }
  }

  /** Makes what carries the words between the client and the gateway. */
  interface ExchangeFactory {
    Exchange create(Outbox outbox, Runnable wake);
  }

  void start(long connection) {
    number = connection;
    thread.setName("courier-" + connection);
    thread.start();
  }

  Exchange exchange() {
    return exchange;
  }

  /** Tells it what to do next. Any thread; never blocks. */
  void tell(Order order) {
    orders.add(order);
    sleeper.wake();
  }

  /** Hands it what the client said; waits while it has too much to do already. Any thread. */
  void hand(Inbound inbound) throws InterruptedException {
    while (!ended && !inbox.offer(inbound, 100, TimeUnit.MILLISECONDS)) {
      // Again: the courier may have ended meanwhile, and then nobody takes anything any more.
    }
    sleeper.wake();
  }

  /** An answer to a ping came. Any thread. */
  void answered(byte[] payload) {
    if (payload.length == Long.BYTES) {
      long nanos = System.nanoTime() - ByteBuffer.wrap(payload).getLong();
      if (nanos >= 0) { // else it was none of our pings
        roundTripNanos = nanos;
      }
    }
  }

  /** How the end is counted, if the client heard no other word. Any thread. */
  void endsFor(int code) {
    if (endCode == ABNORMAL) {
      endCode = code;
    }
  }

  /** Ends the courier after the write that is under way. Any thread. */
  void end() {
    ended = true;
    sleeper.wake();
  }

  /** Waits until the courier has ended by itself. */
  void awaitEnd(Duration patience) throws InterruptedException {
    thread.join(patience);
  }

  /** When the present write began; nothing when there is none. */
  Optional<Instant> writingSince() {
    return Optional.ofNullable(writingSince);
  }

  /** What was written so far. */
  Sent sent() {
    return sent;
  }

  /** From the last ping that was answered to its answer; nothing before the first. */
  Optional<Duration> roundTrip() {
    long nanos = roundTripNanos;
    return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  private void run() {
    try {
      while (!ended) {
        Instant now = clock.instant();
        takeOrders(now);
        takeInbox(now);
        if (!closing
            && outbox.isEmpty()
            && !fill(now)
            && sleeper.sleepUnless(exchange::hangOn, this::hasWork, () -> untilNext(now))) {
          continue;
        }
        flush();
        ended |= closing;
      }
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the socket is gone", e);
      reception.socketLost(number);
    } catch (RuntimeException e) {
      // A bug of ours: this connection ends loudly, the others live on.
      LOG.log(System.Logger.Level.ERROR, "courier " + thread.getName() + " cannot go on", e);
      reception.socketLost(number);
      socket.abort();
    } finally {
      ended = true;
      exchange.close();
      observer.disconnected(endCode);
    }
  }

  private boolean hasWork() {
    return ended || !orders.isEmpty() || !inbox.isEmpty() || fill(clock.instant());
  }

  /** Fills the outbox; whether there is something to write. */
  private boolean fill(Instant now) {
    if (exchange.fill(WRITE_BYTES, pace.takesTooLittle(now), now)) {
      CloseReason slow =
          new CloseReason(CloseCode.SLOW_CONSUMER, "the socket took too little for too long");
      reception.endRequested(number, slow);
      takeOrders(now);
    }
    return !outbox.isEmpty();
  }

  private void takeOrders(Instant now) {
    for (Order order = orders.poll(); order != null && !closing; order = orders.poll()) {
      switch (order) {
        case Order.Welcome welcome -> exchange.welcome(welcome, now);
        case Order.Ping ping -> outbox.add(ping());
        case Order.Bye(CloseReason reason) -> bye(reason);
        case Order.AnswerClose(int code) -> answerClose(code);
        case Order.Release release -> exchange.close();
      }
    }
  }

  /** It says when it was sent, and so does its answer. */
  private static Frame ping() {
    byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(System.nanoTime()).array();
    return Frame.of(Frame.PING, payload);
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
        case Inbound.Broken(CloseReason why) -> reception.endRequested(number, why);
        case Inbound.Closed(int code) -> reception.peerClosed(number, code);
      }
      takeOrders(now); // what follows from it comes before what is heard next
    }
  }

  private void hear(ClientMessageReader.Read said, Instant now) {
    switch (said) {
      case ClientMessageReader.Read.Garbage(String reason) ->
          reception.endRequested(number, new CloseReason(CloseCode.PROTOCOL_ERROR, reason));
      case ClientMessageReader.Read.Message(Hello hello) -> exchange.hello(number, hello);
      case ClientMessageReader.Read.Message(ClientMessage early) when !exchange.greeted() ->
          reception.requestHeard(number);
      case ClientMessageReader.Read.Message(ClientMessage message) -> exchange.hear(message, now);
      case ClientMessageReader.Read.Refused early
          when !exchange.greeted() && !early.type().equals("hello") ->
          reception.requestHeard(number);
      case ClientMessageReader.Read.Refused refused -> exchange.refuse(refused);
    }
  }

  private void bye(CloseReason reason) {
    int code = reason.code().code();
    outbox.add(
        MessageEncoder.encode(new Bye(code, reason.text(), reason.retryIn(), reason.resumable())));
    outbox.add(Frame.close(code, reason.text()));
    endCode = code;
    closing = true;
  }

  private void answerClose(int code) {
    outbox.add(Frame.close(code, ""));
    endsFor(code);
    closing = true;
  }

  private void flush() {
    if (outbox.isEmpty()) {
      return;
    }
    Instant began = clock.instant();
    writingSince = began;
    socket.write(outbox.frames());
    writingSince = null;
    Instant now = clock.instant();
    pace.wrote(began, now);
    sent = sent.and(outbox.frames().size(), outbox.bytes());
    observer.written(outbox.frames().size(), outbox.bytes());
    Instant newest = outbox.newest();
    if (newest != null) {
      observer.delivered(Duration.between(newest, now));
    }
    outbox.clear();
    exchange.flushed();
    if (closing) {
      reception.closeWritten(number);
    }
  }

  /** Nanoseconds until there is something to do although nobody says so. */
  private long untilNext(Instant now) {
    Duration until = exchange.deadline().map(at -> Duration.between(now, at)).orElse(LONGEST_SLEEP);
    return (until.compareTo(LONGEST_SLEEP) < 0 ? until : LONGEST_SLEEP).toNanos();
  }
}
