package io.tycostream.adapters.db.simulator.risingwave;

import io.tycostream.adapters.db.simulator.risingwave.LogEntry.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A table: its rows at every time, and the log of their changes. Guarded by the simulator. */
final class SimulatedTable {

  final int id;
  final String schema;
  final String name;
  final boolean view;
  final long createdAt;

  /** All that ever were, in the order of the values of a row. */
  private final List<SimulatedColumn> columns = new ArrayList<>();

  private final boolean keyed;

  /** By primary key; a row-id where nobody declared one. */
  private final NavigableMap<Long, NavigableMap<String, List<@Nullable String>>> states =
      new TreeMap<>();

  /** What was committed, whether or not it is logged. */
  private final NavigableMap<Long, List<LogEntry>> changes = new TreeMap<>();

  private NavigableMap<String, List<@Nullable String>> draft = new TreeMap<>();
  private long rowIds;

  /** What cursors can read. */
  final NavigableMap<Long, List<LogEntry>> log = new TreeMap<>();

  boolean logging;
  boolean dropped;

  SimulatedTable(
      int id, String schema, String name, boolean view, long createdAt, List<SimulatedColumn> all) {
    this.id = id;
    this.schema = schema;
    this.name = name;
    this.view = view;
    this.createdAt = createdAt;
    columns.addAll(all);
    keyed = all.stream().anyMatch(SimulatedColumn::primaryKey);
    states.put(createdAt, new TreeMap<>());
  }

  boolean isNamed(String qualified) {
    return !dropped && qualified.equals(schema + "." + name);
  }

  List<SimulatedColumn> columns() {
    return columns.stream().filter(column -> !column.dropped()).toList();
  }

  List<SimulatedColumn> visible() {
    return columns.stream().filter(SimulatedColumn::visible).toList();
  }

  boolean isKeyed() {
    return keyed;
  }

  void add(SimulatedColumn column) {
    columns.add(column);
  }

  void drop(String column) {
    columns.replaceAll(each -> each.name().equals(column) ? each.withoutIt() : each);
  }

  /** Inserts, or replaces the row with the same primary key. */
  void put(@Nullable String... values) {
    List<@Nullable String> row = whole(values);
    draft.put(keyed ? key(row) : "%020d".formatted(++rowIds), row);
  }

  /** Deletes one row that has these values in the columns of its key, or in all. */
  boolean remove(@Nullable String... values) {
    List<@Nullable String> row = whole(values);
    if (keyed) {
      return draft.remove(key(row)) != null;
    }
    for (Map.Entry<String, List<@Nullable String>> entry : draft.entrySet()) {
      if (entry.getValue().equals(row)) {
        draft.remove(entry.getKey());
        return true;
      }
    }
    return false;
  }

  /** Changes one row of a table without a primary key: the row-id stays. */
  void replace(@Nullable String[] before, @Nullable String[] after) {
    List<@Nullable String> row = whole(before);
    for (Map.Entry<String, List<@Nullable String>> entry : draft.entrySet()) {
      if (entry.getValue().equals(row)) {
        entry.setValue(whole(after));
        return;
      }
    }
  }

  /** Everything since the last commit is one epoch; per primary key at most one change. */
  void commit(long time) {
    NavigableMap<String, List<@Nullable String>> before = states.lastEntry().getValue();
    List<LogEntry> entries = new ArrayList<>();
    TreeMap<String, Boolean> keys = new TreeMap<>();
    before.keySet().forEach(key -> keys.put(key, true));
    draft.keySet().forEach(key -> keys.put(key, true));
    for (String key : keys.keySet()) {
      List<@Nullable String> old = before.get(key);
      List<@Nullable String> now = draft.get(key);
      if (old == null && now != null) {
        entries.add(new LogEntry(time, Op.INSERT, now));
      } else if (old != null && now == null) {
        entries.add(new LogEntry(time, Op.DELETE, old));
      } else if (old != null && now != null && !old.equals(now)) {
        entries.add(new LogEntry(time, Op.UPDATE_DELETE, old));
        entries.add(new LogEntry(time, Op.UPDATE_INSERT, now));
      }
    }
    if (!entries.isEmpty()) {
      changes.put(time, entries);
      states.put(time, new TreeMap<>(draft));
      if (logging) {
        log.put(time, entries);
      }
    }
  }

  /** The visible rows at a time, ordered by primary key. */
  List<List<@Nullable String>> rows(long time) {
    Map.Entry<Long, NavigableMap<String, List<@Nullable String>>> state = states.floorEntry(time);
    return state == null
        ? List.of()
        : state.getValue().values().stream().map(this::projected).toList();
  }

  /** What changed after one time and up to another, whether logged or not. */
  List<LogEntry> changes(long after, long through) {
    return changes.subMap(after, false, through, true).values().stream()
        .flatMap(List::stream)
        .map(entry -> entry.with(projected(entry.values())))
        .toList();
  }

  /** What is visible of a row now. */
  List<@Nullable String> projected(List<@Nullable String> row) {
    List<@Nullable String> projected = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).visible()) {
        projected.add(i < row.size() ? row.get(i) : null);
      }
    }
    return projected;
  }

  /** The values of the visible columns in their places. */
  private List<@Nullable String> whole(@Nullable String[] values) {
    List<@Nullable String> row = new ArrayList<>(Arrays.asList(new String[columns.size()]));
    int at = 0;
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).visible()) {
        row.set(i, at < values.length ? values[at] : null);
        at++;
      }
    }
    return row;
  }

  private String key(List<@Nullable String> row) {
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).primaryKey()) {
        String value = String.valueOf(row.get(i));
        key.append("%20s".formatted(value)).append('\0');
      }
    }
    return key.toString();
  }
}
