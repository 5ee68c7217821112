package io.tycostream.domain.change;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RelationTest {

  private static final List<Column> COLUMNS =
      List.of(new Column("id", "int4"), new Column("part", "text"), new Column("note", "text"));

  private static Relation relation(String identity, List<Column> columns, String... key) {
    return new Relation("public.t", identity, columns, List.of(key));
  }

  @Test
  void theKeyOfARowIsItsKeyColumnsInTheOrderOfTheKey() {
    Relation relation = relation("1", COLUMNS, "part", "id");
    assertEquals(new Key(Row.of("p", "7")), relation.keyOf(Row.of("7", "p", "n")));
    assertArrayEquals(new int[] {1, 0}, relation.keyColumns());
    assertTrue(relation.isKeyed());
  }

  @Test
  void withoutAKeyTheWholeRowIsItsKey() {
    Row row = Row.of("7", "p", null);
    assertEquals(new Key(row), relation("1", COLUMNS).keyOf(row));
    assertFalse(relation("1", COLUMNS).isKeyed());
  }

  @Test
  void whatHasTheSameColumnsAndKeyHasTheSameShape() {
    Relation relation = relation("1", COLUMNS, "id");
    assertTrue(relation.sameShape(relation("2", COLUMNS, "id")));
    assertFalse(relation.sameShape(relation("1", COLUMNS, "part")));
    assertFalse(relation.sameShape(relation("1", COLUMNS.subList(0, 2), "id")));
  }

  @Test
  void relationsAreEqualWhenAllOfThemIs() {
    Relation one = relation("1", COLUMNS, "id");
    assertEquals(one, relation("1", List.copyOf(COLUMNS), "id"));
    assertEquals(one.hashCode(), relation("1", List.copyOf(COLUMNS), "id").hashCode());
    assertNotEquals(one, new Relation("public.u", "1", COLUMNS, List.of("id")));
    assertNotEquals(one, relation("2", COLUMNS, "id"));
    assertNotEquals(one, relation("1", COLUMNS, "part"));
    assertNotEquals(one, relation("1", COLUMNS.reversed(), "id"));
  }

  @Test
  void everythingButTheNameIsInThePrint() {
    Set<String> prints = new HashSet<>();
    prints.add(relation("1", COLUMNS, "id").print());
    prints.add(relation("2", COLUMNS, "id").print());
    prints.add(relation("1", COLUMNS.reversed(), "id").print());
    prints.add(relation("1", COLUMNS.subList(0, 2), "id").print());
    prints.add(relation("1", COLUMNS, "part").print());
    prints.add(relation("1", COLUMNS, "id", "part").print());
    prints.add(relation("1", COLUMNS).print());
    // Texts that run together to the same when nothing keeps them apart.
    prints.add(relation("1", List.of(new Column("a", "bc"))).print());
    prints.add(relation("1", List.of(new Column("ab", "c"))).print());
    assertEquals(9, prints.size());
    assertEquals(
        relation("1", COLUMNS, "id").print(),
        new Relation("other", "1", COLUMNS, List.of("id")).print());
  }

  @Test
  void aMistakeInTheDefinitionIsRefused() {
    List<Column> twice = List.of(new Column("id", "int4"), new Column("id", "text"));
    assertThrows(IllegalArgumentException.class, () -> relation("1", twice));
    assertThrows(IllegalArgumentException.class, () -> relation("1", COLUMNS, "gone"));
    assertThrows(IllegalArgumentException.class, () -> relation("1", COLUMNS, "id", "id"));
  }

  @Test
  void saysWhatItIs() {
    Relation relation = relation("16384", List.of(new Column("id", "int4")), "id");
    assertEquals("public.t", relation.name());
    assertEquals("16384", relation.identity());
    assertEquals(List.of("id"), relation.key());
    assertEquals("public.t [Column[name=id, type=int4]] key [id]", relation.toString());
  }
}
