package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.replica.Outcome.Applied;
import io.tycostream.domain.replica.Outcome.Broken;
import io.tycostream.domain.replica.Outcome.Replaced;
import io.tycostream.domain.replica.Outcome.Unusable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;

/** Against a model that keeps the whole state of every position, for every kind of rows. */
@Domain(Choices.Domain.class)
@Domain(DomainContext.Global.class)
final class ReplicaTableProperties {

  private static final int ROUNDS = 12;

  @Property
  void rowsEqualTheSourceAtThePositionThroughEverythingThatTheProtocolAllows(
      @ForAll Choices choices, @ForAll ScriptedFeed.Kind kind) {
    ScriptedFeed feed = new ScriptedFeed(choices, kind);
    ReplicaTable table = table(kind);
    List<ServerMessage> script = new ArrayList<>(feed.subscribe(Optional.empty(), false));
    for (int round = 0; round < ROUNDS; round++) {
      boolean cut = choices.oneIn(4);
      int heard = cut ? choices.below(script.size() + 1) : script.size();
      Map<Row, Integer> before = CheckedReplica.counts(table);
      for (ServerMessage message : script.subList(0, heard)) {
        Outcome outcome = tell(table, message);
        assertTrue(!(outcome instanceof Broken || outcome instanceof Unusable), "" + outcome);
        assertRight(feed, table);
        before = assertChangesLeadOn(before, outcome, table);
      }
      script.clear();
      if (cut) {
        script.addAll(feed.subscribe(table.position(), choices.oneIn(4)));
      } else {
        script.addAll(feed.next());
        if (choices.oneIn(2)) {
          script.add(feed.progress());
        }
      }
    }
  }

  @Property
  void aMessageThatIsLostOrComesTwiceOrInTheWrongPlaceNeverMakesTheRowsSilentlyWrong(
      @ForAll Choices choices, @ForAll ScriptedFeed.Kind kind) {
    ScriptedFeed feed = new ScriptedFeed(choices, kind);
    List<ServerMessage> script = new ArrayList<>(feed.subscribe(Optional.empty(), false));
    for (int i = 0; i < 8; i++) {
      script.addAll(feed.next());
    }
    int at = 1 + choices.below(script.size() - 1);
    boolean last = at == script.size() - 1;
    switch (choices.below(last ? 2 : 3)) {
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
    ReplicaTable table = table(kind);
    for (ServerMessage message : script) {
      Map<Row, Integer> rows = CheckedReplica.counts(table);
      Optional<String> position = table.position();
      Outcome outcome = tell(table, message);
      if (outcome instanceof Broken) {
        assertEquals(rows, CheckedReplica.counts(table));
        assertEquals(position, table.position());
        return;
      }
      assertRight(feed, table);
    }
  }

  @Property
  void aWholeBatchThatIsLostOrComesTwiceIsNoticedAtTheNextOneAtTheLatest(
      @ForAll Choices choices, @ForAll ScriptedFeed.Kind kind) {
    ScriptedFeed feed = new ScriptedFeed(choices, kind);
    ReplicaTable table = table(kind);
    feed.subscribe(Optional.empty(), false).forEach(message -> tell(table, message));
    feed.change();
    List<ServerMessage> first = feed.plain();
    feed.change();
    List<ServerMessage> second = feed.plain();
    List<ServerMessage> script = new ArrayList<>();
    if (choices.oneIn(2)) {
      script.addAll(first);
      script.addAll(first);
    }
    script.addAll(second);
    assertTrue(
        script.stream().map(message -> tell(table, message)).anyMatch(Broken.class::isInstance));
  }

  @Property
  void whatGoesBackInTimeIsBroken(@ForAll Choices choices, @ForAll ScriptedFeed.Kind kind) {
    ScriptedFeed feed = new ScriptedFeed(choices, kind);
    ReplicaTable table = table(kind);
    List<ServerMessage> script = new ArrayList<>(feed.subscribe(Optional.empty(), false));
    ServerMessage early = feed.progress();
    feed.change();
    script.addAll(feed.plain());
    script.forEach(message -> tell(table, message));
    Map<Row, Integer> rows = CheckedReplica.counts(table);
    assertInstanceOf(Broken.class, tell(table, early));
    BatchPart last = (BatchPart) script.getLast();
    BatchPart back =
        new BatchPart(
            last.feed(),
            last.seq() + 1,
            choices.oneIn(2) ? last.position() : ((ServerMessage.Progress) early).position(),
            List.of(),
            1,
            false,
            0,
            false);
    assertInstanceOf(Broken.class, tell(table, back));
    assertEquals(rows, CheckedReplica.counts(table));
    assertEquals(Optional.of(last.position()), table.position());
  }

  private static ReplicaTable table(ScriptedFeed.Kind kind) {
    ClientMessage.Subscribe plain = new ClientMessage.Subscribe("r", "t", Optional.empty());
    return new ReplicaTable(
        new ClientMessage.Subscribe(
            plain.ref(),
            plain.source(),
            plain.where(),
            plain.columns(),
            plain.after(),
            true,
            OnGap.SNAPSHOT,
            kind == ScriptedFeed.Kind.DELTA,
            plain.buffer(),
            plain.maxRate(),
            plain.priority()),
        true);
  }

  static Outcome tell(ReplicaTable table, ServerMessage message) {
    return switch (message) {
      case ServerMessage.Subscribed m -> table.subscribed(m);
      case ServerMessage.SnapshotPart m -> table.snapshot(m);
      case BatchPart m -> table.batch(m);
      case ServerMessage.Progress m -> table.progress(m);
      case ServerMessage.Gap m -> table.gap(m);
      default -> throw new IllegalArgumentException("not of a table: " + message);
    };
  }

  private static void assertRight(ScriptedFeed feed, ReplicaTable table) {
    table
        .position()
        .ifPresentOrElse(
            position -> assertEquals(feed.rowsAt(position), CheckedReplica.counts(table)),
            () -> assertTrue(table.rows().isEmpty()));
  }

  /** The changes told are those between the rows before and the rows now. */
  private static Map<Row, Integer> assertChangesLeadOn(
      Map<Row, Integer> before, Outcome outcome, ReplicaTable table) {
    Map<Row, Integer> rows = new HashMap<>(before);
    if (outcome instanceof Replaced) {
      rows = CheckedReplica.counts(table);
    } else if (outcome instanceof Applied applied) {
      for (Change change : applied.changes()) {
        switch (change) {
          case Change.Insert(Row row) -> rows.merge(row, 1, Integer::sum);
          case Change.Update(Row old, Row row) -> {
            rows.merge(old, -1, Integer::sum);
            rows.merge(row, 1, Integer::sum);
          }
          case Change.Delete(Row old) -> rows.merge(old, -1, Integer::sum);
        }
      }
      rows.values().removeIf(count -> count == 0);
    }
    assertEquals(rows, CheckedReplica.counts(table));
    return rows;
  }
}
