package io.tycostream.domain.change;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A table or view as the database defines it at one time. */
public final class Relation {

  private final String name;
  private final String identity;
  private final List<Column> columns;
  private final List<String> key;
  private final int[] keyColumns;
  private final String print;

  /**
   * @param name the name that people use, such as {@code public.trades}
   * @param identity the database's own identity of the object, another one after it was dropped and
   *     made again
   * @param columns all of them, in the order of the values in a {@link Row}
   * @param key the names of the columns that identify a row; none when nothing does, and then a row
   *     is its own identity and may stand several times
   * @throws IllegalArgumentException when a name stands twice or a key column is no column
   */
  public Relation(String name, String identity, List<Column> columns, List<String> key) {
    this.name = name;
    this.identity = identity;
    this.columns = List.copyOf(columns);
    this.key = List.copyOf(key);
    List<String> names = this.columns.stream().map(Column::name).toList();
    if (names.stream().distinct().count() != names.size()) {
      throw new IllegalArgumentException(name + " has a column name twice: " + names);
    }
    boolean twice = this.key.stream().distinct().count() != this.key.size();
    if (twice || !names.containsAll(key)) {
      throw new IllegalArgumentException(
          "the key " + key + " of " + name + " is not a set of its columns " + names);
    }
    this.keyColumns = this.key.stream().mapToInt(names::indexOf).toArray();
    this.print = printOf(identity, this.columns, this.key);
  }

  public String name() {
    return name;
  }

  public String identity() {
    return identity;
  }

  public List<Column> columns() {
    return columns;
  }

  /** The names of the key columns. */
  public List<String> key() {
    return key;
  }

  /** Where the key columns stand in a row; the caller does not change the array. */
  public int[] keyColumns() {
    return keyColumns;
  }

  /** Whether rows are identified by their key; else the same row may stand several times. */
  public boolean isKeyed() {
    return keyColumns.length > 0;
  }

  /** What identifies a row: its key, or without one the whole row. */
  public Key keyOf(Row row) {
    return new Key(isKeyed() ? row.project(keyColumns) : row);
  }

  /** A row of which nothing but the key is known: what is no part of it is NULL. */
  public Row rowOf(Key key) {
    @Nullable String[] values = new @Nullable String[columns.size()];
    for (int i = 0; i < keyColumns.length; i++) {
      values[keyColumns[i]] = key.values().value(i);
    }
    return isKeyed() ? Row.of(values) : key.values();
  }

  /** Whether clients can go on with rows of {@code other}: the same columns and the same key. */
  public boolean sameShape(Relation other) {
    return columns.equals(other.columns) && key.equals(other.key);
  }

  /** Sixteen hex digits that differ when the identity, the columns, their types or the key do. */
  public String print() {
    return print;
  }

  private static String printOf(String identity, List<Column> columns, List<String> key) {
    return Print.of(
        Stream.concat(
                Stream.of(identity, Integer.toString(columns.size())),
                Stream.concat(
                    columns.stream().flatMap(c -> Stream.of(c.name(), c.type())), key.stream()))
            .toList());
  }

  /** Equal are two that are of one database object and the same in all that rows depend on. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Relation that
            && name.equals(that.name)
            && identity.equals(that.identity)
            && sameShape(that));
  }

  @Override
  public int hashCode() {
    return print.hashCode();
  }

  @Override
  public String toString() {
    return name + " " + columns + " key " + key;
  }
}
