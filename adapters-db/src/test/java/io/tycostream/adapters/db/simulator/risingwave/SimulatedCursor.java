package io.tycostream.adapters.db.simulator.risingwave;

import io.tycostream.adapters.db.simulator.risingwave.LogEntry.Op;
import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Report;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One cursor, in the states of RisingWave's {@code SubscriptionCursor}. Guarded by the simulator.
 */
final class SimulatedCursor {

  private enum State {
    INIT_SNAPSHOT,
    INIT_LOG,
    FETCH,
    INVALID
  }

  private final RisingWaveSimulator database;
  private final SimulatedSubscription subscription;
  private final SimulatedTable table;
  private final Deque<LogEntry> rows = new ArrayDeque<>();
  private State state;
  private boolean fromSnapshot;

  /** In milliseconds: looked for from here on, or of the rows that are being read. */
  private long seek;

  private long reading;
  private Optional<Long> expected = Optional.empty();
  private List<SimulatedColumn> columns;
  private long expiresAt;

  /**
   * @param since in milliseconds; nothing for all rows
   */
  SimulatedCursor(
      RisingWaveSimulator database, SimulatedSubscription subscription, Optional<Long> since) {
    this.database = database;
    this.subscription = subscription;
    this.table = subscription.table();
    this.columns = table.visible();
    this.expiresAt = database.now() + subscription.retentionMillis();
    this.seek = since.orElse(0L);
    this.state = State.INIT_LOG;
    if (since.isEmpty()) {
      state = State.INIT_SNAPSHOT;
      if (database.dialect() != Dialect.LAZY_SNAPSHOT) {
        takeSnapshot();
      }
    }
  }

  String name() {
    return subscription.name();
  }

  String state() {
    String next =
        expected.map(time -> "Some(" + RisingWaveSimulator.epoch(time) + ")").orElse("None");
    return switch (state) {
      case INIT_SNAPSHOT -> "InitSnapshotQuery";
      case INIT_LOG ->
          "InitLogStoreQuery { seek_timestamp: %d, expected_timestamp: %s }"
              .formatted(RisingWaveSimulator.epoch(seek) + (fromSnapshot ? 1 : 0), next);
      case FETCH ->
          ("Fetch { from_snapshot: %b, rw_timestamp: %d, expected_timestamp: %s, cached rows: %d,"
                  + " query init at 7ms before }")
              .formatted(fromSnapshot, RisingWaveSimulator.epoch(reading), next, rows.size());
      case INVALID -> "Invalid";
    };
  }

  /** The columns of the next answer. */
  List<Column> described() {
    List<Column> own =
        columns.stream().map(column -> new Column(column.name(), column.oid())).toList();
    Column op = new Column("op", database.dialect().numbered() ? Column.INT2 : Column.VARCHAR);
    Column time = new Column("rw_timestamp", Column.INT8);
    List<Column> all = new ArrayList<>();
    if (database.dialect() == Dialect.LEADING) {
      all.add(time);
      all.add(op);
      all.addAll(own);
    } else {
      all.addAll(own);
      all.add(op);
      all.add(time);
    }
    return all;
  }

  void requireAlive() {
    if (database.now() > expiresAt) {
      throw Report.error(
              "XX000",
              "The cursor has exceeded its maximum lifetime, please recreate it (close then declare"
                  + " cursor).")
          .refusal();
    }
  }

  /** Whether {@link #next} gave nothing because the columns are others now. */
  boolean hasRows() {
    return state == State.FETCH;
  }

  /** The next row, or null when there is none now, or the columns are others from here on. */
  @Nullable List<@Nullable String> next() {
    while (true) {
      switch (state) {
        case INIT_SNAPSHOT -> takeSnapshot();
        case INIT_LOG -> {
          boolean altered;
          try {
            if (!findEpoch()) {
              return null;
            }
            altered = readEpoch();
          } catch (RuntimeException e) {
            state = State.INVALID;
            throw e;
          }
          if (altered) {
            return null;
          }
        }
        case FETCH -> {
          LogEntry entry = rows.poll();
          if (entry != null) {
            return written(entry);
          }
          seek = expected.orElse(reading + (fromSnapshot ? 0 : 1));
          state = State.INIT_LOG;
        }
        case INVALID ->
            throw Report.error(
                    "XX000", "Cursor is in invalid state. Please close and re-create the cursor.")
                .refusal();
      }
    }
  }

  private void takeSnapshot() {
    fromSnapshot = true;
    reading = database.view();
    table.rows(reading).forEach(row -> rows.add(new LogEntry(reading, Op.INSERT, row)));
    state = State.FETCH;
  }

  private boolean findEpoch() {
    database.requireSubscription(subscription.name(), table.schema);
    // After a snapshot at t the seek is t and one more than its epoch: nothing lies between.
    Map.Entry<Long, List<LogEntry>> first = table.log.ceilingEntry(seek + (fromSnapshot ? 1 : 0));
    boolean found = first != null && first.getKey() <= database.view();
    if (expected.isPresent() && !(found && first.getKey().equals(expected.get()))) {
      throw Report.error(
              "XX000",
              "Failed to run the query\n\nCaused by:\n  Catalog error:  No data found for"
                  + " rw_timestamp "
                  + expected.get()
                  + ", data may have been recycled, please recreate cursor")
          .refusal();
    }
    if (found) {
      reading = first.getKey();
      Long next = table.log.higherKey(reading);
      expected = next != null && next <= database.view() ? Optional.of(next) : Optional.empty();
    }
    return found;
  }

  /** Whether the columns are others now. */
  private boolean readEpoch() {
    if (table.dropped) {
      throw Report.error("XX000", "table id " + table.id + " has been dropped").refusal();
    }
    List<SimulatedColumn> now = table.visible();
    boolean altered = !now.equals(columns);
    columns = now;
    fromSnapshot = false;
    table.log.getOrDefault(reading, List.of()).stream()
        .map(entry -> entry.with(table.projected(entry.values())))
        .forEach(rows::add);
    expiresAt = database.now() + subscription.retentionMillis();
    state = State.FETCH;
    return altered;
  }

  private List<@Nullable String> written(LogEntry entry) {
    String op = entry.op().written(database.dialect());
    String time = fromSnapshot ? null : Long.toString(entry.time());
    List<@Nullable String> row = new ArrayList<>();
    if (database.dialect() == Dialect.LEADING) {
      row.add(time);
      row.add(op);
      row.addAll(entry.values());
    } else {
      row.addAll(entry.values());
      row.add(op);
      row.add(time);
    }
    return row;
  }
}
