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
        throw Fate.notUnique(relation, relation.keyOf(row));
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

  /** See {@link Draft}. */
  final class KeyedDraft implements Draft {

    private final Map<Key, Fate> fates = new LinkedHashMap<>();
    private boolean truncated;
    private long sizeAfter;
    private long bytesAfter;

    @Override
    public void insert(Row row) {
      Fate fate = begun(relation.keyOf(row));
      if (row.hasUnchanged()) {
        throw fate.misfit("an insert of a row that is not whole");
      }
      if (fate.row() != null) {
        throw fate.misfit("an insert of a row whose key is here already");
      }
      fate.become(row);
    }

    @Override
    public void upsert(Optional<Key> formerKey, Row row) {
      Fate from = begun(formerKey.orElseGet(() -> relation.keyOf(row)));
      Row before = from.row();
      if (before == null && (formerKey.isPresent() || row.hasUnchanged())) {
        throw from.misfit("an update of a row that is not here");
      }
      Row whole = before == null ? row : row.completedFrom(before);
      from.become(null);
      Fate fate = begun(relation.keyOf(whole)); // a part of the key may be unchanged
      if (fate.row() != null) {
        throw fate.misfit("a row takes the key of another one");
      }
      fate.become(whole);
    }

    @Override
    public void delete(Key key) {
      Fate fate = begun(key);
      if (fate.row() == null) {
        throw fate.misfit("a delete of a row that is not here");
      }
      fate.become(null);
    }

    @Override
    public void count(Row row, long diff) {
      Fate fate = fate(relation.keyOf(row));
      if (row.hasUnchanged()) {
        throw fate.misfit("copies of a row that is not whole");
      }
      fate.count(row, diff);
    }

    @Override
    public void truncate() {
      fates.clear();
      truncated = true;
    }

    @Override
    public void settle() {
      sizeAfter = truncated ? 0 : rows.size();
      bytesAfter = truncated ? 0 : bytes;
      // All in a row: each waits for memory, and the processor waits for several at a time.
      fates.values().forEach(this::begin);
      for (Fate fate : fates.values()) {
        add(fate.row(), 1);
        add(left(fate.before()), -1);
      }
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
          if (!fates.containsKey(key)) {
            difference.row(row, null);
          }
        });
        rows.clear();
      }
      for (Fate fate : fates.values()) {
        Row row = fate.row();
        difference.row(fate.before(), row);
        if (row == null) {
          rows.remove(fate.key());
        } else {
          rows.put(fate.key(), row);
        }
      }
      bytes = bytesAfter;
      return difference.changes();
    }

    private Fate fate(Key key) {
      return fates.computeIfAbsent(key, first -> new Fate(relation, first));
    }

    private Fate begun(Key key) {
      Fate fate = fate(key);
      begin(fate);
      return fate;
    }

    private void begin(Fate fate) {
      if (!fate.isBegun()) {
        Row held = rows.get(fate.key());
        fate.begin(held, left(held));
      }
    }

    /** What a truncate leaves of a row that the view holds. */
    private @Nullable Row left(@Nullable Row held) {
      return truncated ? null : held;
    }

    private void add(@Nullable Row row, int copies) {
      if (row != null) {
        sizeAfter += copies;
        bytesAfter += copies * row.bytes();
      }
    }
  }
}
