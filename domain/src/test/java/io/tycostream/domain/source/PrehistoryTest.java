package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where the touched keys of the time before a snapshot are of use, and what they come to. */
final class PrehistoryTest {

  private static final List<Column> COLUMNS =
      List.of(new Column("id", "int4"), new Column("v", "text"));
  private static final Relation KEYED = new Relation("public.t", "1", COLUMNS, List.of("id"));
  private static final Relation KEYLESS = new Relation("public.t", "1", COLUMNS, List.of());
  private static final Position AT = new Position("e", 100, KEYED.print());

  private static Key key(String id) {
    return new Key(Row.of(id));
  }

  @Test
  void itLeadsToALaterSnapshotOfRowsWithAKey() {
    for (Set<Key> touched : List.of(Set.<Key>of(), Set.of(key("1")))) {
      assertTrue(new Prehistory(99, touched).leadsTo(KEYED, AT));
      assertFalse(new Prehistory(100, touched).leadsTo(KEYED, AT), "there is no time between");
      assertFalse(new Prehistory(-1, touched).leadsTo(KEYED, AT), "unsigned");
    }
  }

  @Test
  void copiesWithoutAKeyCannotBeSet() {
    assertTrue(new Prehistory(99, Set.of()).leadsTo(KEYLESS, AT));
    assertFalse(new Prehistory(99, Set.of(key("1"))).leadsTo(KEYLESS, AT));
    assertFalse(new Prehistory(100, Set.of()).leadsTo(KEYLESS, AT));
  }

  @Test
  void eachKeyThatWasTouchedIsSetOrGone() {
    Set<Key> touched = new HashSet<>(Set.of(key("1"), key("9")));
    Prehistory prehistory = new Prehistory(40, touched);
    touched.clear();
    Row one = Row.of("1", "a");
    List<Row> rows = List.of(one, Row.of("2", "b"));
    Batch batch = prehistory.batch(KEYED, AT, rows).orElseThrow();
    assertEquals(
        List.of(new Change.Insert(one), new Change.Delete(KEYED.rowOf(key("9")))), batch.changes());
    assertEquals(AT.at(40), batch.after());
    assertEquals(AT, batch.position());
    assertTrue(batch.resync() && batch.touched());
    assertThrows(UnsupportedOperationException.class, () -> prehistory.touched().clear());
  }

  @Test
  void thereIsNoBatchWhereNothingWasTouched() {
    List<Row> rows = List.of(Row.of("1", "a"));
    assertEquals(Optional.empty(), new Prehistory(40, Set.of()).batch(KEYED, AT, rows));
  }
}
