package io.tycostream.simulation;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table, in a stable order: with a key one for each, without one each as often as it
 * was inserted.
 */
final class Content {

  private record Copies(Row row, int count) {}

  private final Relation relation;
  private final Map<Key, Copies> byKey;
  private int size;

  Content(Relation relation) {
    this.relation = relation;
    this.byKey = new LinkedHashMap<>();
  }

  private Content(Content other) {
    this.relation = other.relation;
    this.byKey = new LinkedHashMap<>(other.byKey);
    this.size = other.size;
  }

  Relation relation() {
    return relation;
  }

  Content copy() {
    return new Content(this);
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The row with a key. */
  Optional<Row> row(Key key) {
    return Optional.ofNullable(byKey.get(key)).map(Copies::row);
  }

  /** Each row as often as it stands. */
  List<Row> list() {
    List<Row> rows = new ArrayList<>(size);
    for (Copies copies : byKey.values()) {
      for (int i = 0; i < copies.count; i++) {
        rows.add(copies.row);
      }
    }
    return rows;
  }

  /** Each row with how often it stands more than in {@code before}; less where it is negative. */
  Map<Row, Integer> difference(Content before) {
    Map<Row, Integer> difference = new LinkedHashMap<>();
    before
        .byKey
        .values()
        .forEach(copies -> difference.merge(copies.row, -copies.count, Integer::sum));
    byKey.values().forEach(copies -> difference.merge(copies.row, copies.count, Integer::sum));
    difference.values().removeIf(count -> count == 0);
    return difference;
  }

  /** Whether these are the same rows. */
  boolean holds(Collection<Row> rows) {
    if (rows.size() != size) {
      return false;
    }
    Map<Key, Integer> seen = relation.isKeyed() ? Map.of() : new HashMap<>();
    for (Row row : rows) {
      Key key = relation.keyOf(row);
      Copies copies = byKey.get(key);
      boolean there = copies != null && copies.row.equals(row);
      if (!there || (!relation.isKeyed() && seen.merge(key, 1, Integer::sum) > copies.count)) {
        return false;
      }
    }
    return true;
  }

  /** With a key: the row is now this. Without one: one copy more. The row that it was. */
  @Nullable Row put(Row row) {
    Key key = relation.keyOf(row);
    Copies before = byKey.get(key);
    boolean another = before != null && !relation.isKeyed();
    byKey.put(key, new Copies(row, another ? before.count + 1 : 1));
    size += before == null || another ? 1 : 0;
    return before == null || another ? null : before.row;
  }

  /** The row with a key is gone, or one copy of it. */
  void remove(Key key) {
    Copies before = byKey.get(key);
    if (before != null) {
      size--;
      if (before.count > 1) {
        byKey.put(key, new Copies(before.row, before.count - 1));
      } else {
        byKey.remove(key);
      }
    }
  }

  void clear() {
    byKey.clear();
    size = 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Content content && byKey.equals(content.byKey);
  }

  @Override
  public int hashCode() {
    return byKey.hashCode();
  }

  @Override
  public String toString() {
    return list().toString();
  }
}
