package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Faults;
import io.tycostream.adapters.db.simulator.wire.Report;
import io.tycostream.adapters.db.simulator.wire.ServerConnection;
import io.tycostream.adapters.db.simulator.wire.Session;
import io.tycostream.adapters.db.simulator.wire.Startup;
import io.tycostream.adapters.db.simulator.wire.TransactionStatus;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A simulated Materialize that listens on loopback. It begins with an empty catalogue, a cluster
 * {@code quickstart} with one replica, the clock at 0 and errors of the newest generation.
 *
 * <p>Times are unsigned 64-bit numbers and move only when a test moves them; FETCH time-outs alone
 * are in real time.
 */
public final class MaterializeSimulator implements AutoCloseable {

  public static final String DATABASE = "materialize";
  public static final String SCHEMA = "public";
  public static final String CLUSTER = "quickstart";

  private static final Set<String> RESERVED = Set.of("mz_system", "mz_support");

  private final Model model = new Model();
  private final SystemCatalog catalog = new SystemCatalog(model);
  private final List<WireServer> endpoints = new CopyOnWriteArrayList<>();

  private MaterializeSimulator() {
    model.clusters.put(CLUSTER, 1);
  }

  /** Listens on a free port. */
  public static MaterializeSimulator start() {
    MaterializeSimulator simulator = new MaterializeSimulator();
    simulator.endpoint();
    return simulator;
  }

  /** The first endpoint. */
  public WireServer server() {
    return endpoints.getFirst();
  }

  /** The faults of the first endpoint. */
  public Faults faults() {
    return server().faults();
  }

  /** Another address of the same database, with faults of its own. */
  public WireServer endpoint() {
    WireServer server = WireServer.listening(this::open);
    endpoints.add(server);
    return server;
  }

  /** For pgjdbc, without a user. */
  public String jdbcUrl() {
    return "jdbc:postgresql://" + server().host() + ":" + server().port() + "/" + DATABASE;
  }

  // --- time ---

  /** What {@code mz_now()} says. */
  public long clock() {
    return model.read(() -> model.clock);
  }

  public void clock(long time) {
    model.change(() -> model.clock = time);
  }

  /**
   * Time goes on by so many milliseconds, and with it the upper frontier of every object, to just
   * after the clock, unless it is stalled, has ended or is there already.
   */
  public void tick(long milliseconds) {
    model.change(() -> {
      model.clock += milliseconds;
      for (MzObject object : model.catalogue.all()) {
        TimeLine timeLine = object.timeLine();
        boolean moves = !object.stalled() && !timeLine.ended();
        if (moves && MzTime.before(timeLine.upper(), model.clock + 1)) {
          timeLine.advance(model.clock + 1);
        }
      }
    });
  }

  // --- catalogue ---

  /** A table in {@code materialize.public}. */
  public MzObject table(String name, MzColumn... columns) {
    return create(DATABASE, SCHEMA, name, "table", List.of(columns));
  }

  public MzObject materializedView(String name, MzColumn... columns) {
    return create(DATABASE, SCHEMA, name, "materialized-view", List.of(columns));
  }

  /** A view over constants: its upper frontier is empty from the beginning. */
  public MzObject constantView(String name, List<MzColumn> columns, List<MzRow> rows) {
    MzObject view = create(DATABASE, SCHEMA, name, "view", columns, new TimeLine(0));
    model.change(() -> {
      rows.forEach(row -> view.timeLine().write(0, row, 1));
      view.timeLine().end();
    });
    return view;
  }

  /**
   * An object without rows, whose history begins now.
   *
   * @param type as {@code mz_objects.type}: table, source, view, materialized-view, index, sink
   * @throws IllegalArgumentException if the name is taken
   */
  public MzObject create(
      String database, String schema, String name, String type, List<MzColumn> columns) {
    return create(database, schema, name, type, columns, new TimeLine(clock()));
  }

  /** The object of this name in {@code materialize.public}. */
  public MzObject object(String name) {
    return model
        .read(() -> model.catalogue.byName(DATABASE, SCHEMA, name))
        .orElseThrow(() -> new IllegalArgumentException("no object " + name));
  }

  /** DROP: whoever is subscribed hears it. */
  public void drop(MzObject object) {
    model.change(() -> {
      if (!model.catalogue.remove(object)) {
        throw new IllegalArgumentException(object + " is gone already");
      }
      Report dropped = MaterializeErrors.dropped(model.generation, "relation", object.fullName());
      subscribers(object).forEach(subscription -> subscription.fail(dropped));
    });
  }

  /** Drops it and creates one of the same name, with the same columns, no rows and a new id. */
  public MzObject recreate(MzObject object) {
    return recreate(object, object.columns());
  }

  /** As {@link #recreate(MzObject)} with other columns: how a schema changes. */
  public MzObject recreate(MzObject object, List<MzColumn> columns) {
    drop(object);
    return create(object.database(), object.schema(), object.name(), object.type(), columns);
  }

  /** What {@code mz_environment_id()} says; another one is another database. */
  public void environment(String id) {
    model.change(() -> model.environment = id);
  }

  public String environment() {
    return model.read(() -> model.environment);
  }

  /** What {@code mz_version()} and the parameter mz_version say; new sessions hear the latter. */
  public void version(String text) {
    model.change(() -> model.version = text);
  }

  /**
   * Answers queries with this tag ({@code /* name:word *}{@code / SELECT …}, in which a column's
   * alias chooses), or queries of this relation alone. Rows are asked for under the model's lock.
   *
   * @param tagOrTable a tag has a colon; a relation is named without its schema
   */
  public void answer(String tagOrTable, CatalogRows rows) {
    model.change(() -> catalog.put(tagOrTable, rows));
  }

  // --- clusters ---

  /** A cluster with so many replicas; it may exist. With none, what runs on it falls silent. */
  public void cluster(String name, int replicas) {
    model.change(() -> model.clusters.put(name, replicas));
  }

  public void dropCluster(String name) {
    model.change(() -> {
      model.clusters.remove(name);
      Report dropped = MaterializeErrors.dropped(model.generation, "cluster", name);
      model.subscriptions.stream()
          .filter(subscription -> subscription.cluster().equals(name))
          .forEach(subscription -> subscription.fail(dropped));
    });
  }

  // --- what goes wrong ---

  /** How errors are worded from now on. */
  public void generation(Generation generation) {
    model.change(() -> model.generation = generation);
  }

  /** The next SUBSCRIBE fails as it starts: a COPY at once, a cursor at its first FETCH. */
  public void failNextStart(Report report) {
    model.change(() -> model.startFailures.addLast(report));
  }

  /** The next statement whose text contains {@code part} fails. */
  public void failNextStatement(String part, Report report) {
    beforeNextStatement(
        part,
        () -> {
          throw report.refusal();
        });
  }

  /** Happens when the next statement whose text contains {@code part} has come. */
  public void beforeNextStatement(String part, Runnable action) {
    model.change(() -> model.traps.add(new Model.Trap(part, action)));
  }

  /** The next SUBSCRIBE begins later than it should. */
  public void nextStartLater(long milliseconds) {
    model.change(() -> model.nextStartLater = milliseconds);
  }

  /** All running SUBSCRIBEs fail now; a FATAL report ends their connections. */
  public void failStreams(Report report) {
    model.change(() -> model.subscriptions.forEach(subscription -> subscription.fail(report)));
  }

  /** The running SUBSCRIBEs of one object fail now. */
  public void failStreams(MzObject object, Report report) {
    model.change(() -> subscribers(object).forEach(subscription -> subscription.fail(report)));
  }

  /** A batch, also a snapshot, whose rows have more bytes is an error. */
  public void maxResultSize(long bytes) {
    model.change(() -> model.maxResultSize = OptionalLong.of(bytes));
  }

  /**
   * Whether a SUBSCRIBE gets what there is when it starts as one batch. Otherwise in the batches in
   * which it was written. Both happen: after a resume progress rows differ, updates do not.
   */
  public void historyInOneBatch(boolean so) {
    model.change(() -> model.historyInOneBatch = so);
  }

  /**
   * 28000 {@code authentication expired} for every session: those that stream hear it at once, the
   * others with their next message.
   */
  public void expireAuthentication() {
    failStreams(MaterializeErrors.authenticationExpired());
    tellIdle(connection -> true, MaterializeErrors.authenticationExpired());
  }

  /**
   * 25P03 for every session that waits inside a transaction and has not switched it off: it hears
   * that at once, and its connection ends with its next message.
   */
  public void expireIdleTransactions() {
    tellIdle(
        connection ->
            connection.transaction() != TransactionStatus.IDLE
                && connection.session().orElse(null) instanceof MaterializeSession session
                && session.variables().endsIdleTransactions(),
        MaterializeErrors.idleInTransaction());
  }

  /** environmentd dies and is back at once: connections are cut without a word, data stays. */
  public void restart() {
    endpoints.forEach(WireServer::cutAll);
  }

  /** Does not listen any more; all connections are cut without a word. */
  public void stop() {
    endpoints.forEach(WireServer::stopListening);
    endpoints.forEach(WireServer::cutAll);
  }

  /** Listens again, on the same ports. */
  public void resume() {
    endpoints.forEach(WireServer::listen);
  }

  // --- what is going on ---

  /** The texts of all statements so far, in the order in which they began. */
  public List<String> statements() {
    return model.read(() -> List.copyOf(model.statements));
  }

  /**
   * What a setting is in each session that is open now.
   *
   * @param streaming of those in the middle of a stream, or of the others
   */
  public List<String> settings(String variable, boolean streaming) {
    return endpoints.stream()
        .flatMap(server -> server.connections().stream())
        .filter(connection -> connection.isStreaming() == streaming)
        .flatMap(connection -> connection.session().stream())
        .map(session -> ((MaterializeSession) session).variables().get(variable))
        .toList();
  }

  /** SUBSCRIBEs that are running now. */
  public int subscriptions() {
    return model.read(() -> model.subscriptions.size());
  }

  /** SUBSCRIBEs of this object that are running now. */
  public int subscriptions(MzObject object) {
    return model.read(() -> subscribers(object).size());
  }

  /**
   * Waits until so many SUBSCRIBEs of the object run.
   *
   * @return whether it came to that in time
   */
  public boolean awaitSubscriptions(MzObject object, int count, Duration atMost) {
    return await(() -> subscribers(object).size() == count, atMost);
  }

  /**
   * Waits until every SUBSCRIBE of the object, and at least one, was handed everything before the
   * object's upper frontier; it may not have been sent yet.
   *
   * @return whether it came to that in time
   */
  public boolean awaitCaughtUp(MzObject object, Duration atMost) {
    return await(
        () ->
            !subscribers(object).isEmpty()
                && subscribers(object).stream().allMatch(Subscription::isAtUpper),
        atMost);
  }

  /** Mistakes of the simulator itself; a test should find none. */
  public List<Throwable> failures() {
    List<Throwable> failures = new ArrayList<>();
    endpoints.forEach(server -> failures.addAll(server.failures()));
    return failures;
  }

  @Override
  public void close() {
    endpoints.forEach(WireServer::close);
  }

  private MzObject create(
      String database,
      String schema,
      String name,
      String type,
      List<MzColumn> columns,
      TimeLine timeLine) {
    return model.read(() -> {
      String id = model.catalogue.nextId();
      MzObject object = new MzObject(model, id, database, schema, name, type, columns, timeLine);
      model.catalogue.add(object);
      return object;
    });
  }

  private Session open(Startup startup) {
    if (RESERVED.contains(startup.user())) {
      throw MaterializeErrors.reservedUser(startup.user()).refusal();
    }
    return new MaterializeSession(model, catalog, startup);
  }

  private void tellIdle(Predicate<ServerConnection> which, Report report) {
    for (WireServer server : endpoints) {
      server.connections().stream()
          .filter(connection -> connection.session().isPresent())
          .filter(connection -> connection.running().isEmpty())
          .filter(which)
          .forEach(connection -> connection.tell(report));
    }
  }

  private boolean await(Supplier<Boolean> condition, Duration atMost) {
    return model.await(OptionalLong.of(System.nanoTime() + atMost.toNanos()), condition);
  }

  private List<Subscription> subscribers(MzObject object) {
    return model.subscriptions.stream()
        .filter(subscription -> subscription.object() == object)
        .toList();
  }
}
