package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;

/**
 * An event subscription against a model that knows every change by its number: each is passed on
 * once and in order, or lies in a gap that was told, through cuts, gaps and reconnects.
 */
@Domain(Choices.Domain.class)
final class EventTableProperties {

  /** The changes 1, 2, 3, … stand at those positions; a feed's batch covers a few of them. */
  private static final class Events {

    private final Choices choices;
    private int head;
    private int told;
    private long seq;

    Events(Choices choices) {
      this.choices = choices;
    }

    List<ServerMessage> subscribe(Optional<String> after) {
      head += choices.below(5);
      seq = choices.below(100);
      List<ServerMessage> script = new ArrayList<>();
      boolean expired = after.isPresent() && choices.oneIn(3);
      told = after.isEmpty() || expired ? head : timeOf(after.get());
      script.add(
          new Subscribed(
              "r",
              1,
              "t",
              List.of("id"),
              List.of(new Column("id", "int8")),
              choices.of(List.of(Start.LIVE, Start.REPLAY)),
              Optional.of(position(told)),
              OptionalLong.of(seq)));
      if (expired) {
        script.add(gap(after, told));
      }
      return script;
    }

    List<ServerMessage> next() {
      head += 1 + choices.below(5);
      List<ServerMessage> script = new ArrayList<>();
      if (choices.oneIn(4)) { // some are dropped, and with them their seqs
        int from = told;
        told += 1 + choices.below(head - told);
        seq += 1 + choices.below(3);
        script.add(gap(Optional.of(position(from)), told));
      }
      if (told < head) {
        List<RowChange> changes = new ArrayList<>();
        for (int id = told + 1; id <= head; id++) {
          changes.add(new RowChange.Insert(Row.of(Integer.toString(id))));
        }
        told = head;
        seq++;
        int middle = choices.below(changes.size() + 1);
        script.add(batch(changes.subList(0, middle), 0, true));
        script.add(batch(changes.subList(middle, changes.size()), 1, false));
      }
      return script;
    }

    private BatchPart batch(List<RowChange> changes, int part, boolean more) {
      return new BatchPart(1, seq, position(head), changes, 1, false, part, more);
    }
  }

  @Property
  void everyChangeIsPassedOnOnceInOrderOrLiesInAGap(@ForAll Choices choices) {
    Events events = new Events(choices);
    ReplicaTable table = table(Optional.empty());
    List<ServerMessage> script = new ArrayList<>(events.subscribe(Optional.empty()));
    int start = events.told;
    int known = start;
    for (int round = 0; round < 15; round++) {
      boolean cut = choices.oneIn(4);
      int heard = cut ? choices.below(script.size() + 1) : script.size();
      for (ServerMessage message : script.subList(0, heard)) {
        switch (ReplicaTableProperties.tell(table, message)) {
          case Outcome.Passed(List<RowChange> changes, boolean exact) -> {
            for (RowChange change : changes) {
              known++;
              assertEquals(new RowChange.Insert(Row.of(Integer.toString(known))), change);
            }
          }
          case Outcome.Lost lost -> {
            int upTo = timeOf(table.position().orElseThrow());
            assertTrue(upTo >= known);
            known = upTo;
          }
          case Outcome.Staged staged -> {}
          default -> throw new AssertionError(message + " in " + script);
        }
        assertEquals(Optional.of(position(known)), table.position());
        assertTrue(table.rows().isEmpty());
      }
      script.clear();
      if (cut && table.position().isPresent()) {
        script.addAll(events.subscribe(table.position()));
      } else if (cut) { // it never began
        script.addAll(events.subscribe(Optional.empty()));
        known = events.told;
      } else {
        script.addAll(events.next());
      }
    }
  }

  @Property
  void aLossThatNoGapTellsIsNoticed(@ForAll Choices choices) {
    Events events = new Events(choices);
    ReplicaTable table = table(Optional.of(position(0)));
    events.head = 1 + choices.below(9);
    events.told = events.head;
    events.seq = choices.below(50);
    Subscribed ahead =
        new Subscribed(
            "r",
            1,
            "t",
            List.of("id"),
            List.of(new Column("id", "int8")),
            Start.LIVE,
            Optional.of(position(events.head)),
            OptionalLong.of(events.seq));
    assertInstanceOf(Outcome.Staged.class, table.subscribed(ahead));
    ServerMessage batch = events.batch(List.of(), 0, false);
    assertInstanceOf(Outcome.Broken.class, ReplicaTableProperties.tell(table, batch));
    assertEquals(Optional.of(position(0)), table.position());
  }

  private static ReplicaTable table(Optional<String> after) {
    Subscribe plain = new Subscribe("r", "t", after);
    return new ReplicaTable(
        new Subscribe(
            "r",
            "t",
            plain.where(),
            plain.columns(),
            after,
            false,
            OnGap.CONTINUE,
            false,
            plain.buffer(),
            plain.maxRate(),
            plain.priority()),
        false);
  }

  private static Gap gap(Optional<String> after, int upTo) {
    return new Gap(1, after, position(upTo), -1, "drop-oldest", "none");
  }

  private static String position(int time) {
    return new Position("e", time, "p").toString();
  }

  private static int timeOf(String position) {
    return (int) Position.parse(position).orElseThrow().time();
  }
}
