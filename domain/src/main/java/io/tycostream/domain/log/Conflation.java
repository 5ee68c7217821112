package io.tycostream.domain.log;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Merges the changes of batches that follow each other into their net effect: each key at most
 * once, from the row before the first of them to the row after the last. Without a key, how many
 * copies of each row came or went.
 *
 * <p>Owned by one thread at a time.
 */
public final class Conflation {

  private static final long ENTRY_BYTES = 96;

  /** What each copy of a row takes in the list of changes. */
  private static final long COPY_BYTES = 8;

  private final Relation shape;
  private final Map<Key, Net> keyed = new LinkedHashMap<>();
  private final Map<Row, Long> copies = new LinkedHashMap<>();
  private long bytes;

  /**
   * @param certain whether nothing but {@code before} can have been there before
   */
  private record Net(@Nullable Row before, @Nullable Row after, boolean certain) {
    long bytes() {
      return ENTRY_BYTES
          + (before == null ? 0 : before.bytes())
          + (after == null ? 0 : after.bytes());
    }
  }

  /**
   * @param shape of the rows in the changes
   */
  public Conflation(Relation shape) {
    this.shape = shape;
  }

  /** Changes that follow those that were added before. */
  public void add(List<Change> changes) {
    add(changes, false);
  }

  /**
   * Changes that follow those that were added before.
   *
   * @param touched whether what was there before them is not known, as in a batch of touched keys
   */
  public void add(List<Change> changes, boolean touched) {
    for (Change change : changes) {
      switch (change) {
        case Change.Insert(Row row) -> move(null, row, !touched);
        case Change.Update(Row before, Row row) -> move(before, row, !touched);
        case Change.Delete(Row before) -> move(before, null, !touched);
      }
    }
  }

  /** The net effect of all that was added, in the order in which the keys were first touched. */
  public List<Change> changes() {
    List<Change> net = new ArrayList<>(keyed.size());
    keyed.forEach((key, each) -> {
      if (!each.certain) {
        // Whoever is told has some row of this key, or none: it is now this, or gone.
        net.add(
            each.after == null
                ? new Change.Delete(shape.rowOf(key))
                : new Change.Insert(each.after));
      } else if (each.before == null && each.after != null) {
        net.add(new Change.Insert(each.after));
      } else if (each.before != null && each.after == null) {
        net.add(new Change.Delete(each.before));
      } else if (each.before != null && each.after != null && !each.before.equals(each.after)) {
        net.add(new Change.Update(each.before, each.after));
      }
    });
    copies.forEach((row, count) -> {
      Change one = count > 0 ? new Change.Insert(row) : new Change.Delete(row);
      for (long n = Math.abs(count); n > 0; n--) {
        net.add(one);
      }
    });
    return net;
  }

  /** Forgets all that was added. */
  void clear() {
    keyed.clear();
    copies.clear();
    bytes = 0;
  }

  /** About how much memory it takes, or what becomes of it, in bytes. */
  public long bytes() {
    return bytes;
  }

  /** How many bytes it takes more, at the most, when these changes are added. */
  public static long atMost(List<Change> changes) {
    long most = 0;
    for (Change change : changes) {
      most += ENTRY_BYTES + COPY_BYTES + change.bytes();
    }
    return most;
  }

  private void move(@Nullable Row before, @Nullable Row after, boolean certain) {
    Row touched = after == null ? before : after;
    if (touched == null) {
      return;
    }
    if (shape.isKeyed()) {
      Key key = shape.keyOf(touched);
      Net known = keyed.get(key);
      Net next =
          known == null
              ? new Net(before, after, certain)
              : new Net(known.before, after, known.certain);
      keyed.put(key, next);
      bytes += next.bytes() - (known == null ? 0 : known.bytes());
    } else {
      long had = copies.getOrDefault(touched, 0L);
      long has = had + (after == null ? -1 : 1);
      if (has == 0) {
        copies.remove(touched);
      } else {
        copies.put(touched, has);
      }
      bytes += bytes(touched, has) - bytes(touched, had);
    }
  }

  private static long bytes(Row row, long copies) {
    return copies == 0 ? 0 : ENTRY_BYTES + row.bytes() + COPY_BYTES * Math.abs(copies);
  }
}
