package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How values of one database type stand in JSON; the table is in the protocol's chapter on values.
 *
 * <p>What does not look as its type should is written as the text that it is: nothing is lost, and
 * nothing that is not JSON gets into a message.
 */
enum ValueEncoder {
  BOOL {
    @Override
    void write(String text, JsonGenerator json) throws IOException {
      switch (text) {
        case "t", "true" -> json.writeBoolean(true);
        case "f", "false" -> json.writeBoolean(false);
        default -> json.writeString(text);
      }
    }
  },
  NUMBER {
    @Override
    void write(String text, JsonGenerator json) throws IOException {
      if (JSON_NUMBER.matcher(text).matches()) {
        json.writeRawValue(text);
      } else {
        json.writeString(text); // NaN, Infinity, -Infinity
      }
    }
  },
  TEXT {
    @Override
    void write(String text, JsonGenerator json) throws IOException {
      json.writeString(text);
    }
  },
  TIMESTAMP {
    @Override
    void write(String text, JsonGenerator json) throws IOException {
      Matcher matcher = DATABASE_TIMESTAMP.matcher(text);
      json.writeString(matcher.matches() ? iso(matcher) : text);
    }

    private static String iso(Matcher matcher) {
      String offset = matcher.group(3);
      String era = matcher.group(4);
      String zone = offset == null ? "" : offset.equals("+00") ? "Z" : offset;
      return matcher.group(1) + "T" + matcher.group(2) + zone + (era == null ? "" : era);
    }
  },
  JSON {
    @Override
    void write(String text, JsonGenerator json) throws IOException {
      if (isOneValue(text)) {
        json.writeRawValue(text);
      } else {
        json.writeString(text);
      }
    }

    private static boolean isOneValue(String text) throws IOException {
      try (JsonParser parser = READER.createParser(text)) {
        if (parser.nextToken() == null) {
          return false;
        }
        parser.skipChildren();
        return parser.nextToken() == null;
      } catch (JacksonException e) {
        return false;
      }
    }
  },
  BYTES {
    @Override
    void write(String text, JsonGenerator json) throws IOException {
      if (HEX.matcher(text).matches()) {
        byte[] bytes = HexFormat.of().parseHex(text, 2, text.length());
        json.writeString(Base64.getEncoder().encodeToString(bytes));
      } else {
        json.writeString(text);
      }
    }
  };

  /** Reads whatever the database let in: the limits of the database are ours. */
  private static final JsonFactory READER =
      JsonFactory.builder()
          .recyclerPool(JsonBuffers.SHARED)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final Pattern HEX = Pattern.compile("\\\\x(?:[0-9a-fA-F]{2})*+");

  private static final Pattern JSON_NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  /** Date, time, offset, era: {@code 2026-11-21 20:45:16.123456+00 BC}. */
  private static final Pattern DATABASE_TIMESTAMP =
      Pattern.compile(
          "(-?\\d+-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?)([+-][\\d:]+)?( BC)?");

  /** Writes a value that is not NULL. */
  abstract void write(String text, JsonGenerator json) throws IOException;

  /**
   * The encoder for a type that is not an array.
   *
   * @param type PostgreSQL's short name
   */
  static ValueEncoder of(String type) {
    return switch (type) {
      case "bool" -> BOOL;
      case "int2", "int4", "float4", "float8" -> NUMBER;
      case "timestamp", "timestamptz" -> TIMESTAMP;
      case "json", "jsonb" -> JSON;
      case "bytea" -> BYTES;
      default -> TEXT;
    };
  }
}
