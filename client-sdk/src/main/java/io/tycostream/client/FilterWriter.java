package io.tycostream.client;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Writes a condition on rows in the protocol's JSON, one object for each: {@code
 * {"price":{"_gt":100}}}, {@code {"_or":[…]}}.
 */
final class FilterWriter {

  private FilterWriter() {}

  static void write(Filter filter, JsonGenerator json) throws IOException {
    json.writeStartObject();
    switch (filter) {
      case Filter.And(List<Filter> all) -> all("_and", all, json);
      case Filter.Or(List<Filter> any) -> all("_or", any, json);
      case Filter.Not(Filter negated) -> {
        json.writeFieldName("_not");
        write(negated, json);
      }
      case Filter.Compared(String column, Filter.Comparison comparison, Literal value) -> {
        json.writeObjectFieldStart(column);
        json.writeFieldName("_" + comparison.name().toLowerCase(Locale.ROOT));
        write(value, json);
        json.writeEndObject();
      }
      case Filter.OneOf(String column, List<Literal> values, boolean negated) -> {
        json.writeObjectFieldStart(column);
        json.writeArrayFieldStart(negated ? "_nin" : "_in");
        for (Literal value : values) {
          write(value, json);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      case Filter.IsNull(String column, boolean isNull) -> {
        json.writeObjectFieldStart(column);
        json.writeBooleanField("_is_null", isNull);
        json.writeEndObject();
      }
      case Filter.Like(String column, String pattern, boolean ignoreCase) -> {
        json.writeObjectFieldStart(column);
        json.writeStringField(ignoreCase ? "_ilike" : "_like", pattern);
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }

  private static void all(String operator, List<Filter> filters, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(operator);
    for (Filter filter : filters) {
      write(filter, json);
    }
    json.writeEndArray();
  }

  private static void write(Literal literal, JsonGenerator json) throws IOException {
    switch (literal) {
      case Literal.Text(String text) -> json.writeString(text);
      case Literal.Number(String digits) -> json.writeNumber(digits);
      case Literal.Truth(boolean value) -> json.writeBoolean(value);
    }
  }
}
