package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class PartsTest {

  private final Parts parts = new Parts();

  @Test
  void partsFollowEachOtherFromZeroOn() {
    assertFalse(parts.add(snapshot(1)));
    assertTrue(parts.isEmpty());
    assertTrue(parts.add(snapshot(0)));
    assertFalse(parts.isEmpty());
    assertFalse(parts.add(snapshot(2)));
    assertTrue(parts.add(snapshot(1)));
    assertFalse(parts.add(snapshot(1)));
    assertTrue(parts.add(snapshot(2)));
    assertEquals(List.of(Row.of("0"), Row.of("1"), Row.of("2")), parts.rows());
    assertEquals("3 of a snapshot", parts.toString());
  }

  @Test
  void aPartZeroBeginsAnewWhateverWasThere() {
    parts.add(snapshot(0));
    parts.add(snapshot(1));
    assertTrue(parts.add(snapshot(0)));
    assertEquals(List.of(Row.of("0")), parts.rows());
    assertTrue(parts.add(batch(6, 0)));
    assertEquals(List.of(), parts.rows());
    assertTrue(parts.add(batch(6, 1)));
    assertTrue(parts.add(batch(7, 0)));
    assertEquals(List.of(insert(0)), parts.changes());
    assertTrue(parts.add(snapshot(0)));
    assertEquals(List.of(), parts.changes());
  }

  @Test
  void aPartOfAnotherBatchOrOfTheOtherKindDoesNotFollow() {
    parts.add(batch(6, 0));
    assertFalse(parts.add(batch(7, 1)));
    assertFalse(parts.add(batch(5, 1)));
    assertFalse(parts.add(snapshot(1)));
    assertEquals("1 of batch 6", parts.toString());
    assertTrue(parts.add(batch(6, 1)));
    assertEquals(List.of(insert(0), insert(1)), parts.changes());
    parts.add(snapshot(0));
    assertFalse(parts.add(batch(6, 1)));
    assertEquals(List.of(), parts.changes());
  }

  @Test
  void nothingFollowsWhatWasCleared() {
    parts.add(batch(6, 0));
    parts.clear();
    assertTrue(parts.isEmpty());
    assertEquals("no part", parts.toString());
    assertEquals(List.of(), parts.changes());
    assertFalse(parts.add(batch(6, 1)));
  }

  private static SnapshotPart snapshot(int part) {
    return new SnapshotPart(
        1, part, List.of(Row.of("" + part)), true, Optional.empty(), OptionalLong.empty());
  }

  private static BatchPart batch(long seq, int part) {
    return new BatchPart(1, seq, "p", List.of(insert(part)), 1, false, part, true);
  }

  private static RowChange insert(int id) {
    return new RowChange.Insert(Row.of("" + id));
  }
}
