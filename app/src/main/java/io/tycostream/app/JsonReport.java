package io.tycostream.app;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.client.Gap;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableColumn;
import io.tycostream.client.TableRow;
import io.tycostream.client.TableState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;

/**
 * One JSON object a line. Values are JSON strings with the text that the database wrote, whatever
 * the column's type, and null.
 */
final class JsonReport implements WatchReport {

  private static final JsonFactory JSON = new JsonFactory();

  private final PrintWriter out;

  JsonReport(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void snapshot(TableState state) {
    String position = state.position().orElse("");
    line(json -> {
      json.writeStringField("op", "snapshot");
      json.writeNumberField("rows", state.rows().size());
      json.writeStringField("position", position);
    });
    state.rows().forEach(row -> row("row", row, position));
    out.flush();
  }

  @Override
  public void batch(TableBatch batch) {
    for (TableChange change : batch.changes()) {
      switch (change) {
        case TableChange.Inserted(TableRow row) -> row("insert", row, batch.position());
        case TableChange.Updated(Optional<TableRow> before, TableRow row) ->
            row("update", row, batch.position());
        case TableChange.Deleted(TableRow row) -> row("delete", row, batch.position());
      }
    }
    out.flush();
  }

  @Override
  public void gap(Gap gap) {
    line(json -> {
      json.writeStringField("op", "gap");
      json.writeStringField("reason", gap.reason());
      json.writeStringField("recovery", gap.recovery().name().toLowerCase(Locale.ROOT));
      json.writeNumberField("dropped", gap.dropped().orElse(-1));
      json.writeStringField("position", gap.upTo());
    });
    out.flush();
  }

  @Override
  public void state(String what, String state, String text) {
    line(json -> {
      json.writeStringField("op", what);
      json.writeStringField("state", state);
      json.writeStringField("text", text);
    });
    out.flush();
  }

  private void row(String op, TableRow row, String position) {
    line(json -> {
      json.writeStringField("op", op);
      json.writeObjectFieldStart("row");
      for (TableColumn column : row.columns()) {
        json.writeStringField(column.name(), row.find(column.name()).orElse(null));
      }
      json.writeEndObject();
      json.writeStringField("position", position);
    });
  }

  private void line(Writing writing) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      writing.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    out.println(text);
  }

  /** Writes the fields of an object. */
  @FunctionalInterface
  private interface Writing {
    void write(JsonGenerator json) throws IOException;
  }
}
