package io.tycostream.domain.feed;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Rows of all types and filters on them, from few values, so that they often meet. */
final class Filters {

  static final Relation RELATION =
      new Relation(
          "public.t",
          "1",
          List.of(
              new Column("i", "int4"),
              new Column("l", "int8"),
              new Column("n", "numeric"),
              new Column("d", "float8"),
              new Column("s", "text"),
              new Column("c", "bpchar"),
              new Column("b", "bool"),
              new Column("u", "uuid"),
              new Column("ts", "timestamp"),
              new Column("tz", "timestamptz"),
              new Column("da", "date"),
              new Column("ti", "time"),
              new Column("e", "mood"),
              new Column("j", "jsonb")),
          List.of());

  /** As the database writes them. */
  static final Map<String, List<String>> VALUES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("int4", List.of("0", "1", "-1", "7", "2147483647")),
              Map.entry(
                  "int8",
                  List.of(
                      "0",
                      "999999999999999999",
                      "1000000000000000000",
                      "9223372036854775807",
                      "-9223372036854775808")),
              Map.entry(
                  "numeric",
                  List.of(
                      "0",
                      "0.00",
                      "1.50",
                      "1.5",
                      "100",
                      "1.500000000000000000000000001",
                      "9223372036854775808",
                      "NaN",
                      "Infinity",
                      "-Infinity")),
              Map.entry(
                  "float8", List.of("-0", "0", "0.1", "1e+20", "1e-300", "100", "NaN", "Infinity")),
              Map.entry(
                  "text",
                  List.of("", "a", "A", "ab", "aab", "a%b", "\uFFFD", "😀", "😀b", "\uD7FF", " a")),
              Map.entry("bpchar", List.of("a  ", "a", "ab ", "a\n ", "   ")),
              Map.entry("bool", List.of("t", "f")),
              Map.entry(
                  "uuid",
                  List.of(
                      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                      "00000000-0000-0000-0000-000000000000",
                      "ffffffff-ffff-ffff-ffff-ffffffffffff")),
              Map.entry(
                  "timestamp",
                  List.of(
                      "2026-01-01 00:00:00",
                      "2026-01-01 00:00:00.123456",
                      "2025-12-31 24:00:00",
                      "10000-01-01 00:00:00",
                      "0044-03-15 12:00:00 BC",
                      "infinity",
                      "-infinity")),
              Map.entry(
                  "timestamptz",
                  List.of(
                      "2026-01-01 00:00:00+00",
                      "2026-01-01 05:30:00+05:30",
                      "2026-01-01 05:30:15.5+05:30:15",
                      "2025-12-31 16:00:00-08",
                      "0001-12-31 23:00:00-01 BC",
                      "0001-01-01 00:00:00+00",
                      "infinity",
                      "-infinity")),
              Map.entry(
                  "date",
                  List.of("2026-01-01", "0044-03-15 BC", "12026-01-01", "infinity", "-infinity")),
              Map.entry("time", List.of("00:00:00", "20:45:16.5", "23:59:59.999999", "24:00:00")),
              Map.entry("mood", List.of("happy", "sad", "")),
              Map.entry("jsonb", List.of("{}", "1"))));

  /** Other ways to write what {@link #VALUES} has, for filters alone. */
  static final Map<String, List<String>> SPELLINGS =
      Map.of(
          "int4", List.of("1.0", "10e-1", "0.5", "+7"),
          "int8", List.of("9223372036854775807.0", "1e18"),
          "numeric", List.of("150e-2", "1E2", "-0"),
          "float8", List.of("1E20", "100000000000000000000", "0.10"),
          "uuid", List.of("{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "0".repeat(32)),
          "timestamp", List.of("2026-01-01T00:00", "2026-01-01"),
          "timestamptz",
              List.of(
                  "2026-01-01T00:00:00Z",
                  "2026-01-01T00:00:00.500Z",
                  "2026-01-01T00:00:00+0000",
                  "2026-01-01"),
          "time", List.of("20:45:16.500", "00:00"));

  private static final List<String> PATTERNS =
      List.of("", "%", "_", "a%", "%b", "_%_", "%a%b%", "a\\%b", "A_", "\\a", "%%", "__%", "a%%b");

  private static final List<Arbitrary<Filter>> LEAVES =
      RELATION.columns().stream().map(Filters::leaves).toList();

  private Filters() {}

  static List<String> literals(String type) {
    List<String> texts = new ArrayList<>(VALUES.get(type));
    texts.addAll(SPELLINGS.getOrDefault(type, List.of()));
    return texts;
  }

  static Arbitrary<Row> rows() {
    return Combinators.combine(
            RELATION.columns().stream()
                .map(column -> Arbitraries.of(VALUES.get(column.type())).injectNull(0.2))
                .toList())
        .as(values -> Row.of(values.toArray(String[]::new)));
  }

  static Arbitrary<Filter> filters() {
    return filters(3);
  }

  private static Arbitrary<Filter> filters(int depth) {
    if (depth == 0) {
      return leaves();
    }
    Arbitrary<Filter> inner = Arbitraries.lazy(() -> filters(depth - 1));
    return Arbitraries.frequencyOf(
        Tuple.of(2, leaves()),
        Tuple.of(1, inner.list().ofMaxSize(3).map(Filter.And::new)),
        Tuple.of(1, inner.list().ofMaxSize(3).map(Filter.Or::new)),
        Tuple.of(1, inner.map(Filter.Not::new)));
  }

  static Arbitrary<Filter> leaves() {
    return Arbitraries.oneOf(LEAVES);
  }

  private static Arbitrary<Filter> leaves(Column column) {
    String name = column.name();
    ColumnType type = ColumnType.of(column.type());
    Arbitrary<Literal> literals = Arbitraries.of(literals(column.type())).map(t -> of(type, t));
    List<Arbitrary<Filter>> leaves = new ArrayList<>();
    leaves.add(Arbitraries.of(true, false).map(isNull -> new Filter.IsNull(name, isNull)));
    if (type.hasEquality()) {
      Arbitrary<Comparison> comparisons =
          type.hasOrder()
              ? Arbitraries.of(Comparison.class)
              : Arbitraries.of(Comparison.EQ, Comparison.NEQ);
      Arbitrary<Filter> compared =
          Combinators.combine(comparisons, literals)
              .as((comparison, literal) -> new Filter.Compared(name, comparison, literal));
      leaves.add(compared);
      leaves.add(compared);
      leaves.add(
          Combinators.combine(literals.list().ofMaxSize(3), Arbitraries.of(true, false))
              .as((values, negated) -> new Filter.OneOf(name, values, negated)));
    }
    if (type.isText()) {
      leaves.add(
          Combinators.combine(Arbitraries.of(PATTERNS), Arbitraries.of(true, false))
              .as((pattern, ignoreCase) -> new Filter.Like(name, pattern, ignoreCase)));
    }
    return Arbitraries.oneOf(leaves);
  }

  private static Literal of(ColumnType type, String text) {
    return type == ColumnType.NUMBER && text.matches("-?\\d.*")
        ? new Literal.Number(text)
        : type == ColumnType.BOOL ? new Literal.Truth(text.equals("t")) : new Literal.Text(text);
  }
}
