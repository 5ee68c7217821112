package io.tycostream.client.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.change.Column;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Java values as the texts that rows are made of, and these as JSON. Values of arrays and json
 * columns are kept as JSON, all others as they stand in a JSON string or number.
 */
final class ColumnText {

  private static final JsonFactory JSON = new JsonFactory();

  private static final Pattern JSON_NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  private ColumnText() {}

  /**
   * The text of a value; null for NULL.
   *
   * @throws IllegalArgumentException when it does not go with the column's type
   */
  static @Nullable String of(Column column, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    try {
      return text(column.type(), value);
    } catch (MisfitException e) {
      throw new IllegalArgumentException(
          "column \"%s\" is %s: %s is %s, not %s"
              .formatted(
                  column.name(), column.type(), value, value.getClass().getName(), e.getMessage()),
          e);
    }
  }

  /** A value is none of its column's type; the message says what would be. */
  private static final class MisfitException extends Exception {
    private static final long serialVersionUID = 1L;

    MisfitException(String right) {
      super(right);
    }
  }

  private static String text(String type, Object value) throws MisfitException {
    return switch (type) {
      case "bool" -> {
        if (!(value instanceof Boolean truth)) {
          throw new MisfitException("true or false");
        }
        yield truth.toString();
      }
      case "int2" -> whole(value, BigInteger.valueOf(Short.MIN_VALUE), Short.MAX_VALUE);
      case "int4" -> whole(value, BigInteger.valueOf(Integer.MIN_VALUE), Integer.MAX_VALUE);
      case "int8" -> whole(value, BigInteger.valueOf(Long.MIN_VALUE), Long.MAX_VALUE);
      case "numeric" -> number(value);
      case "float4", "float8" -> floating(value);
      case "uuid" -> {
        if (value instanceof UUID uuid) {
          yield uuid.toString();
        }
        yield parsed(value, UUID::fromString, "a UUID");
      }
      case "timestamptz" ->
          switch (value) {
            case Instant instant -> instant.toString();
            case OffsetDateTime moment -> moment.toInstant().toString();
            case ZonedDateTime moment -> moment.toInstant().toString();
            default -> parsed(value, Instant::parse, "an Instant, or its text");
          };
      case "timestamp" ->
          value instanceof LocalDateTime moment
              ? DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(moment)
              : parsed(
                  value,
                  text -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(LocalDateTime.parse(text)),
                  "a LocalDateTime, or its text");
      case "date" ->
          value instanceof LocalDate date
              ? date.toString()
              : parsed(value, LocalDate::parse, "a LocalDate, or its text");
      case "time" ->
          value instanceof LocalTime time
              ? DateTimeFormatter.ISO_LOCAL_TIME.format(time)
              : parsed(
                  value,
                  text -> DateTimeFormatter.ISO_LOCAL_TIME.format(LocalTime.parse(text)),
                  "a LocalTime, or its text");
      case "timetz" ->
          value instanceof OffsetTime time
              ? DateTimeFormatter.ISO_OFFSET_TIME.format(time)
              : parsed(
                  value,
                  text -> DateTimeFormatter.ISO_OFFSET_TIME.format(OffsetTime.parse(text)),
                  "an OffsetTime, or its text");
      case "bytea" -> {
        if (!(value instanceof byte[] bytes)) {
          throw new MisfitException("a byte[]");
        }
        yield Base64.getEncoder().encodeToString(bytes);
      }
      case "json", "jsonb" -> json(value);
      default -> type.startsWith("_") ? array(type.substring(1), value) : label(value);
    };
  }

  private static String whole(Object value, BigInteger least, long most) throws MisfitException {
    BigInteger whole =
        switch (value) {
          case BigInteger large -> large;
          case Byte small -> BigInteger.valueOf(small);
          case Short small -> BigInteger.valueOf(small);
          case Integer usual -> BigInteger.valueOf(usual);
          case Long large -> BigInteger.valueOf(large);
          default -> throw new MisfitException("a whole number");
        };
    if (whole.compareTo(least) < 0 || whole.compareTo(BigInteger.valueOf(most)) > 0) {
      throw new MisfitException("a number from " + least + " to " + most);
    }
    return whole.toString();
  }

  private static String number(Object value) throws MisfitException {
    return switch (value) {
      case Double number when !Double.isFinite(number) -> number.toString();
      case Float number when !Float.isFinite(number) -> number.toString();
      case Number number -> new BigDecimal(number.toString()).toPlainString();
      default ->
          parsed(value, text -> new BigDecimal(text).toPlainString(), "a BigDecimal, or its text");
    };
  }

  private static String floating(Object value) throws MisfitException {
    if (!(value instanceof Number number)) {
      throw new MisfitException("a number");
    }
    return number.toString();
  }

  private static String label(Object value) throws MisfitException {
    return switch (value) {
      case CharSequence text -> text.toString();
      case Character character -> character.toString();
      case Enum<?> constant -> constant.name();
      default -> throw new MisfitException("a text");
    };
  }

  private static String parsed(Object value, Function<String, Object> parse, String right)
      throws MisfitException {
    try {
      if (value instanceof CharSequence text) {
        return parse.apply(text.toString()).toString();
      }
    } catch (DateTimeException | IllegalArgumentException e) {
      // It is said below what would be right.
    }
    throw new MisfitException(right);
  }

  private static String json(Object value) throws MisfitException {
    if (value instanceof CharSequence text) {
      try {
        JsonText.read(text.toString());
        return text.toString();
      } catch (IOException | NumberFormatException e) {
        throw new MisfitException("JSON, such as {\"a\":[1,\"two\",null]} or \"a text in quotes\"");
      }
    }
    return written(json -> plain(value, json));
  }

  private static void plain(@Nullable Object value, JsonGenerator json)
      throws IOException, MisfitException {
    switch (value) {
      case null -> json.writeNull();
      case Boolean truth -> json.writeBoolean(truth);
      case Number number -> json.writeNumber(new BigDecimal(number.toString()));
      case CharSequence text -> json.writeString(text.toString());
      case Map<?, ?> object -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> each : object.entrySet()) {
          json.writeFieldName(String.valueOf(each.getKey()));
          plain(each.getValue(), json);
        }
        json.writeEndObject();
      }
      case Collection<?> array -> {
        json.writeStartArray();
        for (Object each : array) {
          plain(each, json);
        }
        json.writeEndArray();
      }
      default -> throw new MisfitException("JSON: a text of it, a Map, a List, a number, …");
    }
  }

  private static String array(String elementType, Object value) throws MisfitException {
    if (!(value instanceof Object[]) && !(value instanceof Collection<?>)) {
      throw new MisfitException("a List of what goes with " + elementType);
    }
    return written(json -> elements(elementType, value, json));
  }

  private static void elements(String type, Object value, JsonGenerator json)
      throws IOException, MisfitException {
    Collection<?> elements =
        value instanceof Object[] array ? Arrays.asList(array) : (Collection<?>) value;
    json.writeStartArray();
    for (Object each : elements) {
      if (each instanceof Object[] || each instanceof Collection<?>) {
        elements(type, each, json);
      } else {
        write(type, each == null ? null : text(type, each), json);
      }
    }
    json.writeEndArray();
  }

  private interface Writing {
    void write(JsonGenerator json) throws IOException, MisfitException;
  }

  private static String written(Writing writing) throws MisfitException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      writing.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("into memory", e);
    }
    return text.toString();
  }

  /** Writes a row's text as the JSON value that the protocol has for its type. */
  static void write(String type, @Nullable String text, JsonGenerator json) throws IOException {
    if (text == null) {
      json.writeNull();
    } else if (isRaw(type, text)) {
      json.writeRawValue(text);
    } else {
      json.writeString(text);
    }
  }

  private static boolean isRaw(String type, String text) {
    return switch (type) {
      case "bool", "json", "jsonb" -> true;
      case "int2", "int4", "float4", "float8" -> JSON_NUMBER.matcher(text).matches();
      default -> type.startsWith("_");
    };
  }
}
