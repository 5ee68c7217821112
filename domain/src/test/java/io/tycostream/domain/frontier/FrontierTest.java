package io.tycostream.domain.frontier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class FrontierTest {

  private static final RowEvent ROW = new RowEvent.Inserted(Row.of("1"));
  private static final RowEvent OTHER = new RowEvent.Inserted(Row.of("2"));
  private static final long MAX = -1;

  private final Frontier<String> frontier = new Frontier<>();

  private static Optional<Moment<String>> moment(long time, boolean snapshot, RowEvent... events) {
    return Optional.of(
        new Moment<>(time, snapshot, events.length == 0 ? Map.of() : Map.of("s", List.of(events))));
  }

  private void assertCompleteAt(long time) {
    assertEquals(OptionalLong.of(time), frontier.complete());
    assertTrue(frontier.isCompleteAt(time));
  }

  @Test
  void theFirstProgressOfASnapshotIsNoCheckpoint() {
    frontier.startWith(10);
    assertEquals(Optional.empty(), frontier.closeBefore(10));
    assertEquals(Optional.empty(), frontier.row("s", 10, ROW));
    assertEquals(Optional.empty(), frontier.closeBefore(10));
    assertEquals(OptionalLong.empty(), frontier.complete());
    assertEquals(moment(10, true, ROW), frontier.closeBefore(15));
    assertCompleteAt(14);
  }

  @Test
  void aSnapshotIsCompleteWithTheFirstRowBehindIt() {
    frontier.startWith(10);
    frontier.row("s", 10, ROW);
    assertEquals(moment(10, true, ROW), frontier.row("s", 12, OTHER));
    assertCompleteAt(11);
    assertEquals(moment(12, false, OTHER), frontier.closeBefore(13));
  }

  @Test
  void aSnapshotWithoutRowsComesOutToo() {
    frontier.startWith(10);
    assertEquals(moment(10, true), frontier.closeBefore(11));
    assertEquals(Optional.empty(), frontier.closeBefore(12));
    assertCompleteAt(11);
  }

  @Test
  void aSnapshotThatBreaksLeavesWhatWasCompleteBefore() {
    frontier.startAt(99);
    frontier.startWith(10);
    frontier.row("s", 10, ROW);
    assertCompleteAt(99);
    frontier.cut();
    assertCompleteAt(99);
    assertEquals(Optional.empty(), frontier.closeBefore(11));
    assertCompleteAt(99);
  }

  @Test
  void aSnapshotThatIsNotCompleteDoesNotMoveTheCheckpointUpToIt() {
    frontier.startAt(5);
    frontier.startWith(10);
    frontier.closeBefore(10);
    frontier.row("s", 10, ROW);
    frontier.closeBefore(10);
    assertCompleteAt(5);
    frontier.cut();
    assertCompleteAt(5);
  }

  @Test
  void aCutLeavesNoOpenMoment() {
    frontier.startAt(5);
    frontier.row("s", 10, ROW);
    frontier.cut();
    assertFalse(frontier.isOpenAt(10));
    assertTrue(frontier.standsAt(9));
    assertTrue(frontier.progress(10));
    assertEquals(Optional.empty(), frontier.closeBefore(12));
    assertCompleteAt(11);
  }

  @Test
  void aSnapshotOfAnotherHistoryMayBeEarlier() {
    frontier.startAt(99);
    frontier.startWith(10);
    frontier.row("s", 10, ROW);
    assertEquals(moment(10, true, ROW), frontier.closeBefore(11));
    assertCompleteAt(10);
  }

  @Test
  void theSnapshotsOfTwoSourcesAreOneMoment() {
    frontier.startWith(10);
    frontier.row("s", 10, ROW);
    frontier.startWith(10);
    assertEquals(moment(10, true, ROW), frontier.closeBefore(11));
  }

  @Test
  void aRowBeforeTheSnapshotIsRefused() {
    frontier.startWith(10);
    assertThrows(DisorderException.class, () -> frontier.row("s", 9, ROW));
    assertThrows(DisorderException.class, () -> frontier.closeBefore(11));
  }

  @Test
  void aConstantCollectionIsCompleteAtItsEndAlone() {
    frontier.startWith(MAX);
    assertEquals(Optional.empty(), frontier.closeBefore(MAX));
    frontier.row("s", MAX, ROW);
    assertEquals(OptionalLong.empty(), frontier.complete());
    assertEquals(moment(MAX, true, ROW), frontier.closeAll());
    assertCompleteAt(MAX);
    assertThrows(DisorderException.class, () -> frontier.row("s", MAX, ROW));
  }

  @Test
  void nothingIsBeforeTheFirstTime() {
    frontier.startWith(0);
    assertEquals(Optional.empty(), frontier.closeBefore(0));
    frontier.row("s", 0, ROW);
    assertEquals(moment(0, true, ROW), frontier.closeBefore(1));
    assertCompleteAt(0);
    assertThrows(DisorderException.class, () -> frontier.closeBefore(0));
  }

  @Test
  void nothingIsTakenBeforeTheFirstSnapshot() {
    assertEquals(OptionalLong.empty(), frontier.complete());
    assertFalse(frontier.progress(10));
    assertRefused(() -> frontier.commit(10));
    assertRefused(() -> frontier.row("s", 10, ROW));
    assertRefused(() -> frontier.closeBefore(10));
    assertRefused(() -> frontier.closeBefore(0));
    assertRefused(frontier::closeAll);
    assertRefused(() -> frontier.resumeBehind(0));
    assertEquals(OptionalLong.empty(), frontier.complete());
  }

  @Test
  void aStreamThatTellsInBothWaysIsRefused() {
    frontier.startAt(5);
    frontier.row("s", ROW);
    assertRefused(() -> frontier.row("s", 10, ROW));
    frontier.row("s", ROW);
    assertRefused(() -> frontier.closeBefore(10));
    frontier.row("s", 10, ROW);
    assertFalse(frontier.progress(11));
    assertRefused(() -> frontier.commit(11));
    assertCompleteAt(9);
  }

  @Test
  void aMomentThatWasOpenWhenTimeWentBackTakesNothingMore() {
    frontier.startAt(10);
    frontier.row("s", 12, ROW);
    assertThrows(DisorderException.class, () -> frontier.row("s", 11, ROW));
    assertThrows(DisorderException.class, () -> frontier.row("s", 12, OTHER));
    assertEquals(0, frontier.pendingEvents("s"));
  }

  @Test
  void aSourceIsForgottenAlone() {
    frontier.startAt(5);
    frontier.row("s", 10, ROW);
    frontier.row("t", 10, OTHER);
    assertEquals(OTHER.bytes(), frontier.pendingBytes("t"));
    assertEquals(1, frontier.pendingEvents("t"));
    frontier.forget("t");
    assertEquals(0, frontier.pendingBytes("t"));
    assertEquals(0, frontier.pendingEvents("t"));
    assertTrue(frontier.isOpenAt(10));
    assertFalse(frontier.isOpenAt(9));
    assertEquals(ROW.bytes(), frontier.pendingBytes("s"));
    assertEquals(moment(10, false, ROW), frontier.closeBefore(11));
    assertFalse(frontier.isOpenAt(10));
    frontier.row("s", 12, ROW);
    frontier.forget("s");
    assertEquals(Optional.empty(), frontier.closeBefore(13));
    assertCompleteAt(12);
  }

  private void assertRefused(Executable telling) {
    assertThrows(DisorderException.class, telling);
    frontier.cut();
  }
}
