package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of one shape as JSON objects. Used by any thread. */
final class RowEncoder {

  private final List<Field> fields;
  private final List<Field> keyFields;
  private final Set<String> keyColumns;

  RowEncoder(Relation shape) {
    List<Column> columns = shape.columns();
    this.fields =
        IntStream.range(0, columns.size()).mapToObj(i -> Field.of(i, columns.get(i))).toList();
    this.keyFields =
        shape.isKeyed()
            ? shape.key().stream().map(name -> fieldNamed(name, columns)).toList()
            : fields;
    this.keyColumns = Set.copyOf(shape.key());
  }

  private Field fieldNamed(String name, List<Column> columns) {
    return fields.get(columns.stream().map(Column::name).toList().indexOf(name));
  }

  /** The whole row as an object. */
  void row(Row row, JsonGenerator json) throws IOException {
    write(fields, row, json);
  }

  /** What identifies a row, as an object: its key columns, or without a key the whole row. */
  void key(Row row, JsonGenerator json) throws IOException {
    write(keyFields, row, json);
  }

  /** The key columns of a row and those in which it differs from before, as an object. */
  void difference(Row before, Row row, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (Field field : fields) {
      String value = row.value(field.index);
      if (keyColumns.contains(field.name.getValue())
          || !Objects.equals(before.value(field.index), value)) {
        json.writeFieldName(field.name);
        field.value(value, json);
      }
    }
    json.writeEndObject();
  }

  private static void write(List<Field> fields, Row row, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (Field field : fields) {
      json.writeFieldName(field.name);
      field.value(row.value(field.index), json);
    }
    json.writeEndObject();
  }

  private record Field(
      int index, SerializableString name, ValueEncoder encoder, boolean array, char delimiter) {

    static Field of(int index, Column column) {
      boolean array = column.type().startsWith("_");
      String type = array ? column.type().substring(1) : column.type();
      char delimiter = type.equals("box") ? ';' : ','; // the one type with a comma in its texts
      return new Field(
          index, new SerializedString(column.name()), ValueEncoder.of(type), array, delimiter);
    }

    void value(@Nullable String text, JsonGenerator json) throws IOException {
      if (text == null) {
        json.writeNull();
      } else if (!array) {
        encoder.write(text, json);
      } else if (!ArrayText.write(text, delimiter, encoder, json)) {
        json.writeString(text);
      }
    }
  }
}
