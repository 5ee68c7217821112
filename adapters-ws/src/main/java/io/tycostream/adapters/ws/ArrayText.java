package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's text form of an array, {@code {1,NULL,"a,b",{2,3}}}, possibly with bounds in front
 * of it: {@code [0:1]={…}}.
 */
final class ArrayText {

  private static final int MAX_DEPTH = 6; // PostgreSQL's MAXDIM

  /** Where the array begins and ends, of each dimension: {@code [0:1][-5:3]=}. */
  private static final Pattern BOUNDS = Pattern.compile("(?:\\[[+-]?\\d+:[+-]?\\d+])+=");

  private final String text;
  private final char delimiter;
  private int at;

  private ArrayText(String text, char delimiter) {
    this.text = text;
    this.delimiter = delimiter;
  }

  /** An array; its elements are arrays, texts, or null for NULL. */
  private record Elements(List<@Nullable Object> values) {}

  /**
   * Writes an array as a JSON array.
   *
   * @return false when the text is not an array; nothing is written then
   */
  static boolean write(String text, char delimiter, ValueEncoder elements, JsonGenerator json)
      throws IOException {
    ArrayText parser = new ArrayText(text, delimiter);
    Matcher bounds = BOUNDS.matcher(text);
    parser.at = bounds.lookingAt() ? bounds.end() : 0;
    Optional<Elements> array = parser.array(1);
    if (array.isEmpty() || parser.at != text.length()) {
      return false;
    }
    write(array.get(), elements, json);
    return true;
  }

  private static void write(Elements array, ValueEncoder encoder, JsonGenerator json)
      throws IOException {
    json.writeStartArray();
    for (Object value : array.values()) {
      switch (value) {
        case null -> json.writeNull();
        case Elements inner -> write(inner, encoder, json);
        default -> encoder.write((String) value, json);
      }
    }
    json.writeEndArray();
  }

  private Optional<Elements> array(int depth) {
    if (depth > MAX_DEPTH || !take('{')) {
      return Optional.empty();
    }
    List<@Nullable Object> values = new ArrayList<>();
    if (take('}')) {
      return Optional.of(new Elements(values));
    }
    do {
      if (peek('{')) {
        Optional<Elements> inner = array(depth + 1);
        if (inner.isEmpty()) {
          return Optional.empty();
        }
        values.add(inner.get());
      } else if (peek(delimiter) || peek('}')) {
        return Optional.empty(); // the database puts an empty text in quotes
      } else {
        values.add(peek('"') ? quoted() : unquoted());
      }
    } while (take(delimiter));
    return take('}') ? Optional.of(new Elements(values)) : Optional.empty();
  }

  private String quoted() {
    StringBuilder value = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\') {
        at++;
      }
      if (at < text.length()) {
        value.append(text.charAt(at++));
      }
    }
    at++;
    return value.toString();
  }

  private @Nullable String unquoted() {
    StringBuilder value = new StringBuilder();
    while (at < text.length() && text.charAt(at) != delimiter && text.charAt(at) != '}') {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      value.append(text.charAt(at++));
    }
    return value.toString().equalsIgnoreCase("NULL") ? null : value.toString();
  }

  private boolean peek(char expected) {
    return at < text.length() && text.charAt(at) == expected;
  }

  private boolean take(char expected) {
    boolean there = peek(expected);
    if (there) {
      at++;
    }
    return there;
  }
}
