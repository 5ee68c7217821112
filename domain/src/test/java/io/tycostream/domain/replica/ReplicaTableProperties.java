package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.replica.Outcome.Applied;
import io.tycostream.domain.replica.Outcome.Broken;
import io.tycostream.domain.replica.Outcome.Replaced;
import io.tycostream.domain.replica.Outcome.Unusable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Against a model that keeps the whole state of every position. */
final class ReplicaTableProperties {

  private static final int ROUNDS = 15;

  @Property
  void rowsEqualTheSourceAtThePositionThroughEverythingThatTheProtocolAllows(@ForAll long seed) {
    Random random = new Random(seed);
    ScriptedFeed feed = new ScriptedFeed(seed);
    ReplicaTable table = new ReplicaTable("r");
    List<ServerMessage> script = new ArrayList<>(feed.subscribe(Optional.empty()));
    for (int round = 0; round < ROUNDS; round++) {
      boolean cut = random.nextInt(4) == 0;
      int heard = cut ? random.nextInt(script.size() + 1) : script.size();
      Set<Row> before = new HashSet<>(table.rows());
      for (ServerMessage message : script.subList(0, heard)) {
        Outcome outcome = tell(table, message);
        assertTrue(!(outcome instanceof Broken || outcome instanceof Unusable), "" + outcome);
        assertRight(feed, table);
        before = assertChangesLeadOn(before, outcome, table);
      }
      script.clear();
      script.addAll(cut ? feed.subscribe(table.position()) : feed.next());
    }
  }

  @Property
  void aMessageThatIsLostOrComesTwiceOrInTheWrongPlaceNeverMakesTheRowsSilentlyWrong(
      @ForAll long seed) {
    Random random = new Random(seed);
    ScriptedFeed feed = new ScriptedFeed(seed);
    List<ServerMessage> script = new ArrayList<>(feed.subscribe(Optional.empty()));
    while (script.size() < 20) {
      script.addAll(feed.next());
    }
    int at = 1 + random.nextInt(script.size() - 2);
    switch (random.nextInt(3)) {
      case 0 -> script.remove(at);
      case 1 -> script.add(at, script.get(at));
      default -> {
        // Parts do not say of which snapshot they are: of two that run into each other, which no
        // connection makes of what was sent in order, nobody could tell.
        boolean snapshots =
            script.get(at) instanceof ServerMessage.SnapshotPart
                && script.get(at + 1) instanceof ServerMessage.SnapshotPart;
        if (!snapshots) {
          script.add(at, script.remove(at + 1));
        }
      }
    }
    ReplicaTable table = new ReplicaTable("r");
    for (ServerMessage message : script) {
      Set<Row> rows = new HashSet<>(table.rows());
      Optional<String> position = table.position();
      Outcome outcome = tell(table, message);
      if (outcome instanceof Broken) {
        assertEquals(rows, new HashSet<>(table.rows()));
        assertEquals(position, table.position());
        return;
      }
      // A progress has no seq: one that overtakes its batch is noticed at the next batch.
      if (outcome instanceof Applied || outcome instanceof Replaced) {
        assertRight(feed, table);
      }
    }
  }

  private static Outcome tell(ReplicaTable table, ServerMessage message) {
    return switch (message) {
      case ServerMessage.Subscribed m -> table.subscribed(m);
      case ServerMessage.SnapshotPart m -> table.snapshot(m);
      case ServerMessage.BatchPart m -> table.batch(m);
      case ServerMessage.Progress m -> table.progress(m);
      case ServerMessage.Gap m -> table.gap(m);
      default -> throw new IllegalArgumentException("not of a table: " + message);
    };
  }

  private static void assertRight(ScriptedFeed feed, ReplicaTable table) {
    table
        .position()
        .ifPresentOrElse(
            position -> assertEquals(feed.rowsAt(position), new HashSet<>(table.rows())),
            () -> assertTrue(table.rows().isEmpty()));
  }

  /** The changes told are those between the rows before and the rows now. */
  private static Set<Row> assertChangesLeadOn(
      Set<Row> before, Outcome outcome, ReplicaTable table) {
    Set<Row> rows = new HashSet<>(before);
    if (outcome instanceof Replaced) {
      rows = new HashSet<>(table.rows());
    } else if (outcome instanceof Applied applied) {
      for (Change change : applied.changes()) {
        switch (change) {
          case Change.Insert(Row row) -> assertTrue(rows.add(row));
          case Change.Update(Row old, Row row) -> assertTrue(rows.remove(old) && rows.add(row));
          case Change.Delete(Row old) -> assertTrue(rows.remove(old));
        }
      }
    }
    assertEquals(rows, new HashSet<>(table.rows()));
    return rows;
  }
}
