package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.session.BufferTerms;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.Grant;
import io.tycostream.domain.session.Introduction;
import io.tycostream.domain.session.RequestRate;
import io.tycostream.domain.session.Resumption;
import io.tycostream.domain.session.Session;
import io.tycostream.domain.session.SessionEffect;
import io.tycostream.domain.session.SessionInvariants;
import io.tycostream.domain.session.SessionLimits;
import io.tycostream.domain.session.SessionOrder;
import io.tycostream.domain.session.SessionSettings;
import io.tycostream.domain.session.SessionState;
import io.tycostream.domain.session.Sessions;
import io.tycostream.domain.session.Settings;
import io.tycostream.domain.session.Signs;
import io.tycostream.domain.session.WaitingRoom;
import io.tycostream.domain.source.Generation;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.source.SourceSnapshot;
import io.tycostream.domain.source.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A gateway node: real sources, streams that feed them, and the clients that are connected. */
final class SimGateway {

  static final int MAX_SUBSCRIPTIONS = 20;

  /** Readers are busy with so many snapshots of a source, and one of a shape that is new. */
  private static final int MAX_SNAPSHOTS = 4 + 1;

  /** How long a subscription waits for a source that is not ready. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  /** How long a socket may take too little for a full buffer. */
  private static final Duration SUSTAINED = Duration.ofSeconds(3);

  private static final CloseReason GREEDY =
      new CloseReason(CloseCode.TOO_MANY, "too many requests", Optional.of(RequestRate.PATIENCE));

  private static final BufferTerms BUFFERS =
      new BufferTerms(Buffer.DEFAULT, 100_000, Duration.ofMinutes(1));

  /** Room for all. */
  private final WaitingRoom room = new WaitingRoom(1_000);

  private final World world;
  private final Shape shape;
  private final Network network;
  private final String name;
  private final List<DatabaseServer> servers;
  private final List<String> tables;
  private final Permissions permissions;
  private final Tokens tokens;
  private final Map<Long, GatewayConnection> connections = new TreeMap<>();
  private final Map<String, Source> sources = new LinkedHashMap<>();

  /** By table and epoch, since when. */
  private final Map<String, Map<String, Long>> epochsSeen = new LinkedHashMap<>();

  private final Map<String, List<Beginning>> loads = new LinkedHashMap<>();
  private final List<Upstream> upstreams = new ArrayList<>();

  /** By identity, and never iterated. */
  private final IdentityHashMap<Feed, Integer> numbers = new IdentityHashMap<>();

  private SessionInvariants checked;
  private Sessions sessions;
  private Instant wakeAt = Instant.MAX;
  private long lastConnection;
  private int life;
  private boolean up;
  private boolean healed;

  SimGateway(
      World world,
      Shape shape,
      Network network,
      String name,
      List<DatabaseServer> servers,
      List<String> tables,
      Permissions permissions,
      Tokens tokens) {
    this.world = world;
    this.shape = shape;
    this.network = network;
    this.name = name;
    this.servers = servers;
    this.tables = tables;
    this.permissions = permissions;
    this.tokens = tokens;
    this.checked = noSessions();
    this.sessions = checked.sessions();
  }

  private SessionInvariants noSessions() {
    return new SessionInvariants(
        new SessionSettings(
            Duration.ofSeconds(10), shape.heartbeat(), Duration.ofSeconds(2), shape.sessionTtl()),
        new SessionLimits(
            shape.maxConnections(),
            shape.clients(),
            SessionLimits.MAX_DETACHED_BYTES,
            MAX_SUBSCRIPTIONS,
            Duration.ofSeconds(2)),
        false); // at one time anything may come first
  }

  String name() {
    return name;
  }

  /** From now on credentials are good for ever. */
  void heal() {
    healed = true;
  }

  boolean isUp() {
    return up;
  }

  void start() {
    life++;
    up = true;
    wakeAt = Instant.MAX;
    checked = noSessions();
    sessions = checked.sessions();
    for (String table : tables) {
      SourceLimits limits =
          new SourceLimits(
              shape.history(), shape.maxRows(), shape.maxBytes(), shape.maxMarkBytes());
      loads.put(table, new ArrayList<>());
      epochsSeen.put(table, new HashMap<>());
      sources.put(table, new Source(table, limits, world.instant()));
    }
    List<Source> all = List.copyOf(sources.values());
    if (shape.dialect() == Dialect.TRANSACTIONS) {
      follow(all);
    } else {
      all.forEach(source -> follow(List.of(source)));
    }
    tick(life);
  }

  private void follow(List<Source> followed) {
    Upstream upstream = new Upstream(world, this, servers, followed, network, shape);
    upstreams.add(upstream);
    upstream.start();
  }

  private void tick(int ofLife) {
    if (life == ofLife && up) {
      sources.values().forEach(source -> source.tick(world.instant()));
      List.copyOf(connections.values()).forEach(GatewayConnection::measure);
      world.after(World.SECOND, () -> tick(ofLife));
    }
  }

  /** Whether a source was ever of this epoch since the gateway was started. */
  boolean hasSeen(String table, String epoch) {
    return hadSeen(table, epoch, world.now());
  }

  /** Whether it was so at a time of the world. */
  boolean hadSeen(String table, String epoch, long micros) {
    return epochsSeen.getOrDefault(table, Map.of()).getOrDefault(epoch, Long.MAX_VALUE) <= micros;
  }

  /** How the connection of a source stands. */
  SourceState state(String source) {
    return Objects.requireNonNull(sources.get(source)).state();
  }

  /** All rows were read. */
  void loaded(String table, Beginning beginning) {
    loads.computeIfAbsent(table, first -> new ArrayList<>()).add(beginning);
    epochsSeen
        .computeIfAbsent(table, first -> new HashMap<>())
        .putIfAbsent(beginning.rows().epoch(), world.now());
  }

  /**
   * Where what is known of a table begins, when that is all of one piece and all of it is there:
   * rows were read once, nothing has left the log, and feeds may mark all of it.
   */
  Optional<Beginning> whole(String table) {
    List<Beginning> all = loads.getOrDefault(table, List.of());
    boolean isThere =
        Objects.requireNonNull(sources.get(table))
            .generation()
            .filter(generation -> generation.log().floor() == 0)
            .isPresent();
    return all.size() == 1 && isThere && shape.maxMarkBytes() == Shape.UNLIMITED
        ? Optional.of(all.getFirst())
        : Optional.empty();
  }

  /** Whether all rows were read anew behind a position and at or before another. */
  boolean hasLoadedBetween(String table, Position before, Position now) {
    return loads.getOrDefault(table, List.of()).stream()
        .map(Beginning::rows)
        .filter(at -> at.epoch().equals(now.epoch()))
        .anyMatch(at ->
            Long.compareUnsigned(at.time(), before.time()) > 0
                && Long.compareUnsigned(at.time(), now.time()) <= 0);
  }

  /** The number of a feed. */
  int number(Feed feed) {
    Integer known = numbers.get(feed);
    if (known == null) {
      known = numbers.size() + 1;
      numbers.put(feed, known);
    }
    return known;
  }

  Conversation conversation(Runnable wake) {
    Conversation.Limits limits =
        new Conversation.Limits(
            MAX_SUBSCRIPTIONS, Long.MAX_VALUE, room, PATIENCE, BUFFERS, SUSTAINED);
    return new Conversation(Map.copyOf(sources), limits, this::number, wake, world.instant());
  }

  /** What a client may see of all tables. */
  Grant grant(String client) {
    return permissions.grant(client, tables);
  }

  /**
   * The permissions of a client are other ones: its connections are told, or have to begin anew.
   */
  void permissionsChanged(String client) {
    boolean inPlace = world.chance(0.5);
    for (GatewayConnection each : List.copyOf(connections.values())) {
      if (each.client().equals(client)) {
        if (inPlace) {
          each.permit(grant(client));
        } else {
          CloseReason reason = new CloseReason(CloseCode.TIMEOUT, "other permissions");
          perform(checked.endRequested(each.id(), reason, world.instant()));
        }
      }
    }
  }

  /** An operator asks to try again now what failed. */
  void retry() {
    upstreams.forEach(Upstream::retry);
  }

  /** Takes a connection; nothing when there is nobody. */
  Optional<GatewayConnection> accept(Socket socket) {
    if (!up) {
      return Optional.empty();
    }
    GatewayConnection connection =
        new GatewayConnection(world, this, ++lastConnection, shape, socket);
    connections.put(connection.id(), connection);
    perform(checked.connected(connection.id(), world.instant()));
    return Optional.of(connection);
  }

  void greeted(GatewayConnection from, ClientMessage.Hello hello) {
    Introduction introduction =
        new Introduction(
            name + "-" + life + "-" + from.id(),
            from.client(),
            healed ? Optional.empty() : shape.credentialsLast().map(world.instant()::plus),
            tokens.read(presented(from, hello)),
            new Settings(hello.client(), hello.acks(), hello.buffer()));
    perform(checked.greeted(from.id(), introduction, world.instant()));
  }

  /** Now and then somebody presents the token of another one, which must help nobody. */
  private Optional<String> presented(GatewayConnection from, ClientMessage.Hello hello) {
    if (healed || hello.resume().isEmpty() || world.chance(0.95)) {
      return hello.resume();
    }
    return tokens
        .ofAnother(from.client())
        .map(token -> {
          world.fault(from.client(), "presents the token of another one");
          world.rare(Rare.TOKEN_OF_ANOTHER);
          return token;
        })
        .or(hello::resume);
  }

  /** Its client took too little for too long. */
  void endSlow(GatewayConnection slow) {
    CloseReason reason = new CloseReason(CloseCode.SLOW_CONSUMER);
    perform(checked.endRequested(slow.id(), reason, world.instant()));
  }

  /** Its client asked too much for too long. */
  void endGreedy(GatewayConnection greedy) {
    perform(checked.endRequested(greedy.id(), GREEDY, world.instant()));
  }

  void requestHeard(GatewayConnection from) {
    perform(checked.requestHeard(from.id(), world.instant()));
  }

  void subscribed(GatewayConnection from, ClientMessage.Subscribe wanted) {
    sessions.subscribed(from.id(), wanted);
  }

  void ended(GatewayConnection from, String ref) {
    sessions.ended(from.id(), ref);
  }

  void revived(GatewayConnection from, String ref) {
    sessions.revived(from.id(), ref);
  }

  void unsubscribed(GatewayConnection from, String ref) {
    sessions.unsubscribed(from.id(), ref);
  }

  void closeWritten(GatewayConnection from) {
    perform(checked.closeWritten(from.id(), world.instant()));
  }

  void peerClosed(GatewayConnection from, int code) {
    perform(checked.peerClosed(from.id(), code, world.instant()));
  }

  void socketLost(GatewayConnection from) {
    connections.remove(from.id());
    perform(checked.socketLost(from.id(), world.instant()));
  }

  private void perform(List<SessionOrder> orders) {
    for (SessionOrder order : orders) {
      GatewayConnection connection = connections.get(order.connection());
      if (connection != null) {
        perform(connection, order.effect());
      }
    }
    planDeadline();
  }

  private void perform(GatewayConnection connection, SessionEffect effect) {
    switch (effect) {
      case SessionEffect.SendWelcome(Resumption resumption) ->
          connection.welcome(welcome(connection, resumption), sessions.session(connection.id()));
      case SessionEffect.SendPing ping -> connection.ping();
      case SessionEffect.SendBye(CloseReason reason) -> {
        world.say(name, "says bye to " + connection.client() + ": " + reason.text());
        if (reason.code() == CloseCode.TAKEN_OVER) {
          world.rare(Rare.TAKEOVER);
        } else if (reason.code() == CloseCode.TIMEOUT) {
          world.rare(Rare.SILENT_CLIENT);
        } else if (reason.code() == CloseCode.UNAUTHENTICATED) {
          world.rare(Rare.CREDENTIALS_ENDED);
        } else if (reason.code() == CloseCode.TOO_MANY && !reason.equals(GREEDY)) {
          world.rare(Rare.TOO_MANY_CONNECTIONS);
        }
        connection.bye(reason);
      }
      case SessionEffect.AnswerClose(int code) -> connection.answerClose(code);
      case SessionEffect.AbortSocket abort -> {
        connections.remove(connection.id());
        connection.abort();
      }
      case SessionEffect.ReleaseCursors release -> connection.release();
      case SessionEffect.Forget(CloseReason reason) -> {}
    }
  }

  private ServerMessage.Welcome welcome(GatewayConnection connection, Resumption resumption) {
    return new ServerMessage.Welcome(
        name + "-" + connection.id(),
        sessions.ticket(connection.id()).map(tokens::of),
        resumption.resumed(),
        shape.heartbeat(),
        shape.sessionTtl(),
        name,
        new ServerMessage.Limits(1 << 18, 1 << 16, MAX_SUBSCRIPTIONS, 100_000));
  }

  private void planDeadline() {
    int planned = life;
    sessions
        .deadline()
        .filter(deadline -> deadline.isBefore(wakeAt))
        .ifPresent(deadline -> {
          wakeAt = deadline;
          world.at(
              deadline,
              () -> {
                if (life == planned && up && deadline.equals(wakeAt)) {
                  wakeAt = Instant.MAX;
                  perform(checked.deadlineReached(world.instant(), this::signs));
                }
              });
        });
  }

  private Signs signs(long connection) {
    GatewayConnection there = connections.get(connection);
    return there == null ? new Signs(Instant.EPOCH, Optional.empty()) : there.signs();
  }

  /** Everything in memory is lost; it comes back after a while. */
  void crash(long downMicros) {
    world.fault(name, "crashes, down for " + downMicros / 1_000 + " ms");
    stop(downMicros);
  }

  /** Sends its clients away and stops; it comes back after a while. */
  void drain(long downMicros) {
    world.fault(name, "drains, down for " + downMicros / 1_000 + " ms");
    world.rare(Rare.DRAIN);
    Duration spread = Duration.ofMillis(world.between(0, 5_000));
    perform(checked.drain(spread, world.unit(), world.instant()));
    int drained = life;
    world.after(
        3 * World.SECOND,
        () -> {
          if (life == drained && up) {
            stop(downMicros);
          }
        });
  }

  private void stop(long downMicros) {
    up = false;
    List.copyOf(connections.values()).forEach(GatewayConnection::die);
    connections.clear();
    upstreams.forEach(Upstream::die);
    upstreams.clear();
    world.after(
        downMicros,
        () -> {
          world.say(name, "is there again");
          world.rare(Rare.GATEWAY_RESTART);
          start();
        });
  }

  /** What must hold after every step. */
  void check() {
    for (Source source : sources.values()) {
      source.generation().ifPresent(there -> checkLog(source.name(), there));
      checkHands(source.name());
    }
    upstreams.forEach(Upstream::check);
    if (up) {
      connections.values().forEach(this::check);
      if (sessions.detached() > shape.clients()) {
        throw new Violation(name + " keeps " + sessions.detached() + " detached sessions");
      }
    }
  }

  private void check(GatewayConnection connection) {
    connection.check();
    if (sessions.state(connection.id()).filter(SessionState.Open.class::isInstance).isEmpty()) {
      return;
    }
    Session session =
        sessions
            .session(connection.id())
            .orElseThrow(() ->
                new Violation(name + " serves " + connection.client() + " without a session"));
    if (!session.principal().equals(connection.client())) {
      throw new Violation(
          name + " serves " + connection.client() + " the session of " + session.principal());
    }
  }

  /** What was merged for clients alone is bounded, but for the first of them. */
  private void checkHands(String table) {
    checkSnapshots(table);
    LongSummaryStatistics inHand =
        connections.values().stream()
            .flatMapToLong(connection -> connection.mergedInHand(table))
            .summaryStatistics();
    if (inHand.getCount() > 1 && inHand.getSum() > shape.history().maxBytes()) {
      throw new Violation(
          name
              + " has "
              + inHand.getCount()
              + " merged batches of "
              + table
              + " in hand, of "
              + inHand.getSum()
              + " bytes");
    }
  }

  private void checkSnapshots(String table) {
    Set<SourceSnapshot> inHand = Collections.newSetFromMap(new IdentityHashMap<>());
    connections.values().forEach(connection -> inHand.addAll(connection.snapshotsInHand(table)));
    if (inHand.size() > MAX_SNAPSHOTS) {
      throw new Violation(name + " has " + inHand.size() + " snapshots of " + table + " in hand");
    }
  }

  private void checkLog(String table, Generation generation) {
    long tails = generation.log().tailBytes();
    if (tails > shape.history().maxBytes() || tails < 0) {
      throw new Violation(name + " keeps tails of " + tails + " bytes of " + table);
    }
    if (generation.markBytes() > shape.maxMarkBytes() || generation.markBytes() < 0) {
      throw new Violation(
          name + " keeps marks of " + generation.markBytes() + " bytes of " + table);
    }
    long events = generation.log().events();
    long bytes = generation.log().bytes();
    if (events > shape.history().maxEvents() || bytes > shape.history().maxBytes()) {
      throw new Violation(
          name
              + " keeps "
              + events
              + " changes and "
              + bytes
              + " bytes of "
              + table
              + ", over "
              + shape.history());
    }
  }
}
