package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonGenerator;
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
      json.writeRawValue(text);
    }
  },
  BYTES {
    @Override
    void write(String text, JsonGenerator json) throws IOException {
      if (text.startsWith("\\x")) {
        byte[] bytes = HexFormat.of().parseHex(text, 2, text.length());
        json.writeString(Base64.getEncoder().encodeToString(bytes));
      } else {
        json.writeString(text);
      }
    }
  };

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
