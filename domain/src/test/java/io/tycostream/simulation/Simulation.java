package io.tycostream.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One world from its seed to its end: a time in which things happen and break, and a time in which
 * nothing breaks any more and everybody has to come to the present state of the database.
 */
public final class Simulation {

  /**
   * Waits of all kinds end within this: slow retries, backoffs, heartbeats, one after the other.
   */
  private static final long HEALING = 300 * World.SECOND;

  private static final long MOST_STEPS = 2_000_000;

  private final long seed;
  private final Trace trace;
  private final World world;
  private final Shape shape;
  private final Network network;
  private final SimDatabase database;
  private final List<DatabaseServer> servers = new ArrayList<>();
  private final Permissions permissions = new Permissions();
  private final Tokens tokens = new Tokens();
  private final List<SimGateway> gateways = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final Faults faults;
  private final AtomicLong steps;
  private boolean quiet;

  private Simulation(long seed, Trace trace, AtomicLong steps) {
    this.seed = seed;
    this.steps = steps;
    this.trace = trace;
    this.world = new World(seed, trace);
    this.shape = Shape.draw(world);
    this.network = new Network(world, shape.latencyMicros());
    world.say("world", shape.toString());
    this.database = new SimDatabase(world, shape);
    servers.add(new DatabaseServer(world, database, "primary", false));
    for (int i = 0; i < shape.replicas(); i++) {
      servers.add(new DatabaseServer(world, database, "replica" + i, true));
    }
    for (int i = 0; i < shape.gateways(); i++) {
      gateways.add(
          new SimGateway(
              world, shape, network, "g" + i, servers, database.tables(), permissions, tokens));
    }
    for (int i = 0; i < shape.clients(); i++) {
      clients.add(new SimClient(world, database, "c" + i, shape, network, gateways));
    }
    this.faults = new Faults(world, shape, database, servers, gateways, clients, permissions);
  }

  /** Tells the story of a seed. */
  public static Outcome run(long seed) {
    return run(seed, new AtomicLong());
  }

  /**
   * The same.
   *
   * @param steps counts them, for another thread that watches
   */
  static Outcome run(long seed, AtomicLong steps) {
    return new Simulation(seed, Trace.quiet(), steps).run();
  }

  /** Tells the story of a seed, line by line while it happens. */
  public static Outcome run(long seed, Consumer<String> listener) {
    return run(seed, listener, new AtomicLong());
  }

  /**
   * The same.
   *
   * @param steps counts them, for another thread that watches
   */
  static Outcome run(long seed, Consumer<String> listener, AtomicLong steps) {
    return new Simulation(seed, Trace.to(listener), steps).run();
  }

  /** What was not as it is promised in the story of a seed. */
  static Optional<String> violation(long seed) {
    return run(seed).violation();
  }

  private Outcome run() {
    Optional<String> violation = Optional.empty();
    try {
      begin();
      happenUntil(shape.activeMicros());
      heal();
      settle();
    } catch (Violation found) {
      violation = Optional.of(Objects.requireNonNullElse(found.getMessage(), "no words for it"));
    } catch (RuntimeException | AssertionError | StackOverflowError bug) {
      violation = Optional.of("the code threw " + describe(bug));
    }
    violation.ifPresent(what -> world.say("VIOLATION", what));
    world.tally().lasted(world.now());
    return new Outcome(seed, violation, trace.hash(), world.tally(), trace.lines());
  }

  private void begin() {
    gateways.forEach(SimGateway::start);
    for (SimClient client : clients) {
      client.startAfter(world.around(World.SECOND));
    }
    planWrite();
    faults.start();
    if (shape.isLong()) {
      world.after(5 * World.SECOND, () -> servers.getFirst().restart(20 * World.SECOND));
    }
  }

  private void planWrite() {
    world.after(
        world.around(shape.writeEveryMicros()),
        () -> {
          if (!quiet) {
            write();
            planWrite();
          }
        });
  }

  private void write() {
    if (world.chance(0.15)) {
      database.pass();
    } else {
      database.write(world.chance(0.02) ? 30 : 1 + world.below(shape.largestDeeds()));
    }
  }

  private void happenUntil(long micros) {
    while (world.now() < micros) {
      step();
    }
  }

  /** Nothing breaks any more, and what is broken works again. */
  private void heal() {
    world.say("world", "faults stop");
    quiet = true;
    faults.stop();
    network.heal();
    servers.forEach(DatabaseServer::heal);
    gateways.forEach(SimGateway::heal);
    clients.forEach(SimClient::heal);
    database.shrink(shape.fewRows());
    database.pass();
  }

  private void settle() {
    long until = world.now() + HEALING;
    Optional<String> unsettled = whyNotSettled();
    while (unsettled.isPresent()) {
      if (world.now() > until) {
        throw new Violation("after " + HEALING / World.SECOND + " s: " + unsettled.get());
      }
      long next = world.now() + World.SECOND / 2;
      while (world.now() < next) {
        step();
      }
      unsettled = whyNotSettled();
    }
  }

  private Optional<String> whyNotSettled() {
    return clients.stream().map(SimClient::whyNotSettled).flatMap(Optional::stream).findFirst();
  }

  private void step() {
    steps.lazySet(world.tally().steps());
    if (!world.step()) {
      throw new Violation("nothing is going to happen any more");
    }
    gateways.forEach(SimGateway::check);
    if (world.tally().steps() > MOST_STEPS) {
      throw new Violation("a world that does not come to an end");
    }
  }

  private static String describe(Throwable bug) {
    StackTraceElement[] frames = bug.getStackTrace();
    StringBuilder text = new StringBuilder(bug.toString());
    for (int i = 0; i < Math.min(6, frames.length); i++) {
      text.append(" at ").append(frames[i]);
    }
    return text.toString();
  }
}
