package io.tycostream.domain.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchTest {

  private static final Position FROM = new Position("e", 5, "p");
  private static final Row SMALL = Row.of("1");
  private static final Row LARGE = Row.of("1", "large");

  @Test
  void aChangeIsAsLargeAsItsRows() {
    assertEquals(LARGE.bytes(), new Change.Insert(LARGE).bytes());
    assertEquals(SMALL.bytes() + LARGE.bytes(), new Change.Update(SMALL, LARGE).bytes());
    assertEquals(SMALL.bytes(), new Change.Delete(SMALL).bytes());
  }

  @Test
  void aBatchIsAsLargeAsItsChangesAndABitMore() {
    Change insert = new Change.Insert(LARGE);
    Change delete = new Change.Delete(SMALL);
    assertEquals(64 + 32 + insert.bytes(), batch(insert).bytes());
    assertEquals(64 + 32 + insert.bytes() + 32 + delete.bytes(), batch(insert, delete).bytes());
  }

  private static Batch batch(Change... changes) {
    return new Batch(FROM, FROM.at(6), List.of(changes), false);
  }

  @Test
  void aBatchGoesForwardWithinOneHistory() {
    List<Change> changes = List.of(new Change.Insert(SMALL));
    for (long time : new long[] {5, 4, 0}) {
      assertThrows(
          IllegalArgumentException.class, () -> new Batch(FROM, FROM.at(time), changes, false));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new Batch(FROM, new Position("f", 6, "p"), changes, false));
    assertEquals(-1, new Batch(FROM, FROM.at(-1), changes, false).position().time());
  }

  @Test
  void aDifferenceMayLeadAnywhere() {
    List<Change> changes = List.of(new Change.Insert(SMALL));
    for (Position to : List.of(FROM, FROM.at(4), FROM.at(6), new Position("f", 1, "q"))) {
      assertEquals(to, new Batch(FROM, to, changes, true).position());
    }
  }

  @Test
  void aBatchIsNeverEmpty() {
    for (boolean resync : new boolean[] {false, true}) {
      assertThrows(
          IllegalArgumentException.class, () -> new Batch(FROM, FROM.at(6), List.of(), resync));
    }
  }
}
