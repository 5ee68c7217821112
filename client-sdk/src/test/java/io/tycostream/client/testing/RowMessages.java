package io.tycostream.client.testing;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.source.Delivery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The messages with rows of one feed, in as many parts as the size limit asks for: a part has at
 * least one row, and more only while it fits.
 */
final class RowMessages {

  /** Room for what stands around the rows of a part. */
  private static final int AROUND = 300;

  private final int feed;
  private final Relation shape;
  private final boolean delta;
  private final int maxMessage;

  RowMessages(int feed, Relation shape, boolean delta, int maxMessage) {
    this.feed = feed;
    this.shape = shape;
    this.delta = delta;
    this.maxMessage = maxMessage;
  }

  int feed() {
    return feed;
  }

  Relation shape() {
    return shape;
  }

  List<byte[]> snapshot(Delivery.Everything all) {
    Derivation derivation = all.feed().derivation();
    return snapshot(
        all.snapshot().rows().stream().flatMap(row -> derivation.row(row).stream()).toList(),
        all.position(),
        all.seq());
  }

  List<byte[]> snapshot(List<Row> rows, Position position, long seq) {
    List<List<String>> parts = parts(rows.stream().map(this::whole).toList());
    List<byte[]> messages = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      int number = part;
      boolean more = part < parts.size() - 1;
      messages.add(
          MessageWriter.object(
              "snapshot",
              json -> {
                json.writeNumberField("feed", feed);
                json.writeNumberField("part", number);
                array("rows", parts.get(number), json);
                json.writeBooleanField("more", more);
                if (!more) {
                  json.writeStringField("position", position.toString());
                  json.writeNumberField("seq", seq);
                }
              }));
    }
    return messages;
  }

  List<byte[]> batch(Delivery.Next next) {
    boolean resync = next.batch().entry().batch().resync();
    return batch(next.batch().seq(), 1, next.position(), next.changes(), resync);
  }

  List<byte[]> merged(Delivery.Merged merged) {
    return batch(
        merged.seq(), merged.count(), merged.position(), merged.changes(), merged.resync());
  }

  List<byte[]> batch(
      long seq, long merged, Position position, List<Change> changes, boolean resync) {
    boolean differences = delta && merged == 1 && !resync;
    List<List<String>> parts =
        parts(changes.stream().map(change -> change(change, differences)).toList());
    List<byte[]> messages = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      int number = part;
      messages.add(
          MessageWriter.object(
              "batch",
              json -> {
                json.writeNumberField("feed", feed);
                json.writeNumberField("seq", seq);
                json.writeStringField("position", position.toString());
                array("changes", parts.get(number), json);
                if (merged > 1) {
                  json.writeNumberField("merged", merged);
                }
                if (resync) {
                  json.writeBooleanField("resync", true);
                }
                if (parts.size() > 1) {
                  json.writeNumberField("part", number);
                  json.writeBooleanField("more", number < parts.size() - 1);
                }
              }));
    }
    return messages;
  }

  /** At least one part, if need be an empty one. */
  private List<List<String>> parts(List<String> elements) {
    List<List<String>> parts = new ArrayList<>();
    List<String> part = new ArrayList<>();
    long bytes = AROUND;
    for (String element : elements) {
      int size = element.getBytes(StandardCharsets.UTF_8).length + 1;
      if (!part.isEmpty() && bytes + size > maxMessage) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = AROUND;
      }
      part.add(element);
      bytes += size;
    }
    parts.add(part);
    return parts;
  }

  private static void array(String name, List<String> elements, JsonGenerator json)
      throws IOException {
    json.writeFieldName(name);
    json.writeRawValue("[" + String.join(",", elements) + "]");
  }

  private String change(Change change, boolean differences) {
    return switch (change) {
      case Change.Insert(Row row) -> "{\"op\":\"insert\",\"row\":" + whole(row) + "}";
      case Change.Update(Row before, Row row) ->
          "{\"op\":\"update\",\"row\":" + (differences ? patch(before, row) : whole(row)) + "}";
      case Change.Delete(Row before) -> "{\"op\":\"delete\",\"row\":" + key(before) + "}";
    };
  }

  private interface Choice {
    boolean takes(int column, String name);
  }

  private String whole(Row row) {
    return row(row, (column, name) -> true);
  }

  private String key(Row row) {
    return row(row, (column, name) -> !shape.isKeyed() || shape.key().contains(name));
  }

  private String patch(Row before, Row row) {
    return row(
        row,
        (column, name) ->
            shape.key().contains(name) || !Objects.equals(before.value(column), row.value(column)));
  }

  private String row(Row row, Choice choice) {
    return MessageWriter.text(json -> {
      json.writeStartObject();
      for (int i = 0; i < shape.columns().size(); i++) {
        Column column = shape.columns().get(i);
        if (choice.takes(i, column.name())) {
          json.writeFieldName(column.name());
          ColumnText.write(column.type(), row.value(i), json);
        }
      }
      json.writeEndObject();
    });
  }
}
