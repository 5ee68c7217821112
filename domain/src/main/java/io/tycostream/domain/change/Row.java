package io.tycostream.domain.change;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of a row in the order of its relation's columns, each the text that stands for it, or
 * {@code null} for NULL.
 *
 * <p>A value may be {@link #UNCHANGED} where the database did not send it again because it did not
 * change; {@link #completedFrom} fills such values in. Rows that clients see have none.
 */
public final class Row {

  /** Stands for a value that was not sent because it did not change. Compared by identity. */
  @SuppressWarnings("StringOperationCanBeSimplified") // an own object, so that no data equals it
  public static final String UNCHANGED = new String("(unchanged)");

  private static final int OBJECT_BYTES = 24;
  private static final int VALUE_BYTES = 48;

  private final @Nullable String[] values;

  /** Asked for again and again, also when the values are far from the processor's cache. */
  private final long bytes;

  private Row(@Nullable String[] values) {
    this.values = values;
    this.bytes = bytes(values);
  }

  private static long bytes(@Nullable String[] values) {
    long bytes = OBJECT_BYTES;
    for (String value : values) {
      bytes += value == null ? 4 : VALUE_BYTES + value.length();
    }
    return bytes;
  }

  /** A row of these values; the array is copied. */
  public static Row of(@Nullable String... values) {
    return new Row(values.clone());
  }

  /** A row of these values, for one that has just read them: the array is the row's from now on. */
  public static Row taking(@Nullable String[] values) {
    return new Row(values);
  }

  public int size() {
    return values.length;
  }

  public @Nullable String value(int column) {
    return values[column];
  }

  /** Whether the value of a column was left out as unchanged. */
  @SuppressWarnings("ReferenceEquality")
  public boolean isUnchanged(int column) {
    return values[column] == UNCHANGED;
  }

  /** Whether any value was left out as unchanged. */
  public boolean hasUnchanged() {
    for (int i = 0; i < values.length; i++) {
      if (isUnchanged(i)) {
        return true;
      }
    }
    return false;
  }

  /** This row with each {@link #UNCHANGED} value taken from {@code before}. */
  public Row completedFrom(Row before) {
    if (!hasUnchanged()) {
      return this;
    }
    @Nullable String[] completed = values.clone();
    for (int i = 0; i < completed.length; i++) {
      if (isUnchanged(i)) {
        completed[i] = before.values[i];
      }
    }
    return new Row(completed);
  }

  /** The values of these columns alone, in this order. */
  public Row project(int[] columns) {
    @Nullable String[] projected = new @Nullable String[columns.length];
    for (int i = 0; i < columns.length; i++) {
      projected[i] = values[columns[i]];
    }
    return new Row(projected);
  }

  /** About how much memory this row takes, in bytes; never less than 24. */
  public long bytes() {
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Row row) || row.values.length != values.length) {
      return false;
    }
    // Arrays.equals would not know that it compares texts, and takes longer.
    for (int i = 0; i < values.length; i++) {
      String value = values[i];
      if (value == null ? row.values[i] != null : !value.equals(row.values[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}
