package io.tycostream.simulation;

import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.replica.LoopLimits;
import io.tycostream.domain.replica.ReplicaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What kind of world it is, drawn from its seed so that extremes occur.
 *
 * @param dialect how the database tells what happens
 * @param replicas of the database, which gateways fail over to
 * @param gateways how many nodes
 * @param tables how many tables, each of which every gateway has as a source
 * @param clients how many at a time
 * @param maxConnections of one gateway
 * @param activeMicros how long things happen and break, before everything is given time to heal
 * @param writeEveryMicros between two transactions, on average
 * @param largestDeeds rows of an ordinary transaction, at most
 * @param keys how many ids there are
 * @param firstTime where the database's own clock begins: also beyond what a signed number holds
 * @param history what a gateway keeps
 * @param keepsPast whether a gateway that is started again can be told of the time before
 * @param maxRows of a source
 * @param maxBytes of a source, of its rows and of those that wait in an open moment
 * @param maxMarkBytes of the feeds of a source
 * @param patientClients whether clients bear it to begin anew again and again
 * @param latencyMicros of a network, on average
 * @param socketMessages how many messages are in flight or unread before a writer has to wait
 * @param rowsPerPart of a snapshot or a batch
 * @param heartbeat between two pings of a gateway
 * @param sessionTtl how long a gateway keeps the session of a client that is gone
 * @param requestsPerSecond of one connection, in the long run
 * @param requestBurst requests of one connection at once
 * @param credentialsLast how long a client's credentials are good; nothing for ever
 * @param databaseFaultMicros between two faults on the database's side, on average
 * @param clientFaultMicros between two faults on the clients' side, on average
 * @param rareMicros between two events of the rare kind: other definitions, other histories
 */
record Shape(
    Dialect dialect,
    int replicas,
    int gateways,
    int tables,
    int clients,
    int maxConnections,
    long activeMicros,
    long writeEveryMicros,
    int largestDeeds,
    int keys,
    long firstTime,
    HistoryLimits history,
    boolean keepsPast,
    long maxRows,
    long maxBytes,
    long maxMarkBytes,
    boolean patientClients,
    long latencyMicros,
    int socketMessages,
    int rowsPerPart,
    Duration heartbeat,
    Duration sessionTtl,
    int requestsPerSecond,
    int requestBurst,
    Optional<Duration> credentialsLast,
    long databaseFaultMicros,
    long clientFaultMicros,
    long rareMicros) {

  /** More than any world comes to. */
  static final long UNLIMITED = 1L << 28;

  /** More of the same teaches nothing new. */
  private static final long MOST_WRITES = 500;

  static Shape draw(World world) {
    boolean isLong = world.chance(0.01);
    List<Long> firstTimes =
        List.of(1L, 1_000L, Long.MAX_VALUE - 500, Long.MIN_VALUE + 10_000, -100_000L);
    int clients = (int) world.between(1, isLong ? 2 : 5);
    int keys = world.pick(List.of(2, 5, 12));
    long writeEvery =
        (isLong ? 3_000 : world.pick(List.of(30L, 100L, 300L, 2_000L))) * World.MILLISECOND;
    long active = isLong ? 900 : world.between(8, 40);
    return new Shape(
        world.pick(List.of(Dialect.values())),
        isLong ? 1 : world.pick(List.of(0, 1, 2)),
        (int) world.between(1, isLong ? 1 : 3),
        (int) world.between(1, isLong ? 1 : 3),
        clients,
        clients + world.below(2 * clients),
        Math.min(active * World.SECOND, MOST_WRITES * writeEvery),
        writeEvery,
        world.pick(List.of(1, 3, 6)),
        keys,
        world.pick(firstTimes),
        new HistoryLimits(
            world.pick(List.of(0L, 3L, 15L, 60L, 5_000L)),
            Duration.ofSeconds(world.pick(List.of(2L, 10L, 3_600L))),
            world.pick(List.of(1_500L, 20_000L, UNLIMITED))),
        world.chance(0.85),
        world.chance(0.85) ? 10_000 : world.between(3, keys + 1),
        world.chance(0.97) ? 1L << 20 : 2_500,
        world.pick(List.of(0L, 200L, UNLIMITED, UNLIMITED)),
        world.chance(0.8),
        world.pick(List.of(1L, 20L, 200L)) * World.MILLISECOND,
        world.pick(List.of(1, 4, 32)),
        (int) world.between(1, 5),
        Duration.ofSeconds(world.between(2, 15)),
        Duration.ofSeconds(world.pick(List.of(0L, 5L, 60L))),
        world.pick(List.of(2, 5, 1_000, 1_000)),
        world.pick(List.of(3, 20, 1_000)),
        world.chance(0.8)
            ? Optional.empty()
            : Optional.of(Duration.ofSeconds(world.between(5, 30))),
        (isLong ? 400 : world.pick(List.of(1L, 5L, 20L, 1_000L))) * World.SECOND,
        (isLong ? 200 : world.pick(List.of(1L, 4L, 15L, 1_000L))) * World.SECOND,
        (isLong ? 1_000 : world.pick(List.of(5L, 20L, 1_000L))) * World.SECOND);
  }

  /** Whether it lasts long enough to go back to a primary that is well again. */
  boolean isLong() {
    return activeMicros > 600 * World.SECOND;
  }

  /** So few rows are within the limits of a source, whatever they are. */
  int fewRows() {
    return (int) Math.min(maxRows, maxBytes / 800);
  }

  /** Whether a client that asks without pause can ask more than it may. */
  boolean isRateFelt() {
    return requestsPerSecond < 100 && requestBurst < 100;
  }

  /** How a client keeps its connection. */
  ReplicaSettings client() {
    ReplicaSettings usual = ReplicaSettings.DEFAULT;
    LoopLimits patient =
        new LoopLimits(10_000, 10_000, usual.loops().window(), usual.loops().pause());
    return patientClients
        ? new ReplicaSettings(usual.backoff(), usual.connectTimeout(), patient)
        : usual;
  }
}
