package io.tycostream.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of one feed stand on the wire, and their reading.
 *
 * <p>A value becomes text: the content of a JSON string, the JSON text itself of everything else,
 * numbers digit by digit as they were written, objects and arrays without blanks.
 */
final class FeedShape {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(100_000).build())
          .build();

  private final String[] names;
  private final Map<String, Integer> byName = new HashMap<>();
  private final int[] key;

  /**
   * @throws IllegalArgumentException when a key column is not one of the columns
   */
  FeedShape(List<Column> columns, List<String> key) {
    this.names = columns.stream().map(Column::name).toArray(String[]::new);
    for (int i = 0; i < names.length; i++) {
      byName.put(names[i], i);
    }
    this.key = key.stream().mapToInt(this::columnOf).toArray();
  }

  /** The array of rows that the parser stands at the beginning of. */
  List<Row> rows(JsonParser json) throws IOException {
    List<Row> rows = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      rows.add(wholeRow(row(json)));
    }
    return rows;
  }

  /** The array of changes that the parser stands at the beginning of. */
  List<RowChange> changes(JsonParser json) throws IOException {
    List<RowChange> changes = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      changes.add(change(json));
    }
    return changes;
  }

  private RowChange change(JsonParser json) throws IOException {
    expectObject(json);
    String op = "";
    @Nullable Row row = null;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      if (name.equals("op")) {
        op = json.getText();
      } else if (name.equals("row")) {
        row = row(json);
      } else {
        json.skipChildren();
      }
    }
    if (row == null) {
      throw new IllegalArgumentException("a change has no row");
    }
    return switch (op) {
      case "insert" -> new RowChange.Insert(wholeRow(row));
      case "update" -> update(row);
      case "delete" -> new RowChange.Delete(keyOf(row));
      default -> throw new IllegalArgumentException("unknown op \"" + op + "\"");
    };
  }

  /** Of a row without all its columns the key has to be there: it is a {@code delta}. */
  private RowChange update(Row row) {
    if (key.length == 0 || !row.hasUnchanged()) {
      return new RowChange.Update(wholeRow(row));
    }
    keyOf(row);
    return new RowChange.Patch(row);
  }

  /** A row in column order; what is not there is marked as not sent. */
  private Row row(JsonParser json) throws IOException {
    expectObject(json);
    @Nullable String[] values = new @Nullable String[names.length];
    Arrays.fill(values, Row.UNCHANGED);
    int next = 0;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      int column = next < names.length && names[next].equals(name) ? next : find(name);
      if (column < 0) {
        json.skipChildren();
      } else {
        values[column] = value(json);
        next = column + 1;
      }
    }
    return Row.of(values);
  }

  private int find(String name) {
    Integer column = byName.get(name);
    return column == null ? -1 : column;
  }

  private int columnOf(String name) {
    int column = find(name);
    if (column < 0) {
      throw new IllegalArgumentException("key column " + name + " is not one of the columns");
    }
    return column;
  }

  private Row wholeRow(Row row) {
    for (int i = 0; i < names.length; i++) {
      requireSent(row, i);
    }
    return row;
  }

  private Key keyOf(Row row) {
    if (key.length == 0) {
      return new Key(wholeRow(row));
    }
    for (int column : key) {
      requireSent(row, column);
    }
    return new Key(row.project(key));
  }

  private void requireSent(Row row, int column) {
    if (row.isUnchanged(column)) {
      throw new IllegalArgumentException("a row has no column " + names[column]);
    }
  }

  private static @Nullable String value(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    return token.isStructStart() ? compactJson(json) : json.getText();
  }

  private static String compactJson(JsonParser json) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      int depth = 0;
      do {
        JsonToken token = json.currentToken();
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd()) {
          depth--;
        }
        if (token.isNumeric()) {
          out.writeNumber(json.getText()); // as it was written, whatever its precision
        } else {
          out.copyCurrentEvent(json);
        }
      } while (depth > 0 && json.nextToken() != null);
    }
    return text.toString();
  }

  private static void expectObject(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("an object was expected, not " + json.getText());
    }
  }
}
