package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.RowChange.Delete;
import io.tycostream.domain.protocol.RowChange.Insert;
import io.tycostream.domain.protocol.RowChange.Patch;
import io.tycostream.domain.protocol.RowChange.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What fits rows and what does not, with a key and without. */
final class RowsTest {

  private static final Row ONE = Row.of("1", "10");
  private static final Row TWO = Row.of("2", "20");

  /** Fits both kinds of rows: something to be taken back. */
  private static final List<RowChange> BEFORE =
      List.of(new Insert(Row.of("3", "30")), new Insert(Row.of("4", "40")));

  private final List<Change> into = new ArrayList<>();

  @Test
  void everyPlainChangeThatDoesNotFitKeyedRowsTakesAllBeforeItBack() {
    assertMisfit("insert of a row that is here: [1, 10]", new Insert(Row.of("1", "11")));
    assertMisfit("insert of a row that is here: [1, 10]", new Insert(ONE));
    assertMisfit("update of a row that is not here: [9, 90]", new Update(Row.of("9", "90")));
    assertMisfit("delete of a row that is not here: [9]", new Delete(new Key(Row.of("9"))));
    assertMisfit("changed values of a row that is not here: [9, 90]", new Patch(Row.of("9", "90")));
  }

  @Test
  void changesOfOneRowAreTakenBackInTheReverseOfTheirOrder() {
    Rows rows = rows(List.of("id"));
    Delete gone = new Delete(new Key(Row.of("1")));
    List<RowChange> changes =
        List.of(
            new Update(Row.of("1", "11")),
            new Patch(Row.of("1", "12")),
            gone,
            new Insert(Row.of("1", "13")),
            new Delete(new Key(Row.of("2"))),
            new Insert(Row.of("5", "50")),
            new Update(Row.of("5", "51")),
            new Delete(new Key(Row.of("9"))));
    assertEquals(
        Optional.of("delete of a row that is not here: [9]"), rows.apply(changes, true, into));
    assertEquals(2, rows.all().size());
    assertEquals(Optional.of(ONE), rows.find(new Key(Row.of("1"))));
    assertEquals(Optional.of(TWO), rows.find(new Key(Row.of("2"))));
  }

  @Test
  void aMergedBatchFitsKeyedRowsHoweverTheyAreAndTellsWhatItWasForThem() {
    Rows rows = rows(List.of("id"));
    Row other = Row.of("1", "11");
    Row third = Row.of("3", "30");
    List<RowChange> changes =
        List.of(
            new Insert(other),
            new Update(third),
            new Update(TWO),
            new Delete(new Key(Row.of("9"))));
    assertEquals(Optional.empty(), rows.apply(changes, false, into));
    assertEquals(List.of(new Change.Update(ONE, other), new Change.Insert(third)), into);
    assertEquals(List.of(other, TWO, third), List.copyOf(rows.all()));
  }

  @Test
  void aMergedBatchHasNoChangedValuesAlone() {
    Rows rows = rows(List.of("id"));
    assertEquals(
        Optional.of("changed values alone where whole rows are due: [1, 11]"),
        rows.apply(
            List.of(new Delete(new Key(Row.of("2"))), new Patch(Row.of("1", "11"))), false, into));
    assertEquals(Optional.of(ONE), rows.find(new Key(Row.of("1"))));
    assertEquals(Optional.of(TWO), rows.find(new Key(Row.of("2"))));
  }

  @Test
  void aKeyStandsOnceAndARowWithoutAKeyAsOftenAsItCame() {
    Rows keyed = rows(List.of("id"));
    assertFalse(keyed.add(Row.of("1", "11")));
    assertTrue(keyed.add(Row.of("3", "30")));
    Rows bag = rows(List.of());
    assertTrue(bag.add(ONE));
    assertEquals(List.of(ONE, ONE, TWO), List.copyOf(bag.all()));
    assertThrows(UnsupportedOperationException.class, () -> keyed.all().clear());
    assertThrows(UnsupportedOperationException.class, () -> bag.all().clear());
  }

  @Test
  void everyChangeThatDoesNotFitRowsWithoutAKeyTakesAllBeforeItBack() {
    List<Change> copies = List.of(new Change.Insert(ONE), new Change.Delete(TWO));
    for (boolean exact : List.of(true, false)) {
      assertBagMisfit("update of a row without a key: [1, 10]", exact, new Update(ONE));
      assertBagMisfit("changed values of a row without a key: [1, 10]", exact, new Patch(ONE));
      // One copy is there and two go: the first of them comes back.
      assertBagMisfit(
          "delete of a row that is not here: [2, 20]",
          exact,
          new Insert(ONE),
          new Delete(new Key(TWO)),
          new Delete(new Key(TWO)));
    }
    Rows bag = rows(List.of());
    List<RowChange> fits = List.of(new Delete(new Key(TWO)), new Insert(ONE));
    assertEquals(Optional.empty(), bag.apply(fits, true, into));
    assertEquals(copies, into);
    assertEquals(List.of(ONE, ONE), List.copyOf(bag.all()));
    assertEquals(Optional.empty(), bag.find(new Key(TWO)));
    assertEquals(Optional.of(ONE), bag.find(new Key(ONE)));
  }

  private static void assertMisfit(String reason, RowChange misfit) {
    assertTakenBack(rows(List.of("id")), reason, true, List.of(misfit));
  }

  private static void assertBagMisfit(String reason, boolean exact, RowChange... changes) {
    assertTakenBack(rows(List.of()), reason, exact, List.of(changes));
  }

  private static void assertTakenBack(
      Rows rows, String reason, boolean exact, List<RowChange> misfit) {
    List<RowChange> changes = new ArrayList<>(BEFORE);
    changes.addAll(misfit);
    assertEquals(Optional.of(reason), rows.apply(changes, exact, new ArrayList<>()));
    assertEquals(List.of(ONE, TWO), List.copyOf(rows.all()));
  }

  /** {@link #ONE} and {@link #TWO}. */
  private static Rows rows(List<String> key) {
    List<Column> columns = List.of(new Column("id", "int4"), new Column("qty", "int4"));
    Rows rows = Rows.of(new Relation("t", "t", columns, key), 2);
    assertTrue(rows.add(ONE));
    assertTrue(rows.add(TWO));
    return rows;
  }
}
