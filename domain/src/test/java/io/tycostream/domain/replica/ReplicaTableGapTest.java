package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.replica.Outcome.Advanced;
import io.tycostream.domain.replica.Outcome.Applied;
import io.tycostream.domain.replica.Outcome.Broken;
import io.tycostream.domain.replica.Outcome.Lost;
import io.tycostream.domain.replica.Outcome.Passed;
import io.tycostream.domain.replica.Outcome.Staged;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Gaps of every recovery, parts that something comes between, and positions that go back. */
final class ReplicaTableGapTest {

  @Test
  void everyRecoveryIsForTheKindOfSubscriptionThatHasIt() {
    for (Recovery recovery : Recovery.values()) {
      Outcome ofRows =
          switch (recovery) {
            case FOLD, SNAPSHOT -> new Staged();
            case NONE -> new Broken("a gap that leaves the rows wrong, recovery none", true);
          };
      Outcome ofEvents =
          switch (recovery) {
            case FOLD ->
                new Broken("a gap that an event subscription does not have, recovery fold", false);
            case SNAPSHOT -> new Staged();
            case NONE -> new Lost();
          };
      ReplicaTable rows = begun(OnGap.SNAPSHOT);
      assertEquals(ofRows, rows.gap(gap(recovery.wire(), at(9))));
      assertEquals(Optional.of(at(5)), rows.position());
      ReplicaTable events = begun(OnGap.CONTINUE);
      assertEquals(ofEvents, events.gap(gap(recovery.wire(), at(9))));
      assertEquals(
          Optional.of(recovery == Recovery.NONE ? at(9) : at(5)), events.position(), recovery + "");
    }
  }

  @Test
  void aRecoveryThatNobodyKnowsIsBroken() {
    assertEquals(
        new Broken("a gap that leaves the rows wrong, recovery magic", true),
        begun(OnGap.SNAPSHOT).gap(gap("magic", at(9))));
    assertEquals(
        new Broken("a gap that an event subscription does not have, recovery magic", false),
        begun(OnGap.CONTINUE).gap(gap("magic", at(9))));
  }

  @Test
  void aLossUpToAnEarlierPositionIsBroken() {
    ReplicaTable events = begun(OnGap.CONTINUE);
    assertEquals(
        new Broken("a gap up to " + at(4) + " after " + at(5), false),
        events.gap(gap("none", at(4))));
    assertEquals(Optional.of(at(5)), events.position());
    assertEquals(new Lost(), events.gap(gap("none", at(5))));
  }

  @Test
  void aFoldOfRowsThatAreNotHereIsNoneAndTheirSnapshotIsStillAwaited() {
    ReplicaTable table = begun(OnGap.SNAPSHOT);
    table.gap(gap("snapshot", at(9)));
    assertEquals(new Staged(), table.gap(gap("fold", at(9))));
    assertEquals(
        new Broken("batch 6 before the snapshot that it follows", false),
        table.batch(batch(6, 0, false)));
  }

  @Test
  void aGapBetweenTwoPartsOfABatchTakesTheFirstOneAway() {
    for (OnGap kind : OnGap.values()) {
      ReplicaTable table = begun(kind);
      assertEquals(new Staged(), table.batch(batch(6, 0, true)));
      table.gap(gap(kind == OnGap.CONTINUE ? "none" : "fold", at(5)));
      assertEquals(
          new Broken("part 1 of batch 6 after no part", false), table.batch(batch(6, 1, false)));
    }
  }

  @Test
  void aNewBeginningTakesThePartsOfTheEarlierOneAway() {
    ReplicaTable table = begun(OnGap.SNAPSHOT);
    assertEquals(new Staged(), table.snapshot(snapshot(0, true, 6)));
    assertEquals(new Staged(), table.subscribed(start()));
    assertEquals(
        new Broken("part 1 of a snapshot after no part", false),
        table.snapshot(snapshot(1, false, 6)));
  }

  @Test
  void progressBetweenTwoPartsMovesNothing() {
    for (OnGap kind : OnGap.values()) {
      ReplicaTable table = begun(kind);
      assertEquals(new Staged(), table.batch(batch(6, 0, true)));
      assertEquals(new Staged(), table.progress(new Progress(1, at(6))));
      assertEquals(Optional.of(at(5)), table.position());
      List<RowChange> both = List.of(insert(0), insert(1));
      Outcome outcome = table.batch(batch(6, 1, false));
      if (kind == OnGap.CONTINUE) {
        assertEquals(new Passed(both, true), outcome);
      } else {
        assertEquals(2, ((Applied) outcome).changes().size());
      }
      assertEquals(new Advanced(), table.progress(new Progress(1, at(7))));
      assertEquals(Optional.of(at(7)), table.position());
    }
  }

  @Test
  void progressBehindALossMovesThePosition() {
    ReplicaTable events = begun(OnGap.CONTINUE);
    events.gap(gap("none", at(9)));
    assertEquals(new Advanced(), events.progress(new Progress(1, at(10))));
    assertEquals(Optional.of(at(10)), events.position());
  }

  @Test
  void onlyWithinOneHistoryIsAPositionKnownToGoBack() {
    Position here = Position.parse(at(5)).orElseThrow();
    List<String> others =
        List.of(
            new Position("d", 4, "p").toString(), // a history that sorts before
            here.under("o").at(4).toString(), // another definition
            "a position of a later version");
    for (String other : others) {
      ReplicaTable table = begun(OnGap.SNAPSHOT);
      assertEquals(new Advanced(), table.progress(new Progress(1, other)), other);
      assertEquals(Optional.of(other), table.position());
    }
    ReplicaTable table = begun(OnGap.SNAPSHOT);
    assertEquals(
        new Broken("progress to " + at(4) + " after " + at(5), false),
        table.progress(new Progress(1, at(4))));
    assertEquals(new Advanced(), table.progress(new Progress(1, at(5))));
    assertEquals(
        new Broken("a snapshot at " + at(4) + " after " + at(5), false),
        table.snapshot(snapshot(0, false, 4)));
  }

  @Test
  void aTableIsOfItsRef() {
    assertEquals("r", begun(OnGap.SNAPSHOT).ref());
  }

  /** At position 5 and seq 5. */
  private static ReplicaTable begun(OnGap kind) {
    Subscribe plain = new Subscribe("r", "t", Optional.empty());
    ReplicaTable table =
        new ReplicaTable(
            new Subscribe(
                "r",
                "t",
                plain.where(),
                plain.columns(),
                plain.after(),
                true,
                kind,
                false,
                plain.buffer(),
                plain.maxRate(),
                plain.priority()),
            kind == OnGap.SNAPSHOT);
    table.subscribed(start());
    table.snapshot(snapshot(0, false, 5));
    return table;
  }

  private static Subscribed start() {
    return new Subscribed(
        "r",
        1,
        "t",
        List.of("id"),
        List.of(new Column("id", "int4")),
        Start.SNAPSHOT,
        Optional.empty(),
        OptionalLong.empty());
  }

  private static SnapshotPart snapshot(int part, boolean more, int time) {
    return new SnapshotPart(
        1, part, List.of(Row.of("9")), more, Optional.of(at(time)), OptionalLong.of(time));
  }

  private static BatchPart batch(int seq, int part, boolean more) {
    return new BatchPart(1, seq, at(seq), List.of(insert(part)), 1, false, part, more);
  }

  private static RowChange insert(int id) {
    return new RowChange.Insert(Row.of("" + id));
  }

  private static Gap gap(String recovery, String upTo) {
    return new Gap(1, Optional.of(at(5)), upTo, -1, "drop-oldest", recovery);
  }

  private static String at(int time) {
    return new Position("e", time, "p").toString();
  }
}
