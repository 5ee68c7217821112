package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of the protocol's chapter on values, and whatever else a database may say. */
class ValueEncoderTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bool        | t                  | true",
        "bool        | f                  | false",
        "int2        | -32768             | -32768",
        "int4        | 2147483647         | 2147483647",
        "float4      | 1.5                | 1.5",
        "float8      | 1e+20              | 1e+20",
        "float8      | -0                 | -0",
        "float8      | 2.2250738585072014e-308 | 2.2250738585072014e-308",
        "float8      | NaN                | \"NaN\"",
        "float8      | Infinity           | \"Infinity\"",
        "float4      | -Infinity          | \"-Infinity\"",
        "int8        | 9223372036854775807| \"9223372036854775807\"",
        "uint8       | 18446744073709551615 | \"18446744073709551615\"",
        "numeric     | 1.500000000000000000000000000 | \"1.500000000000000000000000000\"",
        "numeric     | NaN                | \"NaN\"",
        "text        | true               | \"true\"",
        "text        | NULL               | \"NULL\"",
        "text        | ``                 | \"\"",
        "text        | a\"b\\c            | \"a\\\"b\\\\c\"",
        "uuid        | a0ee-bc99          | \"a0ee-bc99\"",
        "interval    | 1 day 02:00:00     | \"1 day 02:00:00\"",
        "mood        | {happy}            | \"{happy}\"",
        "date        | 2026-11-21         | \"2026-11-21\"",
        "date        | infinity           | \"infinity\"",
        "time        | 20:45:16.5         | \"20:45:16.5\"",
        "timestamp   | 2026-11-21 20:45:16| \"2026-11-21T20:45:16\"",
        "timestamp   | 2026-11-21 20:45:16.120 | \"2026-11-21T20:45:16.120\"",
        "timestamptz | 2026-11-21 20:45:16.123456+00 | \"2026-11-21T20:45:16.123456Z\"",
        "timestamptz | 2026-11-21 20:45:16+05:30 | \"2026-11-21T20:45:16+05:30\"",
        "timestamptz | 2026-11-21 20:45:16-08 | \"2026-11-21T20:45:16-08\"",
        "timestamptz | 0044-03-15 12:00:00+00 BC | \"0044-03-15T12:00:00Z BC\"",
        "timestamp   | 12026-01-01 00:00:00 | \"12026-01-01T00:00:00\"",
        "timestamp   | infinity           | \"infinity\"",
        "timestamptz | -infinity          | \"-infinity\"",
        "jsonb       | {\"a\": [1, 2.50], \"b\": null} | {\"a\": [1, 2.50], \"b\": null}",
        "json        | null               | null",
        "json        | `  3  `            | `  3  `",
        "jsonb       | \"text\"           | \"text\"",
        "bytea       | \\x                | \"\"",
        "bytea       | \\xDEadbeef        | \"3q2+7w==\"",
        "_int4       | {1,NULL,3}         | [1,null,3]",
        "_int4       | {}                 | []",
        "_int8       | {1,2}              | [\"1\",\"2\"]",
        "_int4       | {{1,2},{3,4}}      | [[1,2],[3,4]]",
        "_int4       | [0:1]={1,2}        | [1,2]",
        "_box        | {(1,1),(0,0);(3,3),(2,2)} | [\"(1,1),(0,0)\",\"(3,3),(2,2)\"]",
        "_int4       | [-1:0][2:3]={{1,2},{3,4}} | [[1,2],[3,4]]",
        "_text       | {NULL,\"NULL\",\"\",a b} | [null,\"NULL\",\"\",\"a b\"]",
        "_text       | {\"a,b\",\"{}\",\"q\\\"q\",\"b\\\\b\"} |"
            + " [\"a,b\",\"{}\",\"q\\\"q\",\"b\\\\b\"]",
        "_bool       | {t,f}              | [true,false]",
        "_float8     | {NaN,1.5}          | [\"NaN\",1.5]",
        "_bytea      | {\"\\\\x00ff\"}    | [\"AP8=\"]",
        "_jsonb      | {\"{\\\"a\\\": 1}\",2} | [{\"a\": 1},2]",
        "_timestamptz| {\"2026-11-21 20:45:16+00\",NULL} | [\"2026-11-21T20:45:16Z\",null]",
      })
  void values(String type, String text, String json) {
    assertEquals(json, value(type, text));
  }

  @Test
  void absentValuesAreNull() {
    for (String type : List.of("bool", "int8", "text", "jsonb", "bytea", "_int4")) {
      assertEquals("null", value(type, null));
    }
  }

  /** What is not as its type should be is a text: nothing is lost, nothing breaks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bool        | maybe",
        "int4        | 01",
        "int4        | +1",
        "int4        | 1,2",
        "int4        | 0x10",
        "float8      | .5",
        "float8      | 5.",
        "float8      | nan",
        "int4        | ١٢",
        "timestamp   | tomorrow",
        "timestamptz | 2026-11-21T20:45:16Z",
        "json        | {",
        "json        | ``",
        "json        | ` `",
        "json        | 1 2",
        "json        | {\"a\":1}}",
        "json        | {'a':1}",
        "json        | ],\"x\":[",
        "bytea       | \\x0",
        "bytea       | \\xzz",
        "bytea       | \\000\\001",
        "_int4       | 1",
        "_int4       | {1",
        "_int4       | {1}2",
        "_int4       | {1,}",
        "_int4       | {,}",
        "_int4       | {{1}",
        "_int4       | [junk={1}",
        "_int4       | [0:1]",
        "_text       | {\"a",
        "_text       | {\"a\\",
        "_text       | {a\\",
        "_text       | {\"a\"b}",
        "_text       | {a{b}}",
        "_text       | {{{{{{{1}}}}}}}",
      })
  void junkIsText(String type, String text) {
    assertEquals(text, Frames.json(value(type, text)).textValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "[1,"})
  void jsonOfAnyDepthAndLengthIsTakenAsItIs(String open) {
    String close = open.startsWith("{") ? "}" : "]";
    String deep = open.repeat(5_000) + "1" + close.repeat(5_000);
    assertEquals(deep, value("jsonb", deep));
    String digits = "7".repeat(5_000);
    assertEquals(digits, value("json", digits));
    String word = '"' + "w".repeat(100_000) + '"';
    assertEquals(word, value("json", word));
  }

  @Test
  void rowsAndKeysHaveTheirColumnsInOrder() throws Exception {
    Relation shape =
        new Relation(
            "t",
            "1",
            List.of(
                new Column("a", "int4"), new Column("b \"é\"", "text"), new Column("c", "int8")),
            List.of("c", "a"));
    RowEncoder rows = new RowEncoder(shape);
    Row row = Row.of("1", null, "3");
    assertEquals(
        "{\"a\":1,\"b \\\"é\\\"\":null,\"c\":\"3\"}", Frames.written(json -> rows.row(row, json)));
    assertEquals("{\"c\":\"3\",\"a\":1}", Frames.written(json -> rows.key(row, json)));
  }

  @Property(tries = 300)
  void noTextOfAnyTypeBreaksTheMessage(@ForAll("types") String type, @ForAll("texts") String text) {
    JsonNode row = Frames.json("{\"before\":1,\"row\":" + row(type, text) + ",\"after\":2}");
    assertEquals(3, row.size());
    assertEquals(1, row.get("row").size());
    assertEquals(2, row.get("after").intValue());
  }

  @Property(tries = 300)
  void arraysComeBackAsTheyWere(@ForAll("nested") JsonNode array) {
    assertEquals(array, Frames.json(value("_text", arrayText(array))));
  }

  /** As the database writes it: quoted where it must be, and here and there for no reason. */
  private static String arrayText(JsonNode value) {
    if (value.isNull()) {
      return "NULL";
    }
    if (value.isArray()) {
      StringBuilder text = new StringBuilder("{");
      for (JsonNode each : value) {
        text.append(text.length() == 1 ? "" : ",").append(arrayText(each));
      }
      return text.append('}').toString();
    }
    String text = value.textValue();
    boolean plain = text.matches("[a-z0-9]+") && !text.equals("null");
    return plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  @Provide
  Arbitrary<JsonNode> nested() {
    Arbitrary<String> texts =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(10),
            Arbitraries.of("NULL", "null", "", "{}", "\"", "\\", ",", "plain", "{a,b}"));
    Arbitrary<String> elements = texts.map(text -> Frames.written(json -> json.writeString(text)));
    Arbitrary<String> flat = array(elements.injectNull(0.1).map(String::valueOf));
    return Arbitraries.oneOf(flat, array(flat), array(array(flat))).map(Frames::json);
  }

  private static Arbitrary<String> array(Arbitrary<String> elements) {
    return elements.list().ofMaxSize(4).map(list -> "[" + String.join(",", list) + "]");
  }

  @Provide
  Arbitrary<String> types() {
    return Arbitraries.of(
        "bool",
        "int2",
        "float8",
        "int8",
        "numeric",
        "text",
        "date",
        "timestamp",
        "timestamptz",
        "json",
        "jsonb",
        "bytea",
        "_int4",
        "_text",
        "_json",
        "_bytea",
        "_timestamptz",
        "_",
        "");
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings(),
        Arbitraries.strings().withChars("{}[],:\"\\xNULL0123456789.eE+- tf=").ofMaxLength(30));
  }

  private static String value(String type, @Nullable String text) {
    String row = row(type, text);
    assertTrue(row.startsWith("{\"v\":") && row.endsWith("}"), row);
    return row.substring("{\"v\":".length(), row.length() - 1);
  }

  private static String row(String type, @Nullable String text) {
    Relation shape = new Relation("t", "1", List.of(new Column("v", type)), List.of("v"));
    RowEncoder rows = new RowEncoder(shape);
    return Frames.written(json -> rows.row(Row.of(text), json));
  }
}
