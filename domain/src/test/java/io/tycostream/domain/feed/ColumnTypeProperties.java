package io.tycostream.domain.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Keys and orders of every type, also of texts that no value of the type has. */
final class ColumnTypeProperties {

  /** Three texts for one type. */
  record Sample(String type, List<String> texts) {}

  @Property(tries = 4_000, edgeCases = EdgeCasesMode.NONE)
  void theOrderIsTotalAndKeysAreEqualWhereItIsZero(@ForAll("samples") Sample sample) {
    ColumnType type = ColumnType.of(sample.type());
    String a = sample.texts().get(0);
    String b = sample.texts().get(1);
    String c = sample.texts().get(2);
    assertEquals(0, type.compare(a, a));
    assertEquals(Integer.signum(type.compare(a, b)), -Integer.signum(type.compare(b, a)));
    assertEquals(type.compare(a, b) == 0, type.key(a).equals(type.key(b)));
    if (type.compare(a, b) == 0) {
      assertEquals(type.key(a).hashCode(), type.key(b).hashCode());
      assertEquals(Integer.signum(type.compare(a, c)), Integer.signum(type.compare(b, c)));
    }
    if (type.compare(a, b) <= 0 && type.compare(b, c) <= 0) {
      assertTrue(type.compare(a, c) <= 0);
    }
  }

  @Property(tries = 4_000, edgeCases = EdgeCasesMode.NONE)
  void valuesCompareAsInTheModel(@ForAll("values") Sample sample) {
    ColumnType type = ColumnType.of(sample.type());
    String a = sample.texts().get(0);
    String b = sample.texts().get(1);
    int expected = Integer.signum(NaiveFilter.order(sample.type(), a, b));
    assertEquals(expected, Integer.signum(type.compare(a, b)), sample::toString);
    assertEquals(expected, Integer.signum(type.compareText(a, type.key(b))), sample::toString);
  }

  @Property(tries = 2_000)
  void numbersCompareAsTheirDecimals(@ForAll("decimals") String a, @ForAll("decimals") String b) {
    int expected = new BigDecimal(a).compareTo(new BigDecimal(b));
    assertEquals(expected, ColumnType.NUMBER.compare(a, b));
    assertEquals(expected == 0, ColumnType.NUMBER.key(a).equals(ColumnType.NUMBER.key(b)));
    assertEquals(expected, ColumnType.NUMBER.compareText(a, ColumnType.NUMBER.key(b)));
  }

  @Property(tries = 2_000)
  void textsCompareAsTheirCodePoints(@ForAll("unicode") String a, @ForAll("unicode") String b) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    int expected = Integer.signum(Arrays.compare(x, y));
    assertEquals(expected, Integer.signum(ColumnType.TEXT.compare(a, b)));
  }

  @Property(tries = 2_000)
  void noTextIsTooStrangeToHaveAKey(@ForAll("types") String type, @ForAll String text) {
    ColumnType of = ColumnType.of(type);
    assertEquals(of.key(text), of.key(text));
    assertEquals(0, of.compare(text, text));
  }

  @Provide
  Arbitrary<String> types() {
    return Arbitraries.of(Filters.VALUES.keySet());
  }

  @Provide
  Arbitrary<Sample> values() {
    return types()
        .flatMap(type ->
            Arbitraries.of(Filters.literals(type))
                .list()
                .ofSize(2)
                .map(texts -> new Sample(type, texts)));
  }

  @Provide
  Arbitrary<Sample> samples() {
    return types()
        .flatMap(type ->
            Arbitraries.oneOf(
                    Arbitraries.of(Filters.literals(type)),
                    Arbitraries.of("", "x", "2026-13-01", "1e", "--1", "24:00:01", "😀"))
                .list()
                .ofSize(3)
                .map(texts -> new Sample(type, texts)));
  }

  @Provide
  Arbitrary<String> decimals() {
    Arbitrary<String> longs = Arbitraries.longs().map(String::valueOf);
    Arbitrary<String> small = Arbitraries.integers().between(-20, 20).map(String::valueOf);
    Arbitrary<String> exponents = Arbitraries.integers().between(-25, 25).map(e -> "e" + e);
    Arbitrary<String> fractions =
        Arbitraries.of("", ".0", ".5", ".50", ".000000000000000000000000000000001");
    return Combinators.combine(
            Arbitraries.oneOf(longs, small, small),
            fractions,
            Arbitraries.oneOf(Arbitraries.just(""), exponents))
        .as((whole, fraction, exponent) -> whole + fraction + exponent);
  }

  @Provide
  Arbitrary<String> unicode() {
    return Arbitraries.of(0x61, 0x62, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x1F600, 0x10FFFF)
        .list()
        .ofMaxSize(4)
        .map(points -> {
          StringBuilder text = new StringBuilder();
          points.forEach(text::appendCodePoint);
          return text.toString();
        });
  }
}
