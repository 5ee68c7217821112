package io.tycostream.app.e2e;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * What each table must hold after each transaction, as far as the {@link Teller} has got.
 *
 * <p>Every transaction writes its number into the row with id 0 of every table. So whoever holds a
 * table knows which transaction it is at, and can ask here whether that is how the table was then:
 * not only at the end, but after every single batch.
 */
final class Books {

  /** The row that carries the number of the transaction. */
  static final long STAMP_ID = 0;

  private final Map<String, Map<Long, Long>> digests = new ConcurrentHashMap<>();
  private final Map<String, Map<Long, Integer>> changes = new ConcurrentHashMap<>();

  /** Of each table, after the last transactions; of the teller's thread. */
  private final Map<String, NavigableMap<Long, Table>> last = new HashMap<>();

  private final List<Slice> slices;

  /**
   * What a query shows of a table: some rows, among them always the stamp, and of each some
   * columns.
   *
   * @param name unlike that of any table and any other slice
   * @param columns their places in the table, in this order
   */
  record Slice(String name, String table, Predicate<List<String>> shows, List<Integer> columns) {

    /** What the query has for a row of the table. */
    Optional<List<String>> of(List<String> row) {
      return shows.test(row)
          ? Optional.of(columns.stream().map(row::get).toList())
          : Optional.empty();
    }
  }

  /** Whole tables, and these parts of them, too. */
  Books(Slice... slices) {
    this.slices = List.of(slices);
  }

  /** A table's rows by id; the values in the order of its columns. */
  static final class Table {
    private final NavigableMap<Long, List<String>> rows = new TreeMap<>();

    Table() {}

    Table(Table other) {
      rows.putAll(other.rows);
    }

    NavigableMap<Long, List<String>> rows() {
      return rows;
    }

    long digest() {
      return rows.values().stream().mapToLong(Books::digest).sum();
    }
  }

  /** To be told before the transaction commits, so that it is known before anybody can see it. */
  void record(String table, long transaction, Table content) {
    digests
        .computeIfAbsent(table, first -> new ConcurrentHashMap<>())
        .put(transaction, content.digest());
    if (slices.isEmpty()) {
      return;
    }
    NavigableMap<Long, Table> before = last.computeIfAbsent(table, first -> new TreeMap<>());
    before.headMap(transaction - 1).clear();
    for (Slice slice : slices) {
      if (slice.table().equals(table)) {
        Map<Long, List<String>> now = shown(slice, content);
        Map<Long, List<String>> was =
            shown(slice, before.getOrDefault(transaction - 1, new Table()));
        digests
            .computeIfAbsent(slice.name(), first -> new ConcurrentHashMap<>())
            .put(transaction, now.values().stream().mapToLong(Books::digest).sum());
        changes
            .computeIfAbsent(slice.name(), first -> new ConcurrentHashMap<>())
            .put(transaction, differences(was, now));
      }
    }
    before.put(transaction, content);
  }

  private static Map<Long, List<String>> shown(Slice slice, Table content) {
    Map<Long, List<String>> shown = new HashMap<>();
    content.rows().forEach((id, row) -> slice.of(row).ifPresent(part -> shown.put(id, part)));
    return shown;
  }

  private static int differences(Map<Long, List<String>> was, Map<Long, List<String>> now) {
    Set<Long> ids = new HashSet<>(was.keySet());
    ids.addAll(now.keySet());
    return (int) ids.stream().filter(id -> !Objects.equals(was.get(id), now.get(id))).count();
  }

  /** How many rows of a slice changed with the transactions behind one and before another. */
  long changesBetween(String slice, long after, long before) {
    Map<Long, Integer> counts = changes.getOrDefault(slice, Map.of());
    return LongStream.range(after + 1, before).map(each -> counts.getOrDefault(each, 0)).sum();
  }

  /** What is wrong with these rows of a table, or nothing. */
  Optional<String> audit(String table, long transaction, List<List<String>> rows) {
    return audit(table, transaction, rows.stream().mapToLong(Books::digest).sum());
  }

  /**
   * The same of a table or a slice.
   *
   * @param found the sum of its rows' {@link #digest}s
   */
  Optional<String> audit(String table, long transaction, long found) {
    Long expected = digests.getOrDefault(table, Map.of()).get(transaction);
    if (expected == null) {
      return Optional.of(table + " is at transaction " + transaction + ", which never was");
    }
    return found == expected
        ? Optional.empty()
        : Optional.of(table + " is not as it was after transaction " + transaction);
  }

  /** Independent of the order of rows; the multiplier is SplitMix64's. */
  static long digest(List<String> row) {
    long mixed = 1;
    for (String value : row) {
      mixed = (mixed ^ value.hashCode()) * 0x9E3779B97F4A7C15L;
      mixed ^= mixed >>> 29;
    }
    return mixed;
  }
}
