package io.tycostream.client.testing;

import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Claim;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.ResumeTicket;
import io.tycostream.domain.session.SessionEffect;
import io.tycostream.domain.session.SessionLimits;
import io.tycostream.domain.session.SessionOrder;
import io.tycostream.domain.session.SessionState;
import io.tycostream.domain.session.Sessions;
import io.tycostream.domain.session.Signs;
import io.tycostream.domain.session.WaitingRoom;
import io.tycostream.domain.source.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all connections share, and the one lock that guards everything: whoever holds it sees the
 * whole gateway stand still. Nobody holds it while he reads or writes a socket.
 */
final class Hub {

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  /** What the definitions of one connection's subscriptions may take, as in the gateway. */
  private static final long MAX_DEFINITION_BYTES = 1 << 20;

  private static final int MAX_WAITING = 1_000;

  /** Requests that are remembered for the test. */
  static final int MAX_HEARD = 10_000;

  final ReentrantLock lock = new ReentrantLock();

  /** Something happened that a test may be waiting for. */
  private final Condition happened = lock.newCondition();

  /** The next thing to do at its time may be another one. */
  private final Condition clockwork = lock.newCondition();

  final Settings settings;
  private final Executor threads;

  /** By this the sources go, which a test can put forward. */
  final TestClock dataClock = new TestClock();

  /** By this heartbeats and sessions go. */
  private final InstantSource clock = new TestClock();

  final Map<String, Source> sources = new LinkedHashMap<>();
  private final Map<Long, Peer> peers = new LinkedHashMap<>();
  private final Map<Feed, Integer> feedNumbers = new WeakHashMap<>();
  private final Map<String, ResumeTicket> tickets = new HashMap<>();
  private final WaitingRoom room = new WaitingRoom(MAX_WAITING);
  private final ArrayDeque<String> heard = new ArrayDeque<>();
  private Sessions sessions;
  private long lastConnection;
  private int lastFeed;
  private boolean closed;

  @Nullable String requiredToken;

  /** Whether nothing is written. */
  boolean holding;

  /**
   * @param threads that run what connections need; they end when it is closed
   */
  Hub(Settings settings, Executor threads) {
    this.settings = settings;
    this.threads = threads;
    this.sessions = freshSessions();
    threads.execute(this::lookAtTheClock);
  }

  /** Runs something on a thread of its own. */
  void start(Runnable something) {
    threads.execute(something);
  }

  private Sessions freshSessions() {
    return new Sessions(settings.times(), SessionLimits.DEFAULT);
  }

  /** Does something while everything stands still. */
  void run(Runnable something) {
    lock.lock();
    try {
      something.run();
      happened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Looks at something while everything stands still. */
  <T> T get(Supplier<T> something) {
    lock.lock();
    try {
      return something.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until something is so.
   *
   * @param otherwise what is said when it is not in time
   * @throws AssertionError when it is not
   */
  void await(BooleanSupplier condition, Duration patience, Supplier<String> otherwise) {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError(otherwise.get() + ", within " + patience);
        }
        left = happened.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting: " + otherwise.get(), e);
    } finally {
      lock.unlock();
    }
  }

  // From here on the caller holds the lock.

  Instant now() {
    return clock.instant();
  }

  Instant dataNow() {
    return dataClock.instant();
  }

  Conversation conversation(Runnable wake) {
    Conversation.Limits limits =
        new Conversation.Limits(
            settings.limits().maxSubscriptions(),
            MAX_DEFINITION_BYTES,
            room,
            settings.patience(),
            settings.buffers(),
            LONGEST_WAIT);
    return new Conversation(sources, limits, this::number, wake, dataNow());
  }

  private int number(Feed feed) {
    return feedNumbers.computeIfAbsent(feed, fresh -> ++lastFeed);
  }

  /** A connection has become a WebSocket; false when the gateway is closed. */
  boolean connected(Peer peer) {
    if (closed) {
      return false;
    }
    long number = ++lastConnection;
    peer.begin(number);
    peers.put(number, peer);
    perform(number, sessions.connected(number, now()));
    return true;
  }

  Sessions sessions() {
    return sessions;
  }

  /** The connections that were welcomed. */
  List<Peer> greeted() {
    return peers.values().stream().filter(Peer::greeted).toList();
  }

  List<Peer> peers() {
    return List.copyOf(peers.values());
  }

  List<String> heard() {
    return List.copyOf(heard);
  }

  void hear(String text) {
    if (heard.size() == MAX_HEARD) {
      heard.removeFirst();
    }
    heard.add(text);
    happened.signalAll();
  }

  /** Somebody may be waiting for this. */
  void somethingHappened() {
    happened.signalAll();
  }

  String token(ResumeTicket ticket) {
    String token = UUID.randomUUID().toString();
    tickets.put(token, ticket);
    return token;
  }

  Claim claim(Optional<String> token) {
    if (token.isEmpty()) {
      return new Claim.Nothing();
    }
    ResumeTicket ticket = tickets.get(token.get());
    return ticket == null ? new Claim.Unreadable() : new Claim.Presented(ticket);
  }

  void endRequested(long connection, CloseReason reason) {
    perform(connection, sessions.endRequested(connection, reason, now()));
  }

  void socketLost(long connection) {
    perform(connection, sessions.socketLost(connection, now()));
  }

  /** All connections are cut, in this moment. */
  void cutAll() {
    for (Peer peer : peers()) {
      peer.cut();
      socketLost(peer.number());
    }
  }

  /** Sessions, tokens and the numbers of feeds are forgotten, and the connections gone. */
  void restart() {
    cutAll();
    sessions = freshSessions();
    tickets.clear();
    feedNumbers.clear();
    for (Peer peer : peers()) {
      peer.over();
    }
    peers.clear();
  }

  void close() {
    closed = true;
    restart();
    clockwork.signalAll();
  }

  /** What follows from an event of one connection, whose socket may be gone without an order. */
  void perform(long told, List<SessionOrder> orders) {
    perform(orders);
    letGo(told);
  }

  private void perform(List<SessionOrder> orders) {
    for (SessionOrder order : orders) {
      Peer peer = peers.get(order.connection());
      if (peer != null) {
        perform(peer, order);
      }
    }
    orders.forEach(order -> letGo(order.connection()));
    clockwork.signalAll();
    happened.signalAll();
  }

  private void perform(Peer peer, SessionOrder order) {
    switch (order.effect()) {
      case SessionEffect.SendWelcome(var resumption) ->
          peer.welcome(
              resumption,
              sessions.session(order.connection()).orElseThrow(),
              sessions.ticket(order.connection()));
      case SessionEffect.SendPing ping -> peer.ping();
      case SessionEffect.SendBye(CloseReason reason) -> peer.bye(reason);
      case SessionEffect.AnswerClose(int code) -> peer.answerClose(code);
      case SessionEffect.ReleaseCursors release -> peer.release();
      case SessionEffect.AbortSocket abort -> peer.cut();
      case SessionEffect.Forget forget -> {}
    }
  }

  /** A connection without a socket is none any more, whatever becomes of its session. */
  private void letGo(long connection) {
    boolean hasSocket =
        sessions
            .state(connection)
            .filter(state ->
                switch (state) {
                  case SessionState.Greeting greeting -> true;
                  case SessionState.Open open -> true;
                  case SessionState.Closing closing -> true;
                  case SessionState.Detached detached -> false;
                  case SessionState.Closed over -> false;
                })
            .isPresent();
    if (!hasSocket) {
      Peer gone = peers.remove(connection);
      if (gone != null) {
        gone.over();
      }
    }
  }

  private void lookAtTheClock() {
    lock.lock();
    try {
      while (!closed) {
        Instant now = now();
        perform(sessions.deadlineReached(now, this::signs));
        Duration left =
            sessions
                .deadline()
                .map(at -> Duration.between(now, at))
                .filter(until -> until.compareTo(LONGEST_WAIT) < 0)
                .orElse(LONGEST_WAIT);
        clockwork.awaitNanos(Math.max(1, left.toNanos()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private Signs signs(long connection) {
    Peer peer = peers.get(connection);
    return peer == null ? new Signs(Instant.EPOCH, Optional.empty()) : peer.signs();
  }

  /** The code of an end that a test asks for. */
  static CloseCode closeCode(int code) {
    return CloseCode.of(code)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "a gateway does not close with "
                    + code
                    + ", but with one of "
                    + Arrays.stream(CloseCode.values()).map(CloseCode::code).toList()));
  }

  /** Time left, for a wait. */
  static long nanosUntil(Optional<Instant> deadline, Instant now) {
    Duration left = deadline.map(at -> Duration.between(now, at)).orElse(LONGEST_WAIT);
    Duration bounded = left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
    return Math.max(1, TimeUnit.NANOSECONDS.convert(bounded));
  }
}
