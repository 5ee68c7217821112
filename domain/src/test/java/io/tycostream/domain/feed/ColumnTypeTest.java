package io.tycostream.domain.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What PostgreSQL answers to the same comparisons; their kinds were asked of a real one. */
class ColumnTypeTest {

  private static void assertEqual(String type, String... texts) {
    ColumnType of = ColumnType.of(type);
    for (String text : texts) {
      assertEquals(0, of.compare(texts[0], text), text);
      assertEquals(of.key(texts[0]), of.key(text), text);
      assertTrue(of.isReadable(of.key(text)), text);
    }
  }

  private static void assertRising(String type, String... texts) {
    ColumnType of = ColumnType.of(type);
    for (int i = 0; i < texts.length; i++) {
      assertTrue(of.isReadable(of.key(texts[i])), texts[i]);
      for (int j = 0; j < texts.length; j++) {
        int order = Integer.signum(of.compare(texts[i], texts[j]));
        assertEquals(Integer.compare(i, j), order, texts[i] + " and " + texts[j]);
      }
    }
  }

  private static void assertNoValue(String type, String... texts) {
    ColumnType of = ColumnType.of(type);
    for (String text : texts) {
      assertFalse(of.isReadable(of.key(text)), text);
      assertNull(of.keyOf(new Literal.Text(text)), text);
    }
  }

  @Test
  void numbersAreEqualHoweverTheyAreWritten() {
    assertEqual("numeric", "1.5", "1.50", "15e-1", "0.15E+1", "+1.5", "01.5");
    assertEqual("float8", "0", "-0", "0.000", "0e99");
    assertEqual("float8", "1e+20", "100000000000000000000");
    assertEqual("numeric", "9223372036854775807", "9223372036854775807.00");
    assertEqual("numeric", "5", "5.", "5.0");
    assertEqual("numeric", "0.5", ".5");
    assertEqual("float8", "NaN", "nan");
    assertEqual("float8", "Infinity", "inf", "+Infinity");
  }

  @Test
  void numbersAreOrderedToTheLastDigitAndNaNIsAboveAll() {
    assertRising(
        "numeric",
        "-Infinity",
        "-1e308",
        "-9223372036854775809",
        "-9223372036854775808",
        "-0.5",
        "0",
        "1e-300",
        "0.1",
        "0.1000000000000000055511151231257827",
        "9007199254740992",
        "9007199254740993",
        "999999999999999999",
        "1000000000000000000",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "1e308",
        "Infinity",
        "NaN");
  }

  @Test
  void whatIsNoNumberIsNone() {
    assertNoValue("numeric", "", "-", "+", ".", "e5", "1e", "1e+", "1_000", "0x1F", " 1", "1 ");
    assertNoValue("int4", "١٢", "1,5", "--1", "1.2.3", "NaN0", "infinit", "1e99999999999");
    assertNoValue("numeric", "1e150001", "1e-150001", "1e2147483647", "-1e-2147483647");
  }

  @Test
  void anOverlongNumberIsRefusedInAFilterButReadInARow() {
    String longNumber = "1" + "0".repeat(1_500);
    assertNull(ColumnType.NUMBER.keyOf(new Literal.Number(longNumber)));
    assertEquals(0, ColumnType.NUMBER.compare(longNumber, "1e1500"));
  }

  @Test
  void textsAreOrderedByCodePointAndNotByUtf16() {
    assertRising(
        "text",
        "",
        " ",
        "A",
        "Z",
        "a",
        "a ",
        "ab",
        "b",
        "\uD7FF",
        "\uE000",
        "\uFFFD",
        "\uD83D\uDE00",
        "\uDBFF\uDFFF");
  }

  @Test
  void blanksAtTheEndCountInAVarcharButNotInAChar() {
    assertRising("varchar", "ab", "ab ");
    assertEqual("bpchar", "ab", "ab   ");
    assertEqual("bpchar", "", "   ");
    assertRising("bpchar", " ab", "ab  ", "ab\n ");
  }

  @Test
  void falseIsBelowTrue() {
    assertRising("bool", "f", "t");
    assertEqual("bool", "t", "true");
    assertNoValue("bool", "", "1", "yes", "T");
  }

  @Test
  void aUuidIsTheSameInEveryFormThatPostgresTakes() {
    assertEqual(
        "uuid",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
        "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}");
    assertRising("uuid", "7" + "0".repeat(31), "8" + "0".repeat(31), "F" + "0".repeat(31));
    assertNoValue(
        "uuid", "", "a0eebc99", "g" + "0".repeat(31), "{" + "0".repeat(32), "0".repeat(33));
  }

  @Test
  void timestampsWithZoneAreInstants() {
    assertEqual(
        "timestamptz",
        "2026-01-01 00:00:00+05:30",
        "2025-12-31 18:30:00+00",
        "2025-12-31T18:30:00Z",
        "2025-12-31T18:30Z",
        "2025-12-31t18:30:00.000000000z",
        "2025-12-31 10:30:00-08",
        "2025-12-31T10:30:00-0800",
        "2025-12-31 18:30:00");
    assertEqual("timestamptz", "2026-01-01 00:00:00+05:30:15", "2025-12-31 18:29:45+00");
    assertEqual("timestamptz", "2026-01-01T00:00:00Z", "2026-01-01", "2025-12-31 24:00:00+00");
    assertRising(
        "timestamptz",
        "-infinity",
        "4714-11-24 00:00:00+00 BC",
        "0001-12-31 23:59:59+00 BC",
        "0001-01-01 00:00:00+00",
        "2026-01-01 00:00:00.123456+00",
        "2026-01-01 00:00:00.1234561+00",
        "9999-12-31 23:59:59+00",
        "10000-01-01 00:00:00+00",
        "294276-12-31 23:59:59.999999+00",
        "infinity");
  }

  @Test
  void timestampsWithoutZoneAreLocal() {
    assertEqual("timestamp", "2026-01-01 00:00:00", "2026-01-01T00:00", "2026-01-01");
    assertEqual("timestamp", "0044-03-15 12:00:00 BC", "-0043-03-15T12:00:00");
    assertRising("timestamp", "-infinity", "0044-03-15 12:00:00 BC", "2026-01-01", "infinity");
    assertNoValue("timestamp", "2026-01-01 00:00:00Z", "2026-01-01 00:00:00+00");
  }

  @Test
  void datesReachFromBeforeChristToInfinity() {
    assertEqual("date", "0001-02-29 BC", "0000-02-29", "-0000-02-29");
    assertEqual("date", "10000-01-01", "+10000-01-01", "+010000-01-01");
    assertRising(
        "date",
        "-infinity",
        "4714-11-24 BC",
        "0044-03-15 BC",
        "0001-12-31 BC",
        "0001-01-01",
        "2024-02-29",
        "10000-01-01",
        "5874897-12-31".substring(1),
        "infinity");
  }

  @Test
  void whatTheCalendarDoesNotHaveIsNoValue() {
    assertNoValue(
        "date",
        "",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
        "2026-02-29",
        "1900-02-29",
        "2026-1-1",
        "26-01-01",
        "20260101",
        "0000-01-01 BC",
        "-0044-03-15 BC",
        "2026-01-01 AD",
        "2026-01-01T00:00",
        " BC",
        "Infinity!",
        "2026-01-01 ");
    assertNoValue(
        "timestamptz",
        "2026-01-01 ",
        "2026-01-01 24:00:01+00",
        "2026-01-01 25:00:00+00",
        "2026-01-01 00:60:00+00",
        "2026-01-01 00:00:60+00",
        "2026-01-01 00:00:00+16",
        "2026-01-01 00:00:00.+00",
        "2026-01-01 00:00:00.1234567890+00",
        "2026-01-01 00:00:00+1",
        "2026-01-01 00:00:00+01:60",
        "2026-01-01 00:00:00 UTC",
        "2026-01-01+00",
        "now");
    assertNoValue("time", "", "24:00:01", "12", "12:00:00+00", "12:00:00 BC");
  }

  @Test
  void timesReachToMidnightAtTheEndOfTheDay() {
    assertEqual("time", "12:00:00", "12:00", "12:00:00.000");
    assertRising("time", "00:00:00", "23:59:59.999999", "24:00:00");
  }

  @Test
  void theSameMomentInTwoZonesIsTwoTimesWithZone() {
    assertRising("timetz", "11:00:00+01", "10:00:00+00", "09:00:00-01", "10:00:00.5+00");
    assertEqual("timetz", "10:00:00+00", "10:00:00Z", "10:00");
  }

  @Test
  void whatIsNotKnownIsEqualByTextAndHasNoOrder() {
    for (String type : List.of("mood", "inet", "xid8", "char", "")) {
      ColumnType of = ColumnType.of(type);
      assertTrue(of.hasEquality() && !of.hasOrder() && !of.isText(), type);
      assertEquals(of.key("a"), of.key("a"));
      assertNotEquals(of.key("a"), of.key("A"));
    }
  }

  @Test
  void whatMayBeWrittenInTwoWaysHasNoEquality() {
    for (String type : List.of("json", "jsonb", "interval", "bytea", "_int4", "_text", "citext")) {
      ColumnType of = ColumnType.of(type);
      assertTrue(!of.hasEquality() && !of.hasOrder() && !of.isText(), type);
    }
  }

  @Test
  void allNumberTypesAreNumbers() {
    for (String type :
        List.of(
            "int2", "int4", "int8", "uint2", "uint4", "uint8", "oid", "numeric", "float4",
            "float8")) {
      assertEquals(ColumnType.NUMBER, ColumnType.of(type));
    }
  }

  @Test
  void aLiteralIsOfTheKindThatItsTypeHas() {
    assertEquals(1L, ColumnType.NUMBER.keyOf(new Literal.Text("1")));
    assertEquals(1L, ColumnType.NUMBER.keyOf(new Literal.Number("1.0")));
    assertNull(ColumnType.NUMBER.keyOf(new Literal.Truth(true)));
    assertNull(ColumnType.TEXT.keyOf(new Literal.Number("1")));
    assertNull(ColumnType.TEXT.keyOf(new Literal.Truth(true)));
    assertNull(ColumnType.TEXT.keyOf(new Literal.Text("\uD83D")));
    assertNull(ColumnType.TEXT.keyOf(new Literal.Text("\uDE00\uD83D")));
    assertNull(ColumnType.LABEL.keyOf(new Literal.Number("1")));
    assertNull(ColumnType.BOOL.keyOf(new Literal.Number("1")));
    assertEquals(true, ColumnType.BOOL.keyOf(new Literal.Truth(true)));
    assertEquals(true, ColumnType.BOOL.keyOf(new Literal.Text("t")));
  }
}
