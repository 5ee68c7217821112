package io.tycostream.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tycostream.domain.change.Column;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ColumnTextTest {

  static Stream<Arguments> values() {
    return Stream.of(
        arguments("bool", true, "true"),
        arguments("int2", (short) -7, "-7"),
        arguments("int2", 32_767, "32767"),
        arguments("int4", (byte) 1, "1"),
        arguments("int4", Integer.MIN_VALUE, "-2147483648"),
        arguments("int8", Long.MAX_VALUE, "\"9223372036854775807\""),
        arguments("int8", BigInteger.TEN, "\"10\""),
        arguments("numeric", new BigDecimal("1.500"), "\"1.500\""),
        arguments("numeric", new BigDecimal("1E+3"), "\"1000\""),
        arguments("numeric", "12.5", "\"12.5\""),
        arguments("numeric", 7, "\"7\""),
        arguments("numeric", Double.NaN, "\"NaN\""),
        arguments("float8", 1.5, "1.5"),
        arguments("float8", 1e300, "1.0E300"),
        arguments("float8", Double.NEGATIVE_INFINITY, "\"-Infinity\""),
        arguments("float4", Float.NaN, "\"NaN\""),
        arguments("text", "a \"b\"\n", "\"a \\\"b\\\"\\n\""),
        arguments("text", CharBuffer.wrap("sb"), "\"sb\""),
        arguments("bpchar", 'x', "\"x\""),
        arguments("weekday", DayOfWeek.FRIDAY, "\"FRIDAY\""),
        arguments("uuid", new UUID(1, 2), "\"00000000-0000-0001-0000-000000000002\""),
        arguments("uuid", "0-0-1-0-2", "\"00000000-0000-0001-0000-000000000002\""),
        arguments(
            "timestamptz", Instant.parse("2026-01-31T12:00:00.5Z"), "\"2026-01-31T12:00:00.500Z\""),
        arguments(
            "timestamptz",
            OffsetDateTime.parse("2026-01-31T12:00+01:00"),
            "\"2026-01-31T11:00:00Z\""),
        arguments("timestamptz", "2026-01-31T12:00:00Z", "\"2026-01-31T12:00:00Z\""),
        arguments("timestamp", LocalDateTime.parse("2026-01-31T12:00"), "\"2026-01-31T12:00:00\""),
        arguments("timestamp", "2026-01-31T12:00", "\"2026-01-31T12:00:00\""),
        arguments("date", LocalDate.parse("2026-01-31"), "\"2026-01-31\""),
        arguments("time", LocalTime.parse("12:00"), "\"12:00:00\""),
        arguments("timetz", OffsetTime.parse("12:00+01:00"), "\"12:00:00+01:00\""),
        arguments("bytea", new byte[] {1, 2, 3}, "\"AQID\""),
        arguments("jsonb", "{\"a\": [1, null]}", "{\"a\": [1, null]}"),
        arguments("json", Map.of("a", List.of(1, "b", true)), "{\"a\":[1,\"b\",true]}"),
        arguments("json", 1.5, "1.5"),
        arguments("_int4", List.of(1, 2), "[1,2]"),
        arguments("_int8", new Long[] {1L, null}, "[\"1\",null]"),
        arguments("_text", Arrays.asList("a", null), "[\"a\",null]"),
        arguments("_numeric", List.of(List.of(1), List.of(2)), "[[\"1\"],[\"2\"]]"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void tellsAValueAsTheProtocolHasIt(String type, Object value, String json) {
    String text = ColumnText.of(new Column("c", type), value);
    assertEquals(json, MessageWriter.text(writing -> ColumnText.write(type, text, writing)));
  }

  static Stream<Arguments> misfits() {
    return Stream.of(
        arguments("bool", "true"),
        arguments("int2", 32_768),
        arguments("int4", 1L << 31),
        arguments("int8", new BigInteger("9223372036854775808")),
        arguments("int8", 1.0),
        arguments("int8", "1"),
        arguments("numeric", "one"),
        arguments("numeric", true),
        arguments("float8", "1"),
        arguments("text", 1),
        arguments("uuid", "one"),
        arguments("timestamptz", LocalDateTime.parse("2026-01-31T12:00")),
        arguments("timestamptz", "yesterday"),
        arguments("timestamp", Instant.EPOCH),
        arguments("date", "2026-02-30"),
        arguments("time", "25:00"),
        arguments("bytea", "AQID"),
        arguments("json", "{"),
        arguments("json", Instant.EPOCH),
        arguments("_int4", 1),
        arguments("_int4", List.of("1")));
  }

  @ParameterizedTest
  @MethodSource("misfits")
  void saysWhatDoesNotGoWithAColumn(String type, Object value) {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class, () -> ColumnText.of(new Column("price", type), value));
    assertTrue(thrown.getMessage().startsWith("column \"price\" is " + type + ": "));
  }
}
