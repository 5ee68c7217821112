package io.tycostream.domain.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter.Compared;
import io.tycostream.domain.feed.Filter.Comparison;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When two definitions are one and the same, and what they are counted and named by. */
final class DerivationTest {

  private static final List<Column> COLUMNS =
      List.of(new Column("id", "int4"), new Column("name", "text"), new Column("size", "int4"));
  private static final Relation KEYED = new Relation("t", "1", COLUMNS, List.of("id"));
  private static final Relation UNKEYED = new Relation("t", "1", COLUMNS, List.of());

  private static final Filter NAMED = name("Aa");

  private static Filter name(String name) {
    return new Compared("name", Comparison.EQ, new Literal.Text(name));
  }

  private static Derivation of(Filter where, Optional<Set<String>> columns, boolean delta) {
    return Derivation.of(new Definition(where, columns, delta), KEYED);
  }

  @Test
  void theSameInOtherWordsIsTheSame() {
    Derivation one = of(NAMED, Optional.of(Set.of("name")), true);
    Derivation other =
        of(
            new Filter.And(List.of(new Filter.Or(List.of(NAMED)))),
            Optional.of(Set.of("id", "name")),
            true);
    assertEquals(one, other);
    assertEquals(one.hashCode(), other.hashCode());
    assertEquals(one.print("p"), other.print("p"));
  }

  @Test
  void whateverDiffersMakesAnother() {
    Derivation one = of(NAMED, Optional.of(Set.of("name")), true);
    assertNotEquals(one, of(name("Ab"), Optional.of(Set.of("name")), true));
    assertNotEquals(one, of(NAMED, Optional.of(Set.of("size")), true));
    assertNotEquals(one, of(NAMED, Optional.empty(), true));
    assertNotEquals(one, of(NAMED, Optional.of(Set.of("name")), false));
    assertNotEquals(one, null);
    assertNotEquals(one.hashCode(), of(name("Ab"), Optional.of(Set.of("name")), true).hashCode());
  }

  /** The texts "Aa" and "BB" have the same hash, and so have the definitions. */
  @Test
  void aHashIsNotEnough() {
    Derivation one = of(name("Aa"), Optional.empty(), false);
    Derivation other = of(name("BB"), Optional.empty(), false);
    assertEquals(one.hashCode(), other.hashCode());
    assertNotEquals(one, other);
  }

  @Test
  void aPositionIsNamedByTheRelationTheFilterAndTheColumns() {
    Derivation whole = of(Filter.EVERYTHING, Optional.empty(), false);
    assertEquals("p", whole.print("p"));
    String print = of(NAMED, Optional.empty(), false).print("p");
    assertNotEquals("p", print);
    assertNotEquals("", print);
    assertNotEquals(print, of(NAMED, Optional.empty(), false).print("q"));
    assertNotEquals(print, of(name("Ab"), Optional.empty(), false).print("p"));
    assertNotEquals(print, of(NAMED, Optional.of(Set.of("name")), false).print("p"));
    assertNotEquals(
        of(NAMED, Optional.of(Set.of("size")), false).print("p"),
        of(NAMED, Optional.of(Set.of("name")), false).print("p"));
  }

  @Test
  void whatKeysSayIsToldOfNobodyElse() {
    assertEquals(true, of(Filter.EVERYTHING, Optional.empty(), false).tellsTouched());
    Filter id = new Compared("id", Comparison.GT, new Literal.Number("1"));
    assertEquals(true, of(id, Optional.empty(), false).tellsTouched());
    assertEquals(false, of(NAMED, Optional.empty(), false).tellsTouched());
    assertEquals(
        false, of(new Filter.And(List.of(id, NAMED)), Optional.empty(), false).tellsTouched());
    assertEquals(false, Derivation.of(Definition.WHOLE, UNKEYED).tellsTouched());
  }

  @Test
  void changesAreCountedAsTheyAreSeen() {
    List<Change> changes =
        List.of(
            new Change.Update(Row.of("1", "Aa", "5"), Row.of("1", "Aa", "6")),
            new Change.Update(Row.of("2", "Aa", "5"), Row.of("2", "Ab", "5")),
            new Change.Insert(Row.of("3", "Ab", "5")),
            new Change.Delete(Row.of("4", "Aa", "5")));
    assertEquals(4, of(Filter.EVERYTHING, Optional.empty(), false).count(changes));
    assertEquals(3, of(NAMED, Optional.empty(), false).count(changes));
    assertEquals(2, of(NAMED, Optional.of(Set.of("name")), false).count(changes));
  }

  @Test
  void rowsWithoutAKeyThatLookTheSameCancelEachOther() {
    Derivation names =
        Derivation.of(
            new Definition(Filter.EVERYTHING, Optional.of(Set.of("name")), false), UNKEYED);
    List<Change> changes =
        List.of(
            new Change.Delete(Row.of("1", "Aa", "5")),
            new Change.Insert(Row.of("1", "Aa", "6")),
            new Change.Insert(Row.of("2", "Ab", "6")));
    assertEquals(1, names.count(changes));
    assertEquals(List.of(new Change.Insert(Row.of("Ab"))), names.changes(changes));
  }

  @Test
  void anEqualityIsWhatTheFilterSays() {
    assertEquals(1, of(NAMED, Optional.empty(), false).equality().orElseThrow().column());
    assertEquals(Optional.empty(), Derivation.of(Definition.WHOLE, KEYED).equality());
  }

  /** 48 bytes for each object, and one for each character. */
  @Test
  void aFilterIsWorthWhatItTakes() {
    long compared = 48 + (48 + 4) + (48 + 2);
    assertEquals(compared, Filter.bytes(NAMED));
    assertEquals(48, Filter.bytes(Filter.EVERYTHING));
    assertEquals(48 + 2 * compared, Filter.bytes(new Filter.And(List.of(NAMED, NAMED))));
    assertEquals(48 + compared, Filter.bytes(new Filter.Or(List.of(NAMED))));
    assertEquals(48 + compared, Filter.bytes(new Filter.Not(NAMED)));
    assertEquals(48 + (48 + 4), Filter.bytes(new Filter.IsNull("name", true)));
    assertEquals(
        48 + (48 + 4) + (48 + 3) + 48,
        Filter.bytes(
            new Filter.OneOf(
                "name", List.of(new Literal.Number("123"), new Literal.Truth(true)), false)));
    assertEquals(48 + (48 + 4) + (48 + 5), Filter.bytes(new Filter.Like("name", "a%b_c", false)));
  }
}
