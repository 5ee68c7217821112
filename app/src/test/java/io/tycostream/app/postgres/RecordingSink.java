package io.tycostream.app.postgres;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Applies rows to maps, and fails on the spot when a change does not fit what is there: a row that
 * goes or moves must be there, a value left out must be known.
 */
final class RecordingSink implements ChangeSink {

  private record Told(String source, RowEvent event) {}

  private final Map<String, Relation> relations = new HashMap<>();
  private final Map<String, Map<String, Row>> tables = new HashMap<>();
  private final Map<String, Map<Row, Long>> copies = new HashMap<>();
  private final Map<String, Map<Row, Long>> counted = new LinkedHashMap<>();
  private final Map<String, Set<String>> touched = new HashMap<>();
  private final Map<String, Failure> failures = new HashMap<>();
  private final List<Told> pending = new ArrayList<>();
  private final Runnable afterCommit;
  private Optional<Checkpoint> complete = Optional.empty();
  private Optional<Checkpoint> needed = Optional.empty();
  private boolean reading;
  private int snapshots;
  private int commits;
  private int repeated;

  RecordingSink() {
    this(() -> {});
  }

  /** With something to check after every commit that was applied. */
  RecordingSink(Runnable afterCommit) {
    this.afterCommit = afterCommit;
  }

  /** The rows of a source by the text of their key. */
  Map<String, Row> rows(String source) {
    return tables.getOrDefault(source, Map.of());
  }

  Map<String, Failure> failures() {
    return failures;
  }

  /** Snapshots that were read to their end. */
  int snapshots() {
    return snapshots;
  }

  /** The keys that were touched before the snapshot, by source; without those not told of. */
  Map<String, Set<String>> touched() {
    return touched;
  }

  @Override
  public void touched(String source, Checkpoint from, Set<Key> keys) {
    Set<String> names = new TreeSet<>();
    keys.forEach(key -> names.add(name(key)));
    touched.put(source, names);
  }

  /** Transactions that were applied. */
  int commits() {
    return commits;
  }

  /** Transactions that came although they were complete already. */
  int repeated() {
    return repeated;
  }

  /** Follows a source no longer, as a driver does with one that has too many rows. */
  void giveUp(String source) {
    relations.remove(source);
    tables.remove(source);
  }

  /** From now on all that comes is kept as a history. */
  void keepHistory() {
    needed = complete;
  }

  @Override
  public Optional<Checkpoint> needed() {
    return needed.or(() -> complete);
  }

  /** What a driver does when a stream broke. */
  void forgetPending() {
    pending.clear();
  }

  @Override
  public Optional<Checkpoint> complete() {
    return complete;
  }

  @Override
  public Optional<Relation> relation(String source) {
    return Optional.ofNullable(relations.get(source));
  }

  @Override
  public void snapshotProgressed() {}

  @Override
  public void snapshotStarted() {
    reading = true;
  }

  @Override
  public void loaded(String source, Relation relation, Checkpoint at, List<Row> rows) {
    if (reading) {
      reading = false;
      snapshots++;
    }
    complete
        .filter(before -> before.epoch().equals(at.epoch()))
        .ifPresent(
            before -> check(Long.compareUnsigned(before.time(), at.time()) <= 0, "went back"));
    complete = Optional.of(at);
    relations.put(source, relation);
    failures.remove(source);
    Map<String, Row> table = new TreeMap<>();
    Map<Row, Long> held = new HashMap<>();
    for (Row row : rows) {
      if (!relation.isKeyed()) {
        held.merge(row, 1L, Long::sum);
        continue;
      }
      check(table.put(name(relation.keyOf(row)), row) == null, "a key stands twice");
    }
    tables.put(source, table);
    copies.put(source, held);
  }

  @Override
  public void failed(String source, Failure failure) {
    failures.put(source, failure);
  }

  @Override
  public void row(String source, RowEvent event) {
    if (relations.containsKey(source)) {
      pending.add(new Told(source, event));
    }
  }

  @Override
  public void loading(String source, Relation relation, Checkpoint at) {
    throw notTold();
  }

  @Override
  public void resumed(long behind) {
    throw notTold();
  }

  @Override
  public void row(String source, long time, RowEvent event) {
    throw notTold();
  }

  @Override
  public void closed(long before) {
    throw notTold();
  }

  @Override
  public void completed() {
    throw notTold();
  }

  @Override
  public void commit(long time) {
    Checkpoint before = complete.orElseThrow();
    if (Long.compareUnsigned(time, before.time()) <= 0) {
      repeated++;
      pending.clear();
      return;
    }
    pending.forEach(told -> apply(told.source, told.event));
    pending.clear();
    counted.forEach(this::settle);
    counted.clear();
    complete = Optional.of(new Checkpoint(before.epoch(), time));
    commits++;
    afterCommit.run();
  }

  @Override
  public void progress(long time) {
    check(pending.isEmpty(), "progress inside a transaction");
    Checkpoint before = complete.orElseThrow();
    if (Long.compareUnsigned(time, before.time()) > 0) {
      complete = Optional.of(new Checkpoint(before.epoch(), time));
    }
  }

  private void apply(String source, RowEvent event) {
    Map<String, Row> table = tables.get(source);
    switch (event) {
      case RowEvent.Truncated truncated -> {
        table.clear();
        copies.remove(source);
        counted.remove(source);
      }
      case RowEvent.Deleted deleted ->
          check(table.remove(name(deleted.key())) != null, "deleted, but not there: " + deleted);
      case RowEvent.Counted counted -> count(source, counted.row(), counted.diff());
      case RowEvent.Inserted inserted -> {
        check(!inserted.row().hasUnchanged(), "not whole: " + event);
        String key = name(relations.get(source).keyOf(inserted.row()));
        check(table.put(key, inserted.row()) == null, "inserted, but there already: " + event);
      }
      case RowEvent.Upserted upserted -> {
        String key = name(relations.get(source).keyOf(upserted.row()));
        Row former =
            upserted.formerKey().isPresent()
                ? table.remove(name(upserted.formerKey().get()))
                : table.get(key);
        check(former != null || upserted.formerKey().isEmpty(), "moved, but not there: " + event);
        check(former != null || !upserted.row().hasUnchanged(), "unknown value: " + event);
        table.put(key, former == null ? upserted.row() : upserted.row().completedFrom(former));
      }
    }
  }

  /** As a sum over the transaction; of a source with a key it leads to one row or none. */
  private void count(String source, Row row, long diff) {
    check(!row.hasUnchanged(), "not whole: " + row);
    counted.computeIfAbsent(source, first -> new LinkedHashMap<>()).merge(row, diff, Long::sum);
  }

  private void settle(String source, Map<Row, Long> sums) {
    Relation relation = relations.get(source);
    Map<String, Row> table = tables.get(source);
    Map<Row, Long> held = copies.computeIfAbsent(source, first -> new HashMap<>());
    for (boolean more : List.of(false, true)) {
      sums.forEach((row, sum) -> {
        if (sum == 0 || sum > 0 != more) {
          return;
        }
        String key = name(relation.keyOf(row));
        if (relation.isKeyed() && more) {
          check(sum == 1 && table.put(key, row) == null, "two rows of a key: " + row);
        } else if (relation.isKeyed()) {
          check(sum == -1 && row.equals(table.remove(key)), "gone, but not there: " + row);
        } else {
          long left = held.merge(row, sum, Long::sum);
          check(left >= 0, "gone, but not there: " + row);
        }
      });
    }
    held.values().removeIf(left -> left == 0);
  }

  /** How often each row of a source without a key stands. */
  Map<Row, Long> copies(String source) {
    return copies.getOrDefault(source, Map.of());
  }

  private static String name(Key key) {
    return key.values().toString();
  }

  private static AssertionError notTold() {
    return new AssertionError("PostgreSQL tells transactions, not timestamps");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
