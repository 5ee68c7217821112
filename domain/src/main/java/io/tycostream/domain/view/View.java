package io.tycostream.domain.view;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The materialized rows of a relation.
 *
 * <p>A moment is applied whole or, when it does not fit, not at all; what comes out is its net
 * effect: each key at most once, and nothing for a row that ends as it began.
 */
public final class View {

  private Relation relation;
  private Map<Key, Row> rows;
  private long bytes;

  /**
   * @throws MisfitException when two rows have the same key
   */
  public View(Relation relation, List<Row> rows) {
    this.relation = relation;
    this.rows = index(relation, rows);
    this.bytes = bytesOf(rows);
  }

  public Relation relation() {
    return relation;
  }

  /** How many rows there are. */
  public int size() {
    return rows.size();
  }

  /** About how much memory the rows take, in bytes. */
  public long bytes() {
    return bytes;
  }

  /** The rows as they are now, in no particular order. */
  public List<Row> rows() {
    return List.copyOf(rows.values());
  }

  /**
   * Applies what happened in one moment.
   *
   * @return its net effect
   * @throws MisfitException when it does not fit the rows there are; nothing is applied then
   */
  public List<Change> apply(List<RowEvent> events) {
    Overlay overlay = new Overlay();
    for (RowEvent event : events) {
      switch (event) {
        case RowEvent.Upserted(Optional<Key> formerKey, Row row) ->
            overlay.upsert(formerKey.orElse(null), row);
        case RowEvent.Deleted(Key key) -> overlay.delete(key);
        case RowEvent.Truncated truncated -> overlay.truncate();
      }
    }
    return commit(overlay.changes());
  }

  /**
   * Makes these the rows.
   *
   * @param relation of the same shape as the one there is
   * @return the difference to the rows there were
   * @throws MisfitException when two rows have the same key; nothing is changed then
   */
  public List<Change> replace(Relation relation, List<Row> fresh) {
    Map<Key, Row> next = index(relation, fresh);
    List<Change> difference = new ArrayList<>();
    next.forEach((key, row) -> change(rows.get(key), row, difference));
    rows.forEach((key, row) -> {
      if (!next.containsKey(key)) {
        change(row, null, difference);
      }
    });
    this.relation = relation;
    this.rows = next;
    this.bytes = bytesOf(fresh);
    return difference;
  }

  private List<Change> commit(List<Change> changes) {
    for (Change change : changes) {
      switch (change) {
        case Change.Insert(Row row) -> {
          rows.put(relation.keyOf(row), row);
          bytes += row.bytes();
        }
        case Change.Update(Row before, Row row) -> {
          rows.put(relation.keyOf(row), row);
          bytes += row.bytes() - before.bytes();
        }
        case Change.Delete(Row before) -> {
          rows.remove(relation.keyOf(before));
          bytes -= before.bytes();
        }
      }
    }
    return changes;
  }

  private static void change(@Nullable Row before, @Nullable Row after, List<Change> into) {
    if (before == null && after != null) {
      into.add(new Change.Insert(after));
    } else if (before != null && after == null) {
      into.add(new Change.Delete(before));
    } else if (before != null && after != null && !before.equals(after)) {
      into.add(new Change.Update(before, after));
    }
  }

  private static Map<Key, Row> index(Relation relation, List<Row> rows) {
    Map<Key, Row> index = HashMap.newHashMap(rows.size());
    for (Row row : rows) {
      Row twin = index.put(relation.keyOf(row), row);
      if (twin != null) {
        throw new MisfitException(
            "the key "
                + relation.key()
                + " of "
                + relation.name()
                + " is not unique: "
                + relation.keyOf(row).values()
                + " stands in two rows");
      }
    }
    return index;
  }

  private static long bytesOf(List<Row> rows) {
    return rows.stream().mapToLong(Row::bytes).sum();
  }

  /** What a moment makes of the rows, before it is known to fit as a whole. */
  private final class Overlay {
    private final Map<Key, @Nullable Row> touched = new LinkedHashMap<>();
    private boolean truncated;

    private @Nullable Row current(Key key) {
      return touched.containsKey(key) ? touched.get(key) : truncated ? null : rows.get(key);
    }

    void upsert(@Nullable Key formerKey, Row row) {
      Key from = formerKey == null ? relation.keyOf(row) : formerKey;
      Row before = current(from);
      if (before == null && (formerKey != null || row.hasUnchanged())) {
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

    void delete(Key key) {
      if (current(key) == null) {
        throw misfit("a delete of a row that is not here", key);
      }
      touched.put(key, null);
    }

    void truncate() {
      touched.clear();
      truncated = true;
    }

    List<Change> changes() {
      List<Change> changes = new ArrayList<>();
      if (truncated) {
        rows.forEach((key, row) -> {
          if (!touched.containsKey(key)) {
            change(row, null, changes);
          }
        });
      }
      touched.forEach((key, row) -> change(rows.get(key), row, changes));
      return changes;
    }

    private MisfitException misfit(String what, Key key) {
      return new MisfitException(what + ": " + relation.name() + " " + key.values());
    }
  }
}
