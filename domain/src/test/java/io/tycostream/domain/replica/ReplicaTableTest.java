package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.replica.Outcome.Applied;
import io.tycostream.domain.replica.Outcome.Broken;
import io.tycostream.domain.replica.Outcome.Replaced;
import io.tycostream.domain.replica.Outcome.Staged;
import io.tycostream.domain.replica.Outcome.Unusable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ReplicaTableTest {

  private static final List<Column> COLUMNS =
      List.of(new Column("id", "int4"), new Column("qty", "int4"));

  private final ReplicaTable table = new ReplicaTable("r");

  @Test
  void aBatchThatDoesNotFitTheRowsLeavesThemAsTheyWere() {
    begin();
    List<RowChange> changes =
        List.of(
            new RowChange.Update(Row.of("1", "11")),
            new RowChange.Delete(new Key(Row.of("2"))),
            new RowChange.Insert(Row.of("3", "30")),
            new RowChange.Delete(new Key(Row.of("9"))));
    Broken broken = assertInstanceOf(Broken.class, table.batch(batch(6, changes, 1, 0, false)));
    assertEquals(new Broken("batch 6: delete of a row that is not here: [9]", true), broken);
    assertEquals(Optional.of(Row.of("1", "10")), table.row(new Key(Row.of("1"))));
    assertEquals(2, table.rows().size());
    assertEquals(Optional.of("p5"), table.position());
  }

  @Test
  void partsOfASnapshotAndOfABatchDoNotMix() {
    begin();
    assertInstanceOf(Staged.class, table.batch(batch(6, List.of(), 1, 0, true)));
    assertInstanceOf(
        Broken.class,
        table.snapshot(
            new SnapshotPart(1, 1, List.of(), false, Optional.of("p6"), OptionalLong.of(6))));
  }

  @Test
  void partsOfTwoBatchesDoNotMix() {
    begin();
    assertInstanceOf(Staged.class, table.batch(batch(6, List.of(), 1, 0, true)));
    assertInstanceOf(Broken.class, table.batch(batch(7, List.of(), 2, 1, false)));
  }

  @Test
  void nothingIsAppliedBetweenAGapAndWhatMakesItGood() {
    begin();
    assertInstanceOf(Staged.class, table.gap(gap("fold")));
    assertInstanceOf(Staged.class, table.progress(new Progress(1, "p8")));
    assertEquals(Optional.of("p5"), table.position());
    assertInstanceOf(Broken.class, table.batch(batch(9, List.of(), 1, 0, false)));
    assertInstanceOf(Applied.class, table.batch(batch(9, List.of(), 4, 0, false)));
    assertInstanceOf(Staged.class, table.gap(gap("snapshot")));
    assertInstanceOf(Broken.class, table.batch(batch(10, List.of(), 1, 0, false)));
    assertInstanceOf(Staged.class, table.progress(new Progress(1, "p11")));
    assertEquals(Optional.of("p9"), table.position());
  }

  @Test
  void aGapThatNothingMakesGoodIsBroken() {
    begin();
    assertInstanceOf(Broken.class, table.gap(gap("none")));
  }

  @Test
  void aReplayFromAheadOfTheRowsIsBroken() {
    begin();
    assertEquals(
        new Broken("a replay from p7 after p5", true), table.subscribed(replay("p7", COLUMNS)));
    assertInstanceOf(Staged.class, table.subscribed(replay("p5", COLUMNS)));
  }

  @Test
  void rowsKeepTheirShapeUntilTheSnapshotInTheNewOneIsWhole() {
    begin();
    List<Column> wider = List.of(COLUMNS.get(0), COLUMNS.get(1), new Column("side", "text"));
    table.subscribed(
        new Subscribed(
            "r",
            2,
            "t",
            List.of("id"),
            wider,
            Start.SNAPSHOT,
            Optional.empty(),
            OptionalLong.empty()));
    assertEquals(COLUMNS, table.relation().orElseThrow().columns());
    assertInstanceOf(
        Replaced.class,
        table.snapshot(
            new SnapshotPart(
                2,
                0,
                List.of(Row.of("1", "2", "buy")),
                false,
                Optional.of("q1"),
                OptionalLong.of(0))));
    assertEquals(wider, table.relation().orElseThrow().columns());
    assertInstanceOf(Broken.class, table.subscribed(replay("q1", COLUMNS)));
  }

  @Test
  void whatThisClientCannotFollowIsSaid() {
    assertInstanceOf(
        Unusable.class,
        table.subscribed(
            new Subscribed(
                "r",
                1,
                "t",
                List.of("nope"),
                COLUMNS,
                Start.SNAPSHOT,
                Optional.empty(),
                OptionalLong.empty())));
  }

  @Test
  void twoRowsOfOneKeyAreNoSnapshot() {
    begin();
    assertInstanceOf(
        Broken.class,
        table.snapshot(
            new SnapshotPart(
                1,
                0,
                List.of(Row.of("1", "1"), Row.of("1", "2")),
                false,
                Optional.of("p6"),
                OptionalLong.of(6))));
    assertEquals(2, table.rows().size());
  }

  @Test
  void rowsWithoutAKeyAreCountedAndEveryDeleteIsOfACopyThatIsThere() {
    ReplicaTable bag = new ReplicaTable("r");
    beginBag(bag);
    Row row = Row.of("1", "10");
    RowChange.Delete delete = new RowChange.Delete(new Key(row));
    assertEquals(Optional.of(row), bag.row(new Key(row)));
    assertEquals(2, bag.rows().size());
    // The order within a batch means nothing: three go, and one comes behind them.
    List<RowChange> net = List.of(delete, delete, delete, new RowChange.Insert(row));
    assertInstanceOf(Applied.class, bag.batch(batch(6, net, 1, 0, false)));
    assertEquals(0, bag.rows().size());
    assertEquals(Optional.empty(), bag.row(new Key(row)));
    Row other = Row.of("2", "20");
    List<RowChange> tooMany = List.of(new RowChange.Insert(other), delete);
    for (long merged = 1; merged <= 2; merged++) {
      assertEquals(
          new Broken(
              "batch %d: delete of a row that is not here: [1, 10]".formatted(6 + merged), true),
          bag.batch(batch(6 + merged, tooMany, merged, 0, false)));
    }
    assertEquals(List.of(), List.copyOf(bag.rows()));
    assertEquals(Optional.of("p6"), bag.position());
  }

  @Test
  void whatDoesNotFitRowsWithoutAKeyLeavesTheirCountsAsTheyWere() {
    ReplicaTable bag = new ReplicaTable("r");
    beginBag(bag);
    Row row = Row.of("1", "10");
    List<RowChange> changes =
        List.of(
            new RowChange.Insert(row),
            new RowChange.Delete(new Key(row)),
            new RowChange.Delete(new Key(Row.of("9", "9"))));
    assertInstanceOf(Broken.class, bag.batch(batch(6, changes, 1, 0, false)));
    assertEquals(List.of(row, row), List.copyOf(bag.rows()));
    assertInstanceOf(
        Broken.class, bag.batch(batch(6, List.of(new RowChange.Update(row)), 1, 0, false)));
    assertInstanceOf(
        Broken.class, bag.batch(batch(6, List.of(new RowChange.Insert(row)), 1, 1, false)));
    assertEquals(List.of(row, row), List.copyOf(bag.rows()));
    BatchPart resync =
        new BatchPart(1, 6, "p6", List.of(new RowChange.Insert(row)), 1, true, 0, false);
    assertInstanceOf(Broken.class, bag.batch(resync));
  }

  @Test
  void changedValuesCompleteTheRowThatIsThere() {
    ReplicaTable deltas = delta();
    RowChange patch = new RowChange.Patch(Row.of("1", Row.UNCHANGED));
    RowChange nulled = new RowChange.Patch(Row.of("2", null));
    assertEquals(
        new Applied(List.of(new Change.Update(Row.of("2", "20"), Row.of("2", null))), true),
        deltas.batch(batch(6, List.of(patch, nulled), 1, 0, false)));
    assertEquals(Optional.of(Row.of("1", "10")), deltas.row(new Key(Row.of("1"))));
    List<RowChange> ofNothing =
        List.of(new RowChange.Patch(Row.of("1", "11")), new RowChange.Patch(Row.of("9", "9")));
    assertEquals(
        new Broken("batch 7: changed values of a row that is not here: [9, 9]", true),
        deltas.batch(batch(7, ofNothing, 1, 0, false)));
    assertEquals(Optional.of(Row.of("1", "10")), deltas.row(new Key(Row.of("1"))));
    assertInstanceOf(Broken.class, deltas.batch(batch(8, List.of(nulled), 2, 0, false)));
  }

  @Test
  void changedValuesThatNobodyAskedForAreBroken() {
    begin();
    RowChange patch = new RowChange.Patch(Row.of("1", "11"));
    assertEquals(
        new Broken("batch 6: changed values alone, which nobody asked for", false),
        table.batch(batch(6, List.of(patch), 1, 0, false)));
  }

  @Test
  void rowsOfTheProgramArePassedOnAndGoOnBehindAPositionThatItStored() {
    ReplicaTable own = new ReplicaTable(terms(OnGap.SNAPSHOT, false, Optional.of("p5")), false);
    assertEquals(Optional.of("p5"), own.position());
    assertInstanceOf(Staged.class, own.subscribed(replay("p5", COLUMNS)));
    List<RowChange> changes = List.of(new RowChange.Insert(Row.of("3", "30")));
    assertEquals(new Outcome.Passed(changes, true), own.batch(batch(6, changes, 1, 0, false)));
    assertEquals(Optional.of("p6"), own.position());
    assertEquals(0, own.rows().size());
    assertInstanceOf(Broken.class, own.batch(batch(8, changes, 1, 0, false)));
    assertInstanceOf(Staged.class, own.gap(gap("fold")));
    assertEquals(new Outcome.Passed(changes, false), own.batch(batch(8, changes, 2, 0, false)));
    assertInstanceOf(Staged.class, own.gap(gap("snapshot")));
    assertInstanceOf(Broken.class, own.gap(gap("none")));
  }

  @Test
  void rowsOfTheProgramAreNotGoneOnBehindAPlaceThatItHasNotReached() {
    ReplicaTable own = new ReplicaTable(terms(OnGap.SNAPSHOT, false, Optional.of("p5")), false);
    assertInstanceOf(Broken.class, own.subscribed(replay("p6", COLUMNS)));
    own.forgetPosition();
    assertInstanceOf(Broken.class, own.subscribed(replay("p5", COLUMNS)));
    assertInstanceOf(Staged.class, own.subscribed(snapshotStart(List.of("id"))));
    assertEquals(
        new Outcome.Shown(List.of(Row.of("1", "10"), Row.of("2", "20"))), own.snapshot(two()));
  }

  @Test
  void rowsThatAreKeptBeginWithASnapshotAndThoseOfEventsAreNeverKept() {
    Subscribe behind = terms(OnGap.SNAPSHOT, false, Optional.of("p5"));
    assertThrows(IllegalArgumentException.class, () -> new ReplicaTable(behind, true));
    Subscribe events = terms(OnGap.CONTINUE, false, Optional.empty());
    assertThrows(IllegalArgumentException.class, () -> new ReplicaTable(events, true));
  }

  @Test
  void anEventSubscriptionIsShownTheRowsAndKeepsNone() {
    ReplicaTable events = new ReplicaTable(terms(OnGap.CONTINUE, false, Optional.of("p1")), false);
    assertEquals(Optional.of("p1"), events.position());
    assertInstanceOf(Staged.class, events.subscribed(snapshotStart(List.of("id"))));
    assertEquals(
        new Outcome.Shown(List.of(Row.of("1", "10"), Row.of("2", "20"))), events.snapshot(two()));
    assertEquals(0, events.rows().size());
    List<RowChange> changes = List.of(new RowChange.Delete(new Key(Row.of("9"))));
    assertEquals(new Outcome.Passed(changes, true), events.batch(batch(6, changes, 1, 0, false)));
    assertInstanceOf(Broken.class, events.gap(gap("fold")));
    assertInstanceOf(Staged.class, events.gap(gap("snapshot")));
    assertInstanceOf(Broken.class, events.batch(batch(7, changes, 1, 0, false)));
  }

  @Test
  void behindALossAnEventSubscriptionTakesAnyLaterSeqOnce() {
    ReplicaTable events = new ReplicaTable(terms(OnGap.CONTINUE, false, Optional.empty()), false);
    events.subscribed(snapshotStart(List.of("id")));
    events.snapshot(two());
    assertInstanceOf(Outcome.Lost.class, events.gap(gap("none")));
    assertEquals(Optional.of("p9"), events.position());
    assertInstanceOf(Broken.class, events.batch(batch(5, List.of(), 1, 0, false)));
    BatchPart later = new BatchPart(1, 12, "pa", List.of(), 1, false, 0, false);
    assertInstanceOf(Outcome.Passed.class, events.batch(later));
    BatchPart hole = new BatchPart(1, 14, "pb", List.of(), 1, false, 0, false);
    assertInstanceOf(Broken.class, events.batch(hole));
  }

  private static ReplicaTable delta() {
    ReplicaTable deltas = new ReplicaTable(terms(OnGap.SNAPSHOT, true, Optional.empty()), true);
    deltas.subscribed(snapshotStart(List.of("id")));
    deltas.snapshot(two());
    return deltas;
  }

  private static void beginBag(ReplicaTable bag) {
    bag.subscribed(snapshotStart(List.of()));
    bag.snapshot(
        new SnapshotPart(
            1,
            0,
            List.of(Row.of("1", "10"), Row.of("1", "10")),
            false,
            Optional.of("p5"),
            OptionalLong.of(5)));
  }

  private static Subscribe terms(OnGap onGap, boolean delta, Optional<String> after) {
    return new Subscribe(
        "r",
        "t",
        Filter.EVERYTHING,
        Optional.empty(),
        after,
        true,
        onGap,
        delta,
        Optional.empty(),
        OptionalDouble.empty(),
        Subscribe.DEFAULT_PRIORITY);
  }

  private static Subscribed snapshotStart(List<String> key) {
    return new Subscribed(
        "r", 1, "t", key, COLUMNS, Start.SNAPSHOT, Optional.empty(), OptionalLong.empty());
  }

  private static SnapshotPart two() {
    return new SnapshotPart(
        1,
        0,
        List.of(Row.of("1", "10"), Row.of("2", "20")),
        false,
        Optional.of("p5"),
        OptionalLong.of(5));
  }

  private void begin() {
    table.subscribed(
        new Subscribed(
            "r",
            1,
            "t",
            List.of("id"),
            COLUMNS,
            Start.SNAPSHOT,
            Optional.empty(),
            OptionalLong.empty()));
    table.snapshot(
        new SnapshotPart(
            1,
            0,
            List.of(Row.of("1", "10"), Row.of("2", "20")),
            false,
            Optional.of("p5"),
            OptionalLong.of(5)));
  }

  private static BatchPart batch(
      long seq, List<RowChange> changes, long merged, int part, boolean more) {
    return new BatchPart(1, seq, "p" + seq, changes, merged, false, part, more);
  }

  private static Gap gap(String recovery) {
    return new Gap(1, Optional.of("p5"), "p9", 4, "drop-oldest", recovery);
  }

  private static Subscribed replay(String position, List<Column> columns) {
    return new Subscribed(
        "r",
        1,
        "t",
        List.of("id"),
        columns,
        Start.REPLAY,
        Optional.of(position),
        OptionalLong.of(5));
  }
}
