package io.tycostream.domain.view;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One row for each key. */
final class KeyedRows implements Rows {

  private final Relation relation;
  private final Map<Key, Row> rows;
  private long bytes;

  /**
   * @throws MisfitException when two rows have the same key
   */
  KeyedRows(Relation relation, List<Row> rows) {
    this.relation = relation;
    this.rows = HashMap.newHashMap(rows.size());
    for (Row row : rows) {
      Row twin = this.rows.put(relation.keyOf(row), row);
      if (twin != null) {
        throw notUnique(relation.keyOf(row));
      }
      bytes += row.bytes();
    }
  }

  Map<Key, Row> byKey() {
    return rows;
  }

  @Override
  public long size() {
    return rows.size();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public List<Row> list() {
    return List.copyOf(rows.values());
  }

  @Override
  public Draft draft() {
    return new KeyedDraft();
  }

  private MisfitException notUnique(Key key) {
    return new MisfitException(
        "the key "
            + relation.key()
            + " of "
            + relation.name()
            + " is not unique: "
            + key.values()
            + " stands in two rows");
  }

  /** See {@link Draft}. */
  final class KeyedDraft implements Draft {

    private final Map<Key, @Nullable Row> touched = new LinkedHashMap<>();

    /** What was told as sums, on top of {@link #touched}, and is not settled yet. */
    private final Map<Key, Map<Row, Long>> counted = new LinkedHashMap<>();

    private boolean truncated;
    private long sizeAfter;
    private long bytesAfter;

    @Override
    public void insert(Row row) {
      Key key = relation.keyOf(row);
      if (row.hasUnchanged()) {
        throw misfit("an insert of a row that is not whole", key);
      }
      if (current(key) != null) {
        throw misfit("an insert of a row whose key is here already", key);
      }
      touched.put(key, row);
    }

    @Override
    public void upsert(Optional<Key> formerKey, Row row) {
      Key from = formerKey.orElseGet(() -> relation.keyOf(row));
      Row before = current(from);
      if (before == null && (formerKey.isPresent() || row.hasUnchanged())) {
        throw misfit("an update of a row that is not here", from);
      }
      Row whole = before == null ? row : row.completedFrom(before);
      Key key = relation.keyOf(whole); // of the whole row: a part of the key may be unchanged
      if (!key.equals(from)) {
        if (current(key) != null) {
          throw misfit("a row takes the key of another one", key);
        }
        touched.put(from, null);
      }
      touched.put(key, whole);
    }

    @Override
    public void delete(Key key) {
      if (current(key) == null) {
        throw misfit("a delete of a row that is not here", key);
      }
      touched.put(key, null);
    }

    @Override
    public void count(Row row, long diff) {
      Key key = relation.keyOf(row);
      if (row.hasUnchanged()) {
        throw misfit("copies of a row that is not whole", key);
      }
      try {
        counted
            .computeIfAbsent(key, first -> new LinkedHashMap<>())
            .merge(row, diff, Math::addExact);
      } catch (ArithmeticException e) {
        throw misfit("more copies than can be counted", key);
      }
    }

    @Override
    public void truncate() {
      touched.clear();
      counted.clear();
      truncated = true;
    }

    @Override
    public void settle() {
      counted.forEach(this::settle);
      sizeAfter = truncated ? 0 : rows.size();
      bytesAfter = truncated ? 0 : bytes;
      touched.forEach((key, row) -> {
        add(row, 1);
        add(held(key), -1);
      });
    }

    @Override
    public long size() {
      return sizeAfter;
    }

    @Override
    public long bytes() {
      return bytesAfter;
    }

    @Override
    public List<Change> commit() {
      Difference difference = new Difference();
      if (truncated) {
        rows.forEach((key, row) -> {
          if (!touched.containsKey(key)) {
            difference.row(row, null);
          }
        });
      }
      touched.forEach((key, row) -> difference.row(rows.get(key), row));
      if (truncated) {
        rows.clear();
      }
      touched.forEach((key, row) -> {
        if (row == null) {
          rows.remove(key);
        } else {
          rows.put(key, row);
        }
      });
      bytes = bytesAfter;
      return difference.changes();
    }

    private @Nullable Row current(Key key) {
      Map<Row, Long> sums = counted.remove(key);
      if (sums != null) {
        settle(key, sums);
      }
      return settled(key);
    }

    private @Nullable Row settled(Key key) {
      return touched.containsKey(key) ? touched.get(key) : held(key);
    }

    private @Nullable Row held(Key key) {
      return truncated ? null : rows.get(key);
    }

    /** The sums must leave one row or none. */
    private void settle(Key key, Map<Row, Long> sums) {
      Row before = settled(key);
      Row after = null;
      if (before != null) {
        // The most copies there can be are too many with one more, too.
        sums.merge(before, 1L, (sum, one) -> sum == Long.MAX_VALUE ? sum : sum + one);
      }
      for (Map.Entry<Row, Long> sum : sums.entrySet()) {
        long copies = sum.getValue();
        if (copies < 0) {
          throw misfit("a row goes that is not here", key);
        }
        if (copies > 1 || (copies == 1 && after != null)) {
          throw notUnique(key);
        }
        after = copies == 1 ? sum.getKey() : after;
      }
      touched.put(key, after);
    }

    private void add(@Nullable Row row, int copies) {
      if (row != null) {
        sizeAfter += copies;
        bytesAfter += copies * row.bytes();
      }
    }

    private MisfitException misfit(String what, Key key) {
      return new MisfitException(what + ": " + relation.name() + " " + key.values());
    }
  }
}
