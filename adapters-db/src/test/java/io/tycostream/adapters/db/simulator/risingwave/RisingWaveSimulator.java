package io.tycostream.adapters.db.simulator.risingwave;

import io.tycostream.adapters.db.simulator.wire.Backend;
import io.tycostream.adapters.db.simulator.wire.Report;
import io.tycostream.adapters.db.simulator.wire.Session;
import io.tycostream.adapters.db.simulator.wire.Startup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The database. Put it behind a {@code WireServer}. */
public final class RisingWaveSimulator implements Backend {

  /** 2026-01-01T00:00:00Z. */
  public static final long START = 1_767_225_600_000L;

  private static final long BEGINNING = 1_617_235_200_000L;

  /** An epoch is committed so long after it began, and bears the time when it began. */
  private static final long COMMIT_MILLIS = 300;

  private final Dialect dialect;
  final ReentrantLock lock = new ReentrantLock();
  final Condition changed = lock.newCondition();
  private final Set<CursorSession> sessions = ConcurrentHashMap.newKeySet();
  private final List<SimulatedTable> tables = new ArrayList<>();
  private final List<SimulatedSubscription> subscriptions = new ArrayList<>();
  private final TreeSet<Long> epochs = new TreeSet<>();
  private String clusterId = "5a4c9b1e-3f60-4a6e-9d51-1c1f1f0a0001";
  private long now = START;
  private long committed = START;
  private OptionalLong held = OptionalLong.empty();
  private OptionalLong foreign = OptionalLong.empty();
  private long clockOffset;
  private int ids = 1_000;
  private int tooLarge;
  private boolean hummockHidden;
  private Optional<String> clusterIdRefusal = Optional.empty();
  private volatile Duration second = Duration.ofMillis(5);
  private volatile int cutFetch = Integer.MAX_VALUE;
  private Runnable beforeFetch = () -> {};

  public RisingWaveSimulator(Dialect dialect) {
    this.dialect = dialect;
  }

  public RisingWaveSimulator() {
    this(Dialect.CURRENT);
  }

  // What a test does.

  /** How long a second of a FETCH's timeout really takes; 5 ms at first. */
  public void second(Duration real) {
    second = real;
  }

  /** A FETCH brings no more rows than this, whatever was asked for. */
  public void cutFetchesAt(int rows) {
    cutFetch = rows;
  }

  /**
   * Makes a table or a materialized view with at least one column; without a column of the primary
   * key it has a hidden row-id.
   */
  public void create(String qualified, boolean view, SimulatedColumn... columns) {
    locked(() -> {
      List<SimulatedColumn> all = new ArrayList<>(List.of(columns));
      if (all.stream().noneMatch(SimulatedColumn::primaryKey)) {
        all.add(new SimulatedColumn("_row_id", "int8", true, false, false));
      }
      int dot = qualified.indexOf('.');
      tables.add(
          new SimulatedTable(
              ids++, qualified.substring(0, dot), qualified.substring(dot + 1), view, now, all));
    });
  }

  /** A table. */
  public void create(String qualified, SimulatedColumn... columns) {
    create(qualified, false, columns);
  }

  /** Drops a table and its subscriptions. */
  public void dropTable(String qualified) {
    locked(() -> {
      SimulatedTable table = table(qualified);
      subscriptions.removeIf(each -> each.table() == table);
      table.dropped = true;
      table.log.clear();
    });
  }

  public void addColumn(String qualified, SimulatedColumn column) {
    locked(() -> table(qualified).add(column));
  }

  public void dropColumn(String qualified, String column) {
    locked(() -> table(qualified).drop(column));
  }

  /** Makes a subscription in the schema of its table; its log begins now. */
  public void subscribe(String name, String qualified, Duration retention) {
    locked(() -> subscribe(name, table(qualified), retention.toMillis()));
  }

  /** Drops a subscription; with the last one of a table its log is gone. */
  public void unsubscribe(String name) {
    locked(() -> {
      SimulatedSubscription dropped = subscription(name, Optional.empty()).orElseThrow();
      subscriptions.remove(dropped);
      if (subscriptions.stream().noneMatch(each -> each.table() == dropped.table())) {
        dropped.table().logging = false;
        dropped.table().log.clear();
      }
    });
  }

  /** What the transaction does to tables. */
  public final class Transaction {

    private Transaction() {}

    /** Inserts, or updates the row with the same primary key. */
    public Transaction put(String qualified, @Nullable String... values) {
      table(qualified).put(values);
      return this;
    }

    /**
     * Deletes the row with this primary key, or one copy of the row; nothing if it is not there.
     */
    public Transaction remove(String qualified, @Nullable String... values) {
      table(qualified).remove(values);
      return this;
    }

    /** Updates one copy of a row of a table without a primary key. */
    public Transaction replace(
        String qualified, @Nullable String[] before, @Nullable String[] after) {
      table(qualified).replace(before, after);
      return this;
    }
  }

  /**
   * One epoch, a millisecond after the one before at least.
   *
   * @return its time
   */
  public long commit(Consumer<Transaction> work) {
    return locked(() -> {
      now = Math.max(now, committed + 1);
      work.accept(new Transaction());
      tables.forEach(table -> table.commit(now));
      committed = now;
      epochs.add(now);
      truncateByRetention();
      return now;
    });
  }

  /** Time passes, and an epoch in which nothing happened is committed. */
  public void advance(Duration duration) {
    locked(() -> {
      now += duration.toMillis();
    });
    commit(nothing -> {});
  }

  /** Time passes, and nothing is committed. */
  public void advanceOnly(Duration duration) {
    locked(() -> {
      now += duration.toMillis();
    });
  }

  /** The frontend is told of no epoch from now on. */
  public void holdFrontend() {
    locked(() -> {
      held = OptionalLong.of(committed);
    });
  }

  /** The frontend is told of everything. */
  public void releaseFrontend() {
    locked(() -> {
      held = OptionalLong.empty();
    });
  }

  /** Another database of the cluster is so far ahead with its commits. */
  public void foreignDatabaseAhead(Duration ahead) {
    locked(() -> {
      foreign = OptionalLong.of(ahead.toMillis());
    });
  }

  /** The frontend's clock goes wrong by so much; negative when it is slow. */
  public void frontendClockOffset(Duration offset) {
    locked(() -> {
      clockOffset = offset.toMillis();
    });
  }

  /** So many cursors are refused, as by a frontend whose clock is slow. */
  public void refuseAsTooLarge(int times) {
    locked(() -> {
      tooLarge = times;
    });
  }

  boolean takeTooLarge() {
    return tooLarge-- > 0;
  }

  /** Alters how long a subscription keeps its log; a cursor that is there goes on as before. */
  public void keep(String name, Duration retention) {
    locked(() -> keep(name, retention.toMillis()));
  }

  /** {@code rw_catalog.rw_hummock_snapshot} may not be read. */
  public void hideHummock() {
    locked(() -> {
      hummockHidden = true;
    });
  }

  /** {@code rw_cluster_id()} fails so; nothing for an answer as always. */
  public void refuseClusterId(Optional<String> error) {
    locked(() -> {
      clusterIdRefusal = error;
    });
  }

  /** The log through this time is gone. */
  public void truncateLog(String qualified, long through) {
    locked(() -> table(qualified).log.headMap(through, true).clear());
  }

  /** One epoch of the log is gone, as it never should be. */
  public void forget(String qualified, long time) {
    locked(() -> {
      table(qualified).log.remove(time);
    });
  }

  /** All cursors are gone, as after the recovery of the cluster; sessions stay. */
  public void loseCursors() {
    locked(() -> sessions.forEach(CursorSession::loseCursors));
  }

  /** The cluster is another one, with the same tables. */
  public void otherCluster() {
    locked(() -> {
      clusterId = "5a4c9b1e-3f60-4a6e-9d51-1c1f1f0a0002";
    });
  }

  /** Done by the next FETCH, once, before it looks; the simulator is not locked then. */
  public void beforeNextFetch(Runnable action) {
    locked(() -> {
      beforeFetch = action;
    });
  }

  // What a test looks at.

  /** The time of the database, in milliseconds. */
  public long now() {
    return locked(() -> now);
  }

  /** How far everything is committed, in milliseconds. */
  public long committed() {
    return locked(() -> committed);
  }

  /** The visible rows of a table at a time. */
  public List<List<@Nullable String>> state(String qualified, long time) {
    return locked(() -> table(qualified).rows(time));
  }

  /** What changed after one time and up to another, whether it is logged or not. */
  public List<LogEntry> changes(String qualified, long after, long through) {
    return locked(() -> table(qualified).changes(after, through));
  }

  /** Subscriptions by name that exist. */
  public List<String> subscriptions() {
    return locked(() -> subscriptions.stream().map(SimulatedSubscription::name).toList());
  }

  // What sessions use, most of it with the lock held.

  @Override
  public Session open(Startup startup) {
    CursorSession session = new CursorSession(this);
    sessions.add(session);
    return session;
  }

  void closed(CursorSession session) {
    sessions.remove(session);
  }

  Dialect dialect() {
    return dialect;
  }

  Duration second() {
    return second;
  }

  int cutFetch() {
    return cutFetch;
  }

  Runnable takeBeforeFetch() {
    Runnable action = beforeFetch;
    beforeFetch = () -> {};
    return action;
  }

  static long epoch(long millis) {
    return (millis - BEGINNING) << 16;
  }

  /** How far the frontend knows the tables of this database to be committed. */
  long view() {
    return Math.min(committed, held.orElse(committed));
  }

  /** The newest commit of any table that the frontend knows of. */
  long frontendNow() {
    return view() + foreign.orElse(0);
  }

  /** The newest commit of any table. */
  long newest() {
    return committed + foreign.orElse(0);
  }

  long frontendClock() {
    return now + COMMIT_MILLIS + clockOffset;
  }

  Optional<String> clusterIdRefusal() {
    return clusterIdRefusal;
  }

  boolean hummockHidden() {
    return hummockHidden;
  }

  String clusterId() {
    return clusterId;
  }

  List<SimulatedTable> tables() {
    return tables.stream().filter(table -> !table.dropped).toList();
  }

  SimulatedTable table(String qualified) {
    return tables.stream()
        .filter(each -> each.isNamed(qualified))
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException(qualified));
  }

  void subscribe(String name, SimulatedTable table, long retentionMillis) {
    if (subscription(name, Optional.of(table.schema)).isPresent()) {
      throw Report.error("42710", "subscription with name " + name + " exists").refusal();
    }
    subscriptions.add(new SimulatedSubscription(ids++, name, table, retentionMillis, now));
    table.logging = true;
  }

  void keep(String name, long retentionMillis) {
    SimulatedSubscription known = subscription(name, Optional.empty()).orElseThrow();
    subscriptions.replaceAll(each -> each.equals(known) ? known.keeping(retentionMillis) : each);
  }

  Optional<SimulatedSubscription> subscription(String name, Optional<String> schema) {
    return subscriptions.stream()
        .filter(each -> each.name().equals(name))
        .filter(each -> schema.isEmpty() || each.table().schema.equals(schema.get()))
        .findFirst();
  }

  SimulatedSubscription requireSubscription(String name, String schema) {
    return subscription(name, Optional.of(schema))
        .orElseThrow(() ->
            Report.error(
                    "42704",
                    "Failed to run the query\n\n"
                        + "Caused by:\n"
                        + "  Catalog error: subscription not found: "
                        + name)
                .refusal());
  }

  private void truncateByRetention() {
    for (SimulatedTable table : tables) {
      subscriptions.stream()
          .filter(each -> each.table() == table)
          .mapToLong(SimulatedSubscription::retentionMillis)
          .max()
          .ifPresent(kept -> table.log.headMap(committed - kept, false).clear());
    }
  }

  <T> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      changed.signalAll();
      lock.unlock();
    }
  }

  private void locked(Runnable work) {
    boolean unused =
        locked(() -> {
          work.run();
          return true;
        });
  }

  @Override
  public String toString() {
    return "RisingWave at " + committed + ", epochs " + epochs.size();
  }
}
