package io.tycostream.app.e2e;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

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
  }

  /** What is wrong with these rows of a table, or nothing. */
  Optional<String> audit(String table, long transaction, List<List<String>> rows) {
    Long expected = digests.getOrDefault(table, Map.of()).get(transaction);
    if (expected == null) {
      return Optional.of(table + " is at transaction " + transaction + ", which never was");
    }
    long found = rows.stream().mapToLong(Books::digest).sum();
    return found == expected
        ? Optional.empty()
        : Optional.of(table + " is not as it was after transaction " + transaction);
  }

  /** Independent of the order of rows; the multiplier is SplitMix64's. */
  private static long digest(List<String> row) {
    long mixed = 1;
    for (String value : row) {
      mixed = (mixed ^ value.hashCode()) * 0x9E3779B97F4A7C15L;
      mixed ^= mixed >>> 29;
    }
    return mixed;
  }
}
