package io.tycostream.adapters.ws;

import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.WaitingRoom;
import io.tycostream.domain.source.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The WebSocket endpoint {@link #PATH}, and all who are connected to it.
 *
 * <p>A thread of its own looks at the clock for all connections.
 */
public final class Gateway implements AutoCloseable {

  /** Where the endpoint is. */
  public static final String PATH = "/v1/stream";

  private static final System.Logger LOG = System.getLogger(Gateway.class.getName());

  private static final Duration CLOCK_EVERY = Duration.ofMillis(100);
  private static final Duration RING_EVERY = Duration.ofMinutes(1);

  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final GatewaySettings settings;
  private final Authenticator authenticator;
  private final ClientObserver observer;
  private final InstantSource clock;
  private final Feeds feeds;
  private final WaitingRoom room;
  private final ResumeTokens tokens;
  private final Reception reception;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("connections").daemon().factory());
  private final List<ScheduledFuture<?>> looks;

  /**
   * @param clock must not go backwards
   */
  public Gateway(
      Collection<Source> sources,
      GatewaySettings settings,
      Authenticator authenticator,
      ClientObserver observer,
      InstantSource clock) {
    sources.forEach(each -> this.sources.put(each.name(), each));
    ClientLimits limits = settings.limits();
    this.settings = settings;
    this.authenticator = authenticator;
    this.observer = observer;
    this.clock = clock;
    this.feeds = new Feeds(limits.maxMessage());
    this.room = new WaitingRoom(limits.maxWaiting());
    this.tokens = new ResumeTokens(settings.resumeSecret());
    this.reception = new Reception(limits.times(), limits.sessions(), clock);
    this.looks =
        List.of(
            every(CLOCK_EVERY, reception::lookAtTheClock),
            // A source that has nothing to say any more would keep the ropes of those who are gone.
            every(RING_EVERY, () -> this.sources.values().forEach(Source::wakeAll)));
  }

  /** One that fails now is not to keep the next from being done. */
  private ScheduledFuture<?> every(Duration time, Runnable look) {
    return watch.scheduleWithFixedDelay(
        () -> {
          try {
            look.run();
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "looking after the connections", e);
          }
        },
        time.toMillis(),
        time.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** How Helidon takes connections: HTTP/1.1, of which some become WebSockets of this gateway. */
  public ServerConnectionSelector connections() {
    Upgrade upgrade = new Upgrade(this);
    return Http1ConnectionSelector.builder()
        .config(Http1Config.create())
        .addUpgraders(upgrade.spellings())
        .build();
  }

  /** Those who are connected now, and those whose sessions wait for them. */
  public List<ConnectedClient> clients() {
    Instant now = now();
    List<ConnectedClient> clients = new ArrayList<>();
    for (Connection each : reception.connections()) {
      clients.add(ConnectedClient.of(each, reception.state(each.number()), now));
    }
    reception.detached().forEach(each -> clients.add(ConnectedClient.of(each)));
    return clients;
  }

  /** How many are connected. */
  public int connected() {
    return reception.connections().size();
  }

  /** How many sessions wait for their clients. */
  public int detached() {
    return reception.detachedCount();
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
    reception.drain(spread, ThreadLocalRandom.current().nextDouble());
    Instant giveUpAt = now().plus(patience);
    for (Connection connection : reception.connections()) {
      Duration left = Duration.between(now(), giveUpAt);
      if (left.isPositive()) {
        connection.awaitEnd(left);
      }
    }
  }

  /** Cuts what is left. */
  @Override
  public void close() {
    looks.forEach(look -> look.cancel(true));
    watch.shutdown();
    reception.drain(Duration.ZERO, 0); // who comes now is sent away
    for (Connection connection : reception.connections()) {
      connection.cut(Optional.empty());
      connection.over();
    }
  }

  Reception reception() {
    return reception;
  }

  Authenticator authenticator() {
    return authenticator;
  }

  ResumeTokens tokens() {
    return tokens;
  }

  Feeds feeds() {
    return feeds;
  }

  ClientObserver observer() {
    return observer;
  }

  String node() {
    return settings.node();
  }

  ClientLimits limits() {
    return settings.limits();
  }

  Set<String> origins() {
    return settings.origins();
  }

  Instant now() {
    return clock.instant();
  }

  Courier courier(Socket socket, Optional<String> credentials) {
    return new Courier(
        socket,
        reception,
        observer,
        clock,
        (outbox, wake) -> new Exchange(this, credentials, outbox, conversation(wake)));
  }

  private Conversation conversation(Runnable wake) {
    return new Conversation(
        sources, limits().conversation(room), feed -> feeds.of(feed).id(), wake, now());
  }
}
