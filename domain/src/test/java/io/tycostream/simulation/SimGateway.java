package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.source.Generation;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A gateway node: real sources, a stream that feeds them, and the clients that are connected. */
final class SimGateway {

  private final World world;
  private final Shape shape;
  private final Network network;
  private final String name;
  private final DatabaseServer server;
  private final List<String> tables;
  private final List<GatewayConnection> connections = new ArrayList<>();
  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final Map<String, Set<String>> epochsSeen = new LinkedHashMap<>();
  private final Map<String, List<Position>> loads = new LinkedHashMap<>();
  private final Map<Feed, Integer> feeds = new LinkedHashMap<>();

  private final List<Upstream> upstreams = new ArrayList<>();
  private int lastFeed;
  private int life;
  private boolean up;

  SimGateway(
      World world,
      Shape shape,
      Network network,
      String name,
      DatabaseServer server,
      List<String> tables) {
    this.world = world;
    this.shape = shape;
    this.network = network;
    this.name = name;
    this.server = server;
    this.tables = tables;
  }

  String name() {
    return name;
  }

  boolean isUp() {
    return up;
  }

  void start() {
    life++;
    up = true;
    for (String table : tables) {
      SourceLimits limits = new SourceLimits(shape.history(), 10_000, 1L << 30);
      loads.put(table, new ArrayList<>());
      epochsSeen.put(table, new HashSet<>());
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
    Upstream upstream = new Upstream(world, this, server, followed, network, shape.dialect());
    upstreams.add(upstream);
    upstream.start();
  }

  private void tick(int ofLife) {
    if (life == ofLife && up) {
      sources.values().forEach(source -> source.tick(world.instant()));
      world.after(World.SECOND, () -> tick(ofLife));
    }
  }

  Source source(String table) {
    Source source = sources.get(table);
    if (source == null) {
      throw new IllegalArgumentException("no source is named " + table);
    }
    return source;
  }

  /** Whether a source was ever of this epoch since the gateway was started. */
  boolean hasSeen(String table, String epoch) {
    return seen(table).contains(epoch);
  }

  private Set<String> seen(String table) {
    return epochsSeen.computeIfAbsent(table, first -> new HashSet<>());
  }

  /** All rows were read at this position. */
  void loaded(String table, Position at) {
    loads.computeIfAbsent(table, first -> new ArrayList<>()).add(at);
    seen(table).add(at.epoch());
  }

  /** Whether all rows were read anew behind a position and at or before another. */
  boolean hasLoadedBetween(String table, Position before, Position now) {
    return loads.getOrDefault(table, List.of()).stream()
        .filter(at -> at.epoch().equals(now.epoch()))
        .anyMatch(at ->
            Long.compareUnsigned(at.time(), before.time()) > 0
                && Long.compareUnsigned(at.time(), now.time()) <= 0);
  }

  /** The number of a feed. */
  int feed(Feed feed) {
    Integer known = feeds.get(feed);
    if (known == null) {
      known = ++lastFeed;
      feeds.put(feed, known);
    }
    return known;
  }

  /** Takes a connection; false when there is nobody. */
  boolean accept(Socket socket, GatewayConnection connection) {
    if (up) {
      connections.add(connection);
      connection.begin(socket);
    }
    return up;
  }

  void ended(GatewayConnection connection) {
    connections.remove(connection);
  }

  /** Everything in memory is lost; it comes back after a while. */
  void crash(long downMicros) {
    world.fault(name, "crashes, down for " + downMicros / 1_000 + " ms");
    List.copyOf(connections).forEach(GatewayConnection::die);
    stop(downMicros);
  }

  /** Sends its clients away and stops; it comes back after a while. */
  void drain(long downMicros) {
    world.fault(name, "drains, down for " + downMicros / 1_000 + " ms");
    world.rare(Rare.DRAIN);
    for (GatewayConnection each : List.copyOf(connections)) {
      each.dismiss(CloseCode.DRAINING, Duration.ofMillis(world.between(0, 5_000)));
    }
    stop(downMicros);
  }

  private void stop(long downMicros) {
    up = false;
    connections.clear();
    feeds.clear();
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
    }
  }

  private void checkLog(String table, Generation generation) {
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
