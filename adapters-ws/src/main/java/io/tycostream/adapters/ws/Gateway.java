package io.tycostream.adapters.ws;

import io.helidon.webserver.websocket.WsRouting;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.WaitingRoom;
import io.tycostream.domain.source.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The WebSocket endpoint {@code /v1/stream}, and all who are connected to it.
 *
 * <p>Once a second it looks after the connections: an end without a close frame, a client that went
 * silent, and one that does not close are noticed there.
 */
public final class Gateway implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(Gateway.class.getName());

  private static final Duration WATCH_EVERY = Duration.ofSeconds(1);
  private static final Duration RING_EVERY = Duration.ofMinutes(1);

  /** When a client that found the gateway full comes back. */
  private static final Duration FULL_RETRY = Duration.ofSeconds(5);

  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final String node;
  private final ClientLimits limits;
  private final Set<String> origins;
  private final ClientObserver observer;
  private final InstantSource clock;
  private final Feeds feeds;
  private final WaitingRoom room;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("connections").daemon().factory());
  private final ScheduledFuture<?> watching;
  private volatile boolean draining;
  private volatile Duration drainSpread = Duration.ZERO;
  private Instant nextRing = Instant.MIN; // the watch's own

  /**
   * @param node the name of this node, told to clients
   * @param origins of browsers' pages that may connect, besides the gateway's own
   * @param clock must not go backwards
   */
  public Gateway(
      Collection<Source> sources,
      String node,
      ClientLimits limits,
      Set<String> origins,
      ClientObserver observer,
      InstantSource clock) {
    sources.forEach(each -> this.sources.put(each.name(), each));
    this.node = node;
    this.limits = limits;
    this.origins = Set.copyOf(origins);
    this.observer = observer;
    this.clock = clock;
    this.feeds = new Feeds(limits.maxMessage());
    this.room = new WaitingRoom(limits.maxWaiting());
    this.watching =
        watch.scheduleWithFixedDelay(
            this::lookAfterConnections,
            WATCH_EVERY.toMillis(),
            WATCH_EVERY.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Where Helidon finds the endpoint. */
  public WsRouting.Builder routing() {
    return WsRouting.builder()
        .endpoint("/v1/stream", () -> new Connection(this, UUID.randomUUID().toString()));
  }

  /** Those who are connected now. */
  public List<ConnectedClient> clients() {
    return connections.stream().map(ConnectedClient::of).toList();
  }

  /** Subscriptions that wait for sources which have no rows yet. */
  public int waiting() {
    return room.taken();
  }

  /**
   * Says goodbye to everybody and waits for them to go.
   *
   * @param spread over which the clients are asked to come back, so that they do not come at once
   * @param patience how long to wait for clients that do not take the goodbye
   */
  public void drain(Duration spread, Duration patience) throws InterruptedException {
    drainSpread = spread;
    draining = true;
    connections.forEach(this::dismiss);
    Instant giveUpAt = now().plus(patience);
    for (Connection connection : connections) {
      Duration left = Duration.between(now(), giveUpAt);
      if (left.isPositive()) {
        connection.awaitGoodbye(left);
      }
    }
  }

  /** Cuts what is left. */
  @Override
  public void close() {
    draining = true;
    watching.cancel(true);
    watch.shutdown();
    connections.forEach(Connection::cut);
  }

  ClientLimits limits() {
    return limits;
  }

  Set<String> origins() {
    return origins;
  }

  Instant now() {
    return clock.instant();
  }

  Courier courier(String session, Socket socket) {
    return new Courier(
        "courier-" + session,
        socket,
        limits,
        observer,
        clock,
        (outbox, wake) ->
            new Exchange(welcome(session), outbox, conversation(wake), feeds, observer));
  }

  private Conversation conversation(Runnable wake) {
    return new Conversation(
        sources,
        new Conversation.Limits(
            limits.maxSubscriptions(),
            room,
            limits.requestPatience(),
            limits.buffers(),
            Duration.ofSeconds(30)),
        feed -> feeds.of(feed).id(),
        wake,
        now());
  }

  void opened(Connection connection) {
    connections.add(connection);
    if (draining) {
      dismiss(connection);
    } else if (connections.size() > limits.maxConnections()) {
      connection.end(
          CloseCode.TOO_MANY,
          "this gateway has " + limits.maxConnections() + " connections, its limit",
          Optional.of(FULL_RETRY));
    }
  }

  /** The client has left in due form: its place is free at once. */
  void closed(Connection connection) {
    connections.remove(connection);
  }

  private void dismiss(Connection connection) {
    long spread = Math.max(1, drainSpread.toMillis());
    Duration retryIn = Duration.ofMillis(ThreadLocalRandom.current().nextLong(spread));
    connection.end(CloseCode.DRAINING, CloseCode.DRAINING.text(), Optional.of(retryIn));
  }

  /** This version keeps no sessions: clients resume by position, which does the same work. */
  private Welcome welcome(String session) {
    return new Welcome(
        session,
        Optional.empty(),
        false,
        limits.heartbeat(),
        Duration.ZERO,
        node,
        new Limits(
            limits.maxMessage(),
            limits.maxRequest(),
            limits.maxSubscriptions(),
            (int) Math.min(limits.buffers().maxSize(), Integer.MAX_VALUE)));
  }

  private void lookAfterConnections() {
    Instant now = now();
    if (now.isAfter(nextRing)) {
      // A source that has nothing to say any more would keep the ropes of those who are gone.
      nextRing = now.plus(RING_EVERY);
      sources.values().forEach(Source::wakeAll);
    }
    connections.removeIf(connection -> isOver(connection, now));
  }

  private static boolean isOver(Connection connection, Instant now) {
    try {
      return connection.isOver(now);
    } catch (RuntimeException e) {
      // One connection must not keep the others from being looked after.
      LOG.log(System.Logger.Level.WARNING, "looking after " + connection.session(), e);
      return false;
    }
  }
}
