package io.tycostream.client;

import io.tycostream.domain.change.Row;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A row as the source had it at one position; never changes.
 *
 * <p>Values are kept as the text that the database wrote and are read on demand: {@link #text}
 * suits every type. All accessors throw {@link IllegalArgumentException} for a column that the
 * source does not have and {@link IllegalStateException} for a value that is NULL or cannot be read
 * that way.
 */
public final class TableRow {

  private final RowColumns shape;
  private final Row row;

  TableRow(RowColumns shape, Row row) {
    this.shape = shape;
    this.row = row;
  }

  /** Names and types of the columns, in the source's order. */
  public List<TableColumn> columns() {
    return shape.columns();
  }

  /** The names of the columns that identify the row. */
  public List<String> key() {
    return shape.relation().key();
  }

  /** The columns of the key alone, or all where there is no key. */
  TableRow identity() {
    return shape.ofKey() == shape || shape.ofKey().columns().size() == row.size()
        ? this
        : new TableRow(shape.ofKey(), row.project(shape.relation().keyColumns()));
  }

  public boolean isNull(String column) {
    return row.value(shape.indexOf(column)) == null;
  }

  /** The value as text; JSON text for json and arrays, base64 for bytea. */
  public String text(String column) {
    int index = shape.indexOf(column);
    String value = row.value(index);
    if (value == null) {
      throw new IllegalStateException(described(index) + " is NULL; ask isNull first");
    }
    return value;
  }

  /** The value as text, nothing for NULL. */
  public Optional<String> find(String column) {
    return Optional.ofNullable(row.value(shape.indexOf(column)));
  }

  /** A whole number of at most 64 bits. */
  public long longValue(String column) {
    return read(column, "whole number of 64 bits", Long::valueOf);
  }

  /** A number with every digit that the database has. */
  public BigDecimal decimal(String column) {
    return read(column, "decimal number", BigDecimal::new);
  }

  public boolean bool(String column) {
    return read(
        column,
        "boolean",
        text -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
          }
          return text.equals("true");
        });
  }

  /** A moment, of a column with a time zone. */
  public Instant instant(String column) {
    return read(column, "moment with a time zone", Moments::parse);
  }

  private <T> T read(String column, String kind, Function<String, T> reading) {
    String text = text(column);
    try {
      return reading.apply(text);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IllegalStateException(
          described(shape.indexOf(column)) + " is no " + kind + ": \"" + text + "\"", e);
    }
  }

  private String described(int index) {
    TableColumn column = shape.columns().get(index);
    return column.name() + " (" + column.type() + ") of " + shape.relation().name();
  }

  /** The same columns with the same values. */
  @Override
  @SuppressWarnings("exports") // a program may do without JSpecify, and then nothing is said here
  public boolean equals(@Nullable Object other) {
    return other instanceof TableRow that
        && row.equals(that.row)
        && columns().equals(that.columns());
  }

  @Override
  public int hashCode() {
    return row.hashCode();
  }

  /** {@code id=1 symbol=EURUSD note=NULL}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String value = row.value(i);
      text.append(i == 0 ? "" : " ")
          .append(shape.columns().get(i).name())
          .append('=')
          .append(value == null ? "NULL" : value);
    }
    return text.toString();
  }
}
