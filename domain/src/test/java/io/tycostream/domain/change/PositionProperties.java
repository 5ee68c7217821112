package io.tycostream.domain.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class PositionProperties {

  @Property(tries = 500)
  void whatIsWrittenIsReadBack(@ForAll("positions") Position position) {
    assertEquals(Optional.of(position), Position.parse(position.toString()));
  }

  @Property(tries = 500)
  void textOrderIsTheOrderOfUnsignedTime(
      @ForAll("positions") Position position, @ForAll long otherTime) {
    Position other = position.at(otherTime);
    int order = Long.compareUnsigned(position.time(), otherTime);
    assertEquals(
        Integer.signum(order), Integer.signum(position.toString().compareTo(other.toString())));
    assertEquals(order > 0, position.isAfter(other));
    assertEquals(order > 0, position.isAheadOf(other));
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void onlyOneHistoryIsComparedAndOnlyOneDatabaseIsAhead(
      @ForAll("positions") Position one, @ForAll("positions") Position other) {
    if (!one.epoch().equals(other.epoch())) {
      assertFalse(one.isAheadOf(other) || other.isAheadOf(one));
    }
    if (!one.sameHistory(other)) {
      assertThrows(IllegalArgumentException.class, () -> one.isAfter(other));
    }
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void anyTextIsAPositionThatWritesItselfSoOrNone(@ForAll("nearlyPositions") String text) {
    Position.parse(text).ifPresent(position -> assertEquals(text, position.toString()));
  }

  @Example
  void whatIsNotWrittenByUsIsNoPosition() {
    String good = "e.00000000000000ff.p";
    assertEquals(Optional.of(new Position("e", 255, "p")), Position.parse(good));
    for (String bad :
        List.of(
            "",
            "e.ff.p",
            "e.00000000000000FF.p",
            "e.00000000000000ff.",
            ".00000000000000ff.p",
            good + "\n",
            " " + good,
            "é.00000000000000ff.p",
            "e.00000000000000ff.P",
            "e.00000000000000ff.p.p",
            "e".repeat(101) + ".00000000000000ff.p",
            "e.00000000000000ff." + "p".repeat(41))) {
      assertEquals(Optional.empty(), Position.parse(bad), bad);
    }
    assertThrows(IllegalArgumentException.class, () -> new Position("e.e", 0, "p"));
    assertThrows(IllegalArgumentException.class, () -> new Position("e", 0, "p.p"));
  }

  @Property(tries = 500)
  void printsDifferWhenDefinitionsDo(
      @ForAll("relations") Relation one, @ForAll("relations") Relation other) {
    boolean same = one.identity().equals(other.identity()) && one.sameShape(other);
    assertEquals(same, one.print().equals(other.print()), one + " and " + other);
  }

  @Example
  void aPrintKnowsTheOrderOfColumnsAndOfTheKeyAndNotTheName() {
    Column a = new Column("a", "int4");
    Column b = new Column("b", "int4");
    Relation relation = new Relation("t", "1", List.of(a, b), List.of("a", "b"));
    assertEquals(
        relation.print(), new Relation("u", "1", List.of(a, b), List.of("a", "b")).print());
    assertNotEquals(
        relation.print(), new Relation("t", "1", List.of(b, a), List.of("a", "b")).print());
    assertNotEquals(
        relation.print(), new Relation("t", "1", List.of(a, b), List.of("b", "a")).print());
  }

  @Example
  void textsThatRunTogetherMakeNoOtherDefinitionTheSame() {
    Relation one = new Relation("t", "1", List.of(new Column("a", "axa")), List.of("a"));
    Relation other = new Relation("t", "1", List.of(new Column("aa", "x")), List.of("aa"));
    assertNotEquals(one.print(), other.print());
  }

  @Example
  void aKeyIsASetOfColumns() {
    List<Column> columns = List.of(new Column("a", "int4"), new Column("b", "int4"));
    for (List<String> key : List.of(List.of("c"), List.of("a", "a"))) {
      assertThrows(
          IllegalArgumentException.class, () -> new Relation("t", "1", columns, key), key + "");
    }
  }

  @Example
  void withoutAKeyTheWholeRowIdentifies() {
    Relation relation = new Relation("t", "1", List.of(new Column("a", "int4")), List.of());
    Row row = Row.of("1");
    assertFalse(relation.isKeyed());
    assertEquals(new Key(row), relation.keyOf(row));
  }

  @Provide
  Arbitrary<Position> positions() {
    Arbitrary<String> epochs =
        Arbitraries.strings().alpha().numeric().withChars("_-").ofMinLength(1).ofMaxLength(3);
    Arbitrary<String> prints =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(2);
    return Combinators.combine(epochs, Arbitraries.longs(), prints).as(Position::new);
  }

  @Provide
  Arbitrary<String> nearlyPositions() {
    Arbitrary<String> text = Arbitraries.strings().withChars("aZ09_-. \né").ofMaxLength(3);
    Arbitrary<String> hex = Arbitraries.strings().withChars("0fF").ofMinLength(15).ofMaxLength(17);
    return Combinators.combine(text, hex, text).as((e, t, p) -> e + "." + t + "." + p);
  }

  /** Few and nasty texts, so that two relations are often nearly the same. */
  @Provide
  Arbitrary<Relation> relations() {
    Arbitrary<String> texts = Arbitraries.of("a", "aa", "1:a", "a1", "", "2");
    Arbitrary<Column> columns =
        Combinators.combine(texts, Arbitraries.of("a", "aa", "1:a")).as(Column::new);
    return Combinators.combine(
            texts, columns.list().uniqueElements(Column::name).ofMinSize(1).ofMaxSize(3))
        .flatAs((identity, list) ->
            Arbitraries.of(list)
                .map(Column::name)
                .list()
                .uniqueElements()
                .ofMinSize(1)
                .ofMaxSize(list.size())
                .map(key -> new Relation("t", identity, list, key)));
  }
}
