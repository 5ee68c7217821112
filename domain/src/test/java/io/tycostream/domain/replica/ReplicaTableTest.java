package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
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
