package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.BadFilterException.Fault;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.And;
import io.tycostream.domain.feed.Filter.Compared;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Filter.IsNull;
import io.tycostream.domain.feed.Filter.Like;
import io.tycostream.domain.feed.Filter.Not;
import io.tycostream.domain.feed.Filter.OneOf;
import io.tycostream.domain.feed.Filter.Or;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.feed.RowFilter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhereReaderTest {

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private static Filter read(String where) {
    try {
      return WhereReader.read(JSON.readTree(where));
    } catch (JsonProcessingException e) {
      throw new AssertionError(where, e);
    }
  }

  private static String refusal(String where) {
    BadFilterException e = assertThrows(BadFilterException.class, () -> read(where));
    assertEquals(Fault.BAD_FILTER, e.fault());
    return e.reason();
  }

  private static Filter compared(String column, Comparison comparison, String digits) {
    return new Compared(column, comparison, new Literal.Number(digits));
  }

  @Test
  void theExampleOfTheProtocolIsRead() {
    assertEquals(
        new And(
            List.of(
                compared("price", Comparison.GT, "100"),
                new Or(
                    List.of(
                        new Compared("side", Comparison.EQ, new Literal.Text("buy")),
                        new IsNull("side", true))))),
        read(
            """
            {"price":{"_gt":100},"_or":[{"side":{"_eq":"buy"}},{"side":{"_is_null":true}}]}
            """));
  }

  @Test
  void everyOperatorIsRead() {
    assertEquals(compared("a", Comparison.EQ, "1"), read("{\"a\":{\"_eq\":1}}"));
    assertEquals(compared("a", Comparison.NEQ, "1"), read("{\"a\":{\"_neq\":1}}"));
    assertEquals(compared("a", Comparison.GT, "1"), read("{\"a\":{\"_gt\":1}}"));
    assertEquals(compared("a", Comparison.GTE, "1"), read("{\"a\":{\"_gte\":1}}"));
    assertEquals(compared("a", Comparison.LT, "1"), read("{\"a\":{\"_lt\":1}}"));
    assertEquals(compared("a", Comparison.LTE, "1"), read("{\"a\":{\"_lte\":1}}"));
    assertEquals(
        new OneOf("a", List.of(new Literal.Number("1"), new Literal.Text("b")), false),
        read("{\"a\":{\"_in\":[1,\"b\"]}}"));
    assertEquals(new OneOf("a", List.of(), true), read("{\"a\":{\"_nin\":[]}}"));
    assertEquals(new IsNull("a", false), read("{\"a\":{\"_is_null\":false}}"));
    assertEquals(new Like("a", "x%", false), read("{\"a\":{\"_like\":\"x%\"}}"));
    assertEquals(new Like("a", "x%", true), read("{\"a\":{\"_ilike\":\"x%\"}}"));
    assertEquals(new And(List.of()), read("{\"_and\":[]}"));
    assertEquals(new Or(List.of()), read("{\"_or\":[]}"));
    assertEquals(new Not(Filter.EVERYTHING), read("{\"_not\":{}}"));
    assertEquals(
        new Compared("a", Comparison.EQ, new Literal.Truth(true)), read("{\"a\":{\"_eq\":true}}"));
  }

  @Test
  void nothingAskedForIsEverything() {
    assertEquals(Filter.EVERYTHING, read("{}"));
  }

  @Test
  void severalFieldsAndSeveralOperatorsMustAllHold() {
    assertEquals(
        new And(
            List.of(
                compared("a", Comparison.GT, "1"),
                compared("a", Comparison.LT, "5"),
                compared("b", Comparison.EQ, "2"),
                new Not(compared("c", Comparison.EQ, "3")))),
        read("{\"a\":{\"_gt\":1,\"_lt\":5},\"b\":{\"_eq\":2},\"_not\":{\"c\":{\"_eq\":3}}}"));
  }

  @Test
  void numbersKeepTheirDigits() {
    assertEquals(
        compared("a", Comparison.EQ, "0.10000000000000000000000000000000000001"),
        read("{\"a\":{\"_eq\":0.10000000000000000000000000000000000001}}"));
    assertEquals(
        compared("a", Comparison.EQ, "123456789012345678901234567890"),
        read("{\"a\":{\"_eq\":123456789012345678901234567890}}"));
  }

  @Test
  void aNumberBeyondADoubleIsRefusedWhereOnlyDoublesAreRead() throws JsonProcessingException {
    var json = new ObjectMapper().readTree("{\"a\":{\"_eq\":1e999}}");
    BadFilterException e = assertThrows(BadFilterException.class, () -> WhereReader.read(json));
    assertEquals("where.a._eq is too large for a JSON number; write it as a text", e.reason());
  }

  @Test
  void aColumnMayHaveAnyOtherName() {
    assertEquals(compared("_id", Comparison.EQ, "1"), read("{\"_id\":{\"_eq\":1}}"));
    assertEquals(compared("a.b\"c", Comparison.EQ, "1"), read("{\"a.b\\\"c\":{\"_eq\":1}}"));
    assertEquals(compared("", Comparison.EQ, "1"), read("{\"\":{\"_eq\":1}}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | where is an array, not an object such as {\"price\":{\"_gt\":100}}",
        "null | where is null, not an object such as {\"price\":{\"_gt\":100}}",
        "{\"_or\":{}} | where._or is an object, not an array of objects",
        "{\"_and\":[{},1]} |"
            + " where._and[1] is a number, not an object such as {\"price\":{\"_gt\":100}}",
        "{\"_not\":[]} | where._not is an array, not an object such as {\"price\":{\"_gt\":100}}",
        "{\"_eq\":1} | where._eq is not inside a column; write {\"price\":{\"_eq\":…}}",
        "{\"price\":100} |"
            + " where.price is a number, not an object of operators such as {\"_eq\":1}",
        "{\"price\":{\"_or\":[]}} | where.price._or is inside a column; _or stands beside columns",
        "{\"price\":{\"_eq\":null}} |"
            + " where.price._eq is null, with which nothing compares; write {\"_is_null\":true}",
        "{\"price\":{\"_in\":[1,null]}} |"
            + " where.price._in[1] is null, with which nothing compares; write {\"_is_null\":true}",
        "{\"price\":{\"_in\":1}} | where.price._in is a number, not an array of values",
        "{\"price\":{\"_nin\":[[]]}} |"
            + " where.price._nin[0] is an array, not a text, a number, true or false",
        "{\"price\":{\"_gt\":{}}} |"
            + " where.price._gt is an object, not a text, a number, true or false",
        "{\"price\":{\"_is_null\":1}} | where.price._is_null is a number, not true or false",
        "{\"side\":{\"_like\":1}} | where.side._like is a number, not a text with % and _",
        "{\"_or\":[{},{\"a b\":{\"_ilike\":[]}}]} |"
            + " where._or[1][\"a b\"]._ilike is an array, not a text with % and _",
      })
  void whatIsWrongIsNamedWithItsPlace(String where, String reason) {
    assertEquals(reason, refusal(where));
  }

  @ParameterizedTest
  @CsvSource({
    "_gtt, _gt",
    "gt, _gt",
    "$gte, _gte",
    "_isnull, _is_null",
    "_isNull, _is_null",
    "_eqq, _eq",
    "_not_in, ",
    "_ILIKE, ",
    "_ne, _neq",
    "contains, ",
  })
  void theNearestOperatorIsProposed(String written, String meant) {
    String there =
        "; there are _eq, _neq, _gt, _gte, _lt, _lte, _in, _nin, _is_null, _like, _ilike";
    String guess = meant == null ? "" : ", perhaps " + meant + " is meant";
    String path =
        written.startsWith("$") ? "where.price[\"" + written + "\"]" : "where.price." + written;
    assertEquals(
        path + " is no operator" + guess + there, refusal("{\"price\":{\"" + written + "\":1}}"));
    assertEquals("where.price has no operator" + there, refusal("{\"price\":{}}"));
  }

  @Test
  void nestingAndSizeAreBounded() {
    String deepest = "{\"_not\":".repeat(WhereReader.MAX_NESTING) + "{}";
    read(deepest + "}".repeat(WhereReader.MAX_NESTING));
    assertEquals(
        "where" + "._not".repeat(13) + " is nested deeper than 12 levels",
        refusal("{\"_not\":".repeat(500) + "{}" + "}".repeat(500)));
    read("{\"a\":{\"_in\":[" + "1,".repeat(998) + "1]}}");
    assertEquals(
        "where.a._in: the filter has more than 1000 conditions and values",
        refusal("{\"a\":{\"_in\":[" + "1,".repeat(999) + "1]}}"));
    assertEquals(
        "where._or: the filter has more than 1000 conditions and values",
        refusal("{\"_or\":[" + "{},".repeat(1_000) + "{}]}"));
  }

  @Test
  void whatIsNestedAsDeepAsAllowedCanBeBound() {
    String where = "{\"a\":{\"_gt\":1},\"_or\":[".repeat(WhereReader.MAX_NESTING);
    Filter filter =
        read(where + "{\"a\":{\"_gt\":1,\"_lt\":2}}" + "]}".repeat(WhereReader.MAX_NESTING));
    Relation relation = new Relation("t", "1", List.of(new Column("a", "int4")), List.of());
    // The permissions of the client stand around it.
    RowFilter.compile(new And(List.of(new Or(List.of(filter)), filter)), relation);
  }
}
