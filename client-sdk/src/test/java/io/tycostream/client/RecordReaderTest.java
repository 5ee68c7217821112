package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecordReaderTest {

  private static final RowColumns SHAPE =
      new RowColumns(
          new Relation(
              "t",
              "1",
              columns(
                  "id",
                  "big",
                  "price",
                  "market_value",
                  "open",
                  "at",
                  "day",
                  "time",
                  "local",
                  "uuid",
                  "side",
                  "note",
                  "extra"),
              List.of("id")));

  private static List<Column> columns(String... names) {
    List<Column> columns = new ArrayList<>();
    for (String name : names) {
      columns.add(new Column(name, "text"));
    }
    return columns;
  }

  private static TableRow row(@Nullable String note) {
    return new TableRow(
        SHAPE,
        Row.of(
            "7",
            "9007199254740993",
            "1.10",
            "-2.5",
            "true",
            "2026-11-21T20:45:16.5Z",
            "2026-11-21",
            "20:45:16",
            "2026-11-21T20:45:16",
            "27d09586-01cd-4478-a3ce-6353cc2a25da",
            "buy",
            note,
            "of no interest"));
  }

  enum Side {
    BUY,
    SELL
  }

  record Everything(
      int id,
      long big,
      BigDecimal price,
      double marketValue,
      boolean open,
      Instant at,
      LocalDate day,
      LocalTime time,
      LocalDateTime local,
      UUID uuid,
      Side side,
      Optional<String> note) {}

  record Boxed(Integer id, Long big, Boolean open, Double price, @Nullable String note) {}

  record Narrow(int big) {}

  record Absent(String missing) {}

  record Primitive(long note) {}

  record Unreadable(List<String> note) {}

  record Picky(int id) {
    Picky {
      throw new IllegalArgumentException("never");
    }
  }

  @Test
  void readsEveryType() {
    assertEquals(
        new Everything(
            7,
            9_007_199_254_740_993L,
            new BigDecimal("1.10"),
            -2.5,
            true,
            Instant.parse("2026-11-21T20:45:16.5Z"),
            LocalDate.of(2026, 11, 21),
            LocalTime.of(20, 45, 16),
            LocalDateTime.of(2026, 11, 21, 20, 45, 16),
            UUID.fromString("27d09586-01cd-4478-a3ce-6353cc2a25da"),
            Side.BUY,
            Optional.of("n")),
        new RecordReader<>(Everything.class).apply(row("n")));
    assertEquals(
        new Boxed(7, 9_007_199_254_740_993L, true, 1.1, null),
        new RecordReader<>(Boxed.class).apply(row(null)));
  }

  @Test
  void nullIsNothing() {
    assertEquals(Optional.empty(), new RecordReader<>(Everything.class).apply(row(null)).note());
  }

  @Test
  void saysWhatCannotBeRead() {
    assertThrows(ArithmeticException.class, () -> new RecordReader<>(Narrow.class).apply(row("")));
    assertSays("t has no column \"missing\"", Absent.class);
    assertSays("note (text) of t is NULL", Primitive.class);
    assertSays("java.lang.IllegalArgumentException: never", Picky.class);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> new RecordReader<>(Unreadable.class));
    assertEquals(
        "note of Unreadable is a java.util.List<java.lang.String>, which no column can be read as",
        refused.getMessage());
  }

  private static void assertSays(String beginning, Class<? extends Record> type) {
    RuntimeException thrown =
        assertThrows(RuntimeException.class, () -> new RecordReader<>(type).apply(row(null)));
    assertTrue(String.valueOf(thrown.getMessage()).startsWith(beginning), thrown::toString);
  }
}
