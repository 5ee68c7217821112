package io.tycostream.client.testing;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a source as the test has made them, each with how many copies there are of it; with a
 * key that is one. Guarded by the hub's lock.
 */
final class SourceRows {

  private final Relation relation;
  private final Map<Key, Copies> rows = new LinkedHashMap<>();

  /**
   * @param row nothing when there are no copies
   */
  private record Copies(Row row, int count) {}

  SourceRows(Relation relation) {
    this.relation = relation;
  }

  /** All of them, each as often as there are copies. */
  List<Row> all() {
    List<Row> all = new ArrayList<>();
    rows.values()
        .forEach(copies -> {
          for (int i = 0; i < copies.count(); i++) {
            all.add(copies.row());
          }
        });
    return all;
  }

  void addAll(List<Row> more) {
    for (Row row : more) {
      Key key = relation.keyOf(row);
      Copies before = rows.get(key);
      rows.put(key, new Copies(row, before == null ? 1 : before.count() + 1));
    }
  }

  Transaction begin() {
    return new Transaction();
  }

  /** Changes that are not there yet. */
  final class Transaction implements TestTransaction {

    private final Map<Key, Copies> changed = new LinkedHashMap<>();
    private final List<RowEvent> events = new ArrayList<>();

    @Override
    public TestTransaction put(Map<String, ?> values) {
      Row row = row(values);
      Key key = relation.keyOf(row);
      if (relation.isKeyed()) {
        events.add(new RowEvent.Upserted(Optional.empty(), row));
        changed.put(key, new Copies(row, 1));
      } else {
        events.add(new RowEvent.Counted(row, 1));
        changed.put(key, new Copies(row, count(key) + 1));
      }
      return this;
    }

    @Override
    public TestTransaction delete(Object... key) {
      if (!relation.isKeyed()) {
        throw new IllegalArgumentException(
            relation.name() + " has no key: delete a row by all of its values, as a Map");
      }
      if (key.length != relation.key().size()) {
        throw new IllegalArgumentException(
            "the key of %s is %s: %d values are none"
                .formatted(relation.name(), relation.key(), key.length));
      }
      Map<String, Object> values = new LinkedHashMap<>();
      for (int i = 0; i < key.length; i++) {
        values.put(relation.key().get(i), key[i]);
      }
      return delete(values);
    }

    @Override
    public TestTransaction delete(Map<String, ?> values) {
      Key key = relation.keyOf(row(values));
      if (count(key) == 0) {
        throw new IllegalArgumentException("there is no row " + values + " in " + relation.name());
      }
      Row row = key.values();
      if (relation.isKeyed()) {
        events.add(new RowEvent.Deleted(key));
        changed.put(key, new Copies(row, 0));
      } else {
        events.add(new RowEvent.Counted(row, -1));
        changed.put(key, new Copies(row, count(key) - 1));
      }
      return this;
    }

    private int count(Key key) {
      Copies copies = changed.getOrDefault(key, rows.get(key));
      return copies == null ? 0 : copies.count();
    }

    /** From now on they are there; what the database says of it. */
    List<RowEvent> commit() {
      changed.forEach((key, copies) -> {
        if (copies.count() == 0) {
          rows.remove(key);
        } else {
          rows.put(key, copies);
        }
      });
      return events;
    }
  }

  private Row row(Map<String, ?> values) {
    List<Column> columns = relation.columns();
    List<String> names = columns.stream().map(Column::name).toList();
    for (String name : values.keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "%s has no column \"%s\"; there are %s".formatted(relation.name(), name, names));
      }
    }
    @Nullable String[] texts = new @Nullable String[columns.size()];
    for (int i = 0; i < texts.length; i++) {
      Column column = columns.get(i);
      texts[i] = ColumnText.of(column, values.get(column.name()));
      if (texts[i] == null && relation.key().contains(column.name())) {
        throw new IllegalArgumentException(
            "a row of %s needs a value for \"%s\", a part of its key"
                .formatted(relation.name(), column.name()));
      }
    }
    return Row.taking(texts);
  }
}
