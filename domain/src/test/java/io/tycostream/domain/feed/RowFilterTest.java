package io.tycostream.domain.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.BadFilterException.Fault;
import io.tycostream.domain.feed.Filter.And;
import io.tycostream.domain.feed.Filter.Compared;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Filter.IsNull;
import io.tycostream.domain.feed.Filter.Like;
import io.tycostream.domain.feed.Filter.Not;
import io.tycostream.domain.feed.Filter.OneOf;
import io.tycostream.domain.feed.Filter.Or;
import io.tycostream.domain.feed.RowFilter.Equality;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowFilterTest {

  private static final Relation TRADES =
      new Relation(
          "public.trades",
          "1",
          List.of(
              new Column("id", "int8"),
              new Column("price", "numeric"),
              new Column("side", "text"),
              new Column("mood", "mood"),
              new Column("extra", "jsonb"),
              new Column("at", "timestamp")),
          List.of("id"));

  private static final Row NULLS = Row.of("1", null, null, null, null, null);
  private static final Row BUY = Row.of("1", "100.50", "buy", "happy", "{}", "2026-01-01 00:00:00");

  private static RowFilter compile(Filter filter) {
    return RowFilter.compile(filter, TRADES);
  }

  private static Filter is(String column, Comparison comparison, String text) {
    return new Compared(column, comparison, new Literal.Text(text));
  }

  private static Filter in(String column, String... texts) {
    return new OneOf(
        column, List.of(texts).stream().<Literal>map(Literal.Text::new).toList(), false);
  }

  private static Filter eq(String column, String text) {
    return is(column, Comparison.EQ, text);
  }

  private static void assertRefused(Fault fault, String message, Filter filter) {
    BadFilterException e = assertThrows(BadFilterException.class, () -> compile(filter));
    assertEquals(fault, e.fault());
    assertEquals(message, e.reason());
  }

  private static void assertUnknownOfNull(Filter filter) {
    assertFalse(compile(filter).matches(NULLS), filter::toString);
    assertFalse(compile(new Not(filter)).matches(NULLS), filter::toString);
  }

  @Test
  void whatIsComparedWithNullIsUnknownAndSoIsItsNegation() {
    for (Comparison comparison : Comparison.values()) {
      assertUnknownOfNull(is("price", comparison, "1"));
    }
    assertUnknownOfNull(in("side", "buy", "sell"));
    assertUnknownOfNull(new OneOf("side", List.of(new Literal.Text("buy")), true));
    assertUnknownOfNull(new Like("side", "%", false));
    assertUnknownOfNull(new Like("side", "%", true));
  }

  @Test
  void isNullIsNeverUnknown() {
    assertTrue(compile(new IsNull("side", true)).matches(NULLS));
    assertFalse(compile(new IsNull("side", false)).matches(NULLS));
    assertFalse(compile(new IsNull("side", true)).matches(BUY));
    assertTrue(compile(new IsNull("side", false)).matches(BUY));
    assertTrue(compile(new Not(new IsNull("side", false))).matches(NULLS));
    assertTrue(compile(new IsNull("extra", true)).matches(NULLS));
  }

  @Test
  void noValueIsOneOfNoneEvenNull() {
    for (Row row : List.of(NULLS, BUY)) {
      assertFalse(compile(new OneOf("side", List.of(), false)).matches(row));
      assertTrue(compile(new OneOf("side", List.of(), true)).matches(row));
      assertTrue(compile(new Not(new OneOf("side", List.of(), false))).matches(row));
    }
    assertTrue(compile(new OneOf("side", List.of(), true)).isEverything());
  }

  @Test
  void ofAnUnknownAndAFalseTheNegationIsTrue() {
    Filter unknown = eq("price", "1");
    Filter isFalse = new IsNull("id", true);
    assertTrue(compile(new Not(new And(List.of(unknown, isFalse)))).matches(NULLS));
    assertFalse(compile(new Not(new Or(List.of(unknown, isFalse)))).matches(NULLS));
  }

  @Test
  void aValueThatDoesNotLookAsItsTypeShouldPassesNoComparison() {
    Row strange = Row.of("1", "12 €", "buy", "happy", "{}", "01.02.2026");
    for (Comparison comparison : Comparison.values()) {
      for (Filter filter :
          List.of(is("price", comparison, "1"), is("at", comparison, "2026-01-01"))) {
        assertFalse(compile(filter).matches(strange), filter::toString);
        assertFalse(compile(new Not(filter)).matches(strange), filter::toString);
      }
    }
    for (Filter filter : List.of(in("price", "1", "2"), in("at", "2026-01-01", "infinity"))) {
      assertFalse(compile(filter).matches(strange), filter::toString);
      assertFalse(compile(new Not(filter)).matches(strange), filter::toString);
    }
  }

  @Test
  void patternsSeeTheBlanksThatFillAChar() {
    Relation padded = new Relation("t", "1", List.of(new Column("c", "bpchar")), List.of());
    Row row = Row.of("ab   ");
    assertFalse(RowFilter.compile(new Like("c", "ab", false), padded).matches(row));
    assertTrue(RowFilter.compile(new Like("c", "ab%", false), padded).matches(row));
    assertTrue(RowFilter.compile(eq("c", "ab"), padded).matches(row));
  }

  @Test
  void theCanonicalTextIsFixed() {
    // It goes into positions, which clients bring back to other nodes and versions.
    assertEquals("all()", compile(Filter.EVERYTHING).canonical());
    assertEquals("any()", compile(new Or(List.of())).canonical());
    assertEquals(
        "all(2:id NUMBER _in(1:1,1:2),4:mood LABEL not null,"
            + "4:side TEXT not ilike(2:a%),5:price NUMBER _gt(5:100.5))",
        compile(
                new And(
                    List.of(
                        new Not(new Like("side", "A%%", true)),
                        new And(List.of(is("price", Comparison.GT, "100.50"))),
                        new Or(List.of(eq("id", "2"), in("id", "1", "2.0"))),
                        new IsNull("mood", false))))
            .canonical());
  }

  @Test
  void theWayAValueIsWrittenMakesNoDifference() {
    assertEquals(
        compile(new Compared("price", Comparison.EQ, new Literal.Number("1.50"))).canonical(),
        compile(in("price", "15e-1", "1.5")).canonical());
    assertEquals(
        compile(eq("at", "2026-01-01")).canonical(),
        compile(eq("at", "2026-01-01T00:00:00.000")).canonical());
    assertEquals(
        compile(new Not(is("price", Comparison.LT, "1"))).canonical(),
        compile(is("price", Comparison.GTE, "1")).canonical());
  }

  @Test
  void noTextCanBeTakenForTwo() {
    assertFalse(
        compile(in("side", "a,1:b", "c"))
            .canonical()
            .equals(compile(in("side", "a", "b", "c")).canonical()));
    assertFalse(
        compile(new Like("side", "a%", false))
            .canonical()
            .equals(compile(new Like("side", "a\\%", false)).canonical()));
  }

  @Test
  void anEqualityIsFoundAmongWhatMustAllHold() {
    assertEquals(Optional.empty(), compile(Filter.EVERYTHING).equality());
    assertEquals(
        Optional.of(new Equality(2, Set.of("buy"))), compile(eq("side", "buy")).equality());
    assertEquals(
        Optional.of(new Equality(0, Set.of(1L, 2L))),
        compile(new And(List.of(is("price", Comparison.GT, "1"), in("id", "1", "2")))).equality());
    assertEquals(
        Optional.of(new Equality(0, Set.of(1L, 2L))),
        compile(new Or(List.of(eq("id", "1"), eq("id", "2.0")))).equality());
    assertEquals(
        Optional.of(new Equality(2, Set.of("buy"))),
        compile(new And(List.of(in("id", "1", "2"), eq("side", "buy")))).equality());
    assertEquals(
        Optional.empty(), compile(new Or(List.of(eq("id", "1"), eq("side", "buy")))).equality());
    assertEquals(Optional.empty(), compile(new Not(eq("id", "1"))).equality());
    assertEquals(
        Optional.of(new Equality(0, Set.of(1L))),
        compile(new Not(is("id", Comparison.NEQ, "1"))).equality());
  }

  @Test
  void theColumnsAreAllThatItNames() {
    assertEquals(Set.of(), compile(Filter.EVERYTHING).columns());
    assertEquals(
        Set.of("id", "side", "extra"),
        compile(
                new And(
                    List.of(
                        new Or(List.of(eq("id", "1"), Filter.EVERYTHING)),
                        new OneOf("side", List.of(), true),
                        new IsNull("extra", false))))
            .columns());
  }

  @Test
  void anUnknownColumnIsNamedAndSoAreThoseThereAre() {
    assertRefused(
        Fault.UNKNOWN_COLUMN,
        "\"prize\" is no column of public.trades; there are id, price, side, mood, extra, at",
        eq("prize", "1"));
    assertRefused(
        Fault.UNKNOWN_COLUMN,
        "\"prize\" is no column of public.trades; there are id, price, side, mood, extra, at",
        new Or(List.of(Filter.EVERYTHING, new Not(new IsNull("prize", true)))));
  }

  @Test
  void aValueThatDoesNotGoWithItsColumnIsNamed() {
    assertRefused(
        Fault.BAD_FILTER,
        "column \"price\" of type numeric: _gt wants a number such as 12.5, \"12.5\", \"NaN\" or"
            + " \"-Infinity\", not \"cheap\"",
        is("price", Comparison.GT, "cheap"));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"at\" of type timestamp: _in wants a timestamp without zone such as"
            + " \"2026-01-31T12:00:00.5\", or \"infinity\", not \"2026-01-01T00:00:00Z\"",
        in("at", "2026-01-01", "2026-01-01T00:00:00Z"));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"side\" of type text: _eq wants a text, not 1",
        new Compared("side", Comparison.EQ, new Literal.Number("1")));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"side\" of type text: _neq wants a text, not true",
        new Compared("side", Comparison.NEQ, new Literal.Truth(true)));
  }

  @Test
  void anOperatorThatDoesNotGoWithItsColumnIsNamed() {
    assertRefused(
        Fault.BAD_FILTER,
        "column \"mood\" of type mood: _lt does not go with this type;"
            + " _eq, _neq, _in, _nin and _is_null do",
        is("mood", Comparison.LT, "sad"));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"extra\" of type jsonb: _eq does not go with this type; only _is_null does",
        eq("extra", "{}"));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"extra\" of type jsonb: _nin does not go with this type; only _is_null does",
        new OneOf("extra", List.of(), true));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"price\" of type numeric: _ilike does not go with this type;"
            + " _eq, _neq, _gt, _gte, _lt, _lte, _in, _nin and _is_null do",
        new Like("price", "%", true));
  }

  @Test
  void aBadPatternIsNamed() {
    assertRefused(
        Fault.BAD_FILTER,
        "column \"side\" of type text: the pattern of _like ends with a backslash that has nothing"
            + " behind it; \\\\ stands for a backslash",
        new Like("side", "a\\", false));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"side\" of type text: the pattern of _ilike has 257 characters, more than 256",
        new Like("side", "a".repeat(257), true));
    assertRefused(
        Fault.BAD_FILTER,
        "column \"side\" of type text: the pattern of _like is no Unicode text",
        new Like("side", "\uDE00", false));
  }

  @Test
  void sizeAndDepthAreBounded() {
    OneOf most = new OneOf("id", Collections.nCopies(999, new Literal.Number("1")), false);
    assertTrue(compile(most).matches(BUY));
    String tooMany = "the filter has more than 1000 conditions and values";
    assertRefused(Fault.BAD_FILTER, tooMany, new And(List.of(most)));
    assertRefused(
        Fault.BAD_FILTER,
        tooMany,
        new Or(IntStream.range(0, 1_000).mapToObj(i -> eq("id", "1")).toList()));
    Filter deep = eq("id", "1");
    for (int i = 0; i < 31; i++) {
      deep = new Not(deep);
    }
    assertFalse(compile(deep).matches(BUY));
    for (int i = 0; i < 100_000; i++) {
      deep = new Not(deep);
    }
    assertRefused(Fault.BAD_FILTER, "the filter is nested deeper than 32 levels", deep);
  }
}
