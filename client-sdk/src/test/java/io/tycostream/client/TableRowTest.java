package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TableRowTest {

  private static final RowColumns COLUMNS =
      new RowColumns(
          new Relation(
              "trades",
              "trades",
              List.of(
                  new Column("id", "int8"),
                  new Column("price", "numeric"),
                  new Column("open", "bool"),
                  new Column("at", "timestamptz"),
                  new Column("note", "text")),
              List.of("id")));

  private final TableRow row =
      new TableRow(
          COLUMNS,
          Row.of("9007199254740993", "10.10", "true", "2026-11-21T20:45:16.123456Z", null));

  @Test
  void readsValuesAsTheirTypes() {
    assertEquals(9_007_199_254_740_993L, row.longValue("id"));
    assertEquals(new BigDecimal("10.10"), row.decimal("price"));
    assertTrue(row.bool("open"));
    assertEquals(Instant.parse("2026-11-21T20:45:16.123456Z"), row.instant("at"));
    assertEquals("10.10", row.text("price"));
    assertTrue(row.isNull("note"));
    assertEquals(Optional.empty(), row.find("note"));
    assertEquals(
        "id=9007199254740993 price=10.10 open=true at=2026-11-21T20:45:16.123456Z note=NULL",
        row.toString());
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals(
        "trades has no column \"prise\"; it has id, price, open, at, note",
        assertThrows(IllegalArgumentException.class, () -> row.text("prise")).getMessage());
    assertEquals(
        "note (text) of trades is NULL; ask isNull first",
        assertThrows(IllegalStateException.class, () -> row.text("note")).getMessage());
    assertEquals(
        "price (numeric) of trades is no whole number of 64 bits: \"10.10\"",
        assertThrows(IllegalStateException.class, () -> row.longValue("price")).getMessage());
    assertEquals(
        "id (int8) of trades is no boolean: \"9007199254740993\"",
        assertThrows(IllegalStateException.class, () -> row.bool("id")).getMessage());
    assertEquals(
        "open (bool) of trades is no moment with a time zone: \"true\"",
        assertThrows(IllegalStateException.class, () -> row.instant("open")).getMessage());
  }
}
