package io.tycostream.client;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one message, before its type says which of them count.
 *
 * <p>What is missing or is not what it should be is an {@link IllegalArgumentException} that names
 * the field.
 */
final class Fields {

  List<Column> columns = List.of();
  List<String> key = List.of();
  Limits limits =
      new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
  @Nullable List<Row> rows;
  @Nullable List<RowChange> changes;

  private final Map<String, String> scalars = new HashMap<>();

  void put(String name, String value) {
    scalars.put(name, value);
  }

  boolean has(String name) {
    return scalars.containsKey(name);
  }

  String type() {
    return scalars.getOrDefault("type", "message without a type");
  }

  OptionalInt feed() {
    return smallNumber("feed");
  }

  int requiredFeed() {
    return feed().orElseThrow(() -> missing("feed"));
  }

  List<Row> requiredRows() {
    if (rows == null) {
      throw missing("rows");
    }
    return rows;
  }

  List<RowChange> requiredChanges() {
    if (changes == null) {
      throw missing("changes");
    }
    return changes;
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(scalars.get(name));
  }

  String required(String name) {
    return text(name).orElseThrow(() -> missing(name));
  }

  boolean flag(String name) {
    return "true".equals(scalars.get(name));
  }

  OptionalLong number(String name) {
    String value = scalars.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(value));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is no whole number: " + value, e);
    }
  }

  long requiredNumber(String name) {
    return number(name).orElseThrow(() -> missing(name));
  }

  OptionalInt smallNumber(String name) {
    OptionalLong value = number(name);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    if (value.getAsLong() != (int) value.getAsLong()) {
      throw new IllegalArgumentException(name + " is out of range: " + value.getAsLong());
    }
    return OptionalInt.of((int) value.getAsLong());
  }

  Optional<Duration> millis(String name) {
    OptionalLong value = number(name);
    return value.isPresent()
        ? Optional.of(Duration.ofMillis(Math.max(0, value.getAsLong())))
        : Optional.empty();
  }

  /** More than zero. */
  Duration requiredMillis(String name) {
    Duration value = millis(name).orElseThrow(() -> missing(name));
    if (value.isZero()) {
      throw new IllegalArgumentException(name + " is not more than zero");
    }
    return value;
  }

  Instant instant(String name) {
    String value = required(name);
    try {
      return OffsetDateTime.parse(value).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(name + " is no ISO 8601 moment: " + value, e);
    }
  }

  private static IllegalArgumentException missing(String name) {
    return new IllegalArgumentException(name + " is missing");
  }
}
