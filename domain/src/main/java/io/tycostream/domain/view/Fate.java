package io.tycostream.domain.view;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a moment makes of one key: the row it has now, and on top of that what was told as copies
 * and is not settled yet. Mostly one copy goes, one comes, or both, and nothing has to be counted.
 *
 * <p>Copies may be told before it is known what the view holds; all else only after {@link #begin}.
 */
final class Fate {

  private final Relation relation;
  private final Key key;
  private boolean begun;
  private @Nullable Row before;
  private @Nullable Row row;

  private @Nullable Row gone;
  private @Nullable Row come;

  /** Instead of the two, where more was told. */
  private @Nullable Map<Row, Long> sums;

  Fate(Relation relation, Key key) {
    this.relation = relation;
    this.key = key;
  }

  Key key() {
    return key;
  }

  /**
   * @param held by the view
   * @param left of that by what the moment did to all rows
   */
  void begin(@Nullable Row held, @Nullable Row left) {
    begun = true;
    before = held;
    row = left;
  }

  boolean isBegun() {
    return begun;
  }

  /** What the view holds. */
  @Nullable Row before() {
    return before;
  }

  /**
   * The row that the key has now.
   *
   * @throws MisfitException when the copies told so far do not leave one row or none
   */
  @Nullable Row row() {
    settle();
    return row;
  }

  /** The key has this row now, or none. When it is settled. */
  void become(@Nullable Row next) {
    row = next;
  }

  /** So many copies of the row came or went. */
  void count(Row counted, long diff) {
    if (sums == null && diff == -1 && gone == null) {
      gone = counted;
    } else if (sums == null && diff == 1 && come == null) {
      come = counted;
    } else {
      add(sums(), counted, diff);
    }
  }

  private Map<Row, Long> sums() {
    Map<Row, Long> all = sums;
    if (all == null) {
      all = new LinkedHashMap<>();
      sums = all;
      if (gone != null) {
        add(all, gone, -1);
      }
      if (come != null) {
        add(all, come, 1);
      }
      gone = null;
      come = null;
    }
    return all;
  }

  private void add(Map<Row, Long> all, Row counted, long diff) {
    try {
      all.merge(counted, diff, Math::addExact);
    } catch (ArithmeticException e) {
      throw misfit("more copies than can be counted");
    }
  }

  private void settle() {
    if (sums != null) {
      row = settled(sums);
      sums = null;
      return;
    }
    if (gone != null) {
      take(gone);
      gone = null;
    }
    if (come != null) {
      if (row != null) {
        throw notUnique(relation, key);
      }
      row = come;
      come = null;
    }
  }

  private void take(Row copy) {
    if (copy.equals(row)) {
      row = null;
    } else if (copy.equals(come)) {
      come = null;
    } else {
      throw misfit("a row goes that is not here");
    }
  }

  private @Nullable Row settled(Map<Row, Long> all) {
    if (row != null) {
      // The most copies there can be are too many with one more, too.
      all.merge(row, 1L, (sum, one) -> sum == Long.MAX_VALUE ? sum : sum + one);
    }
    Row rest = null;
    for (Map.Entry<Row, Long> sum : all.entrySet()) {
      long copies = sum.getValue();
      if (copies < 0) {
        throw misfit("a row goes that is not here");
      }
      if (copies > 1 || (copies == 1 && rest != null)) {
        throw notUnique(relation, key);
      }
      rest = copies == 1 ? sum.getKey() : rest;
    }
    return rest;
  }

  MisfitException misfit(String what) {
    return new MisfitException(what + ": " + relation.name() + " " + key.values());
  }

  static MisfitException notUnique(Relation relation, Key key) {
    return new MisfitException(
        "the key "
            + relation.key()
            + " of "
            + relation.name()
            + " is not unique: "
            + key.values()
            + " stands in two rows");
  }
}
