package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.replica.Outcome;
import io.tycostream.domain.replica.ReplicaTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** One table of a client, what it stored of it on disk, and the watch over it. */
final class SimSubscription {

  private static final int STORED = 4;

  /** What a client has on its disk. */
  private record Stored(Relation relation, String position, List<Row> rows) {}

  private final World world;
  private final String ref;
  private final String source;
  private final Watch watch;
  private final Deque<Stored> stored = new ArrayDeque<>();
  private ReplicaTable table;

  SimSubscription(World world, SimDatabase database, String who, String ref, String source) {
    this.world = world;
    this.ref = ref;
    this.source = source;
    this.watch = new Watch(world, database, who, source);
    this.table = new ReplicaTable(ref);
  }

  String ref() {
    return ref;
  }

  String source() {
    return source;
  }

  ReplicaTable table() {
    return table;
  }

  Watch watch() {
    return watch;
  }

  /** Takes a message that concerns rows. */
  Outcome take(ServerMessage message, SimGateway teller) {
    watch.hears(message);
    Outcome outcome =
        switch (message) {
          case ServerMessage.Subscribed subscribed -> table.subscribed(subscribed);
          case ServerMessage.SnapshotPart part -> table.snapshot(part);
          case ServerMessage.BatchPart part -> table.batch(part);
          case ServerMessage.Progress progress -> table.progress(progress);
          case ServerMessage.Gap gap -> table.gap(gap);
          default -> throw new IllegalArgumentException("concerns no rows: " + message);
        };
    watch.becomes(outcome, table, teller);
    if (outcome instanceof Outcome.Applied && world.chance(0.1)) {
      store();
    }
    return outcome;
  }

  private void store() {
    if (stored.size() == STORED) {
      stored.removeFirst();
    }
    stored.add(
        new Stored(
            table.relation().orElseThrow(),
            table.position().orElseThrow(),
            List.copyOf(table.rows())));
  }

  /** The program was killed: what it had in memory is lost, what it stored may be there. */
  void restart(boolean withWhatWasStored) {
    table = new ReplicaTable(ref);
    watch.begins(Optional.empty());
    if (withWhatWasStored && !stored.isEmpty()) {
      restore(world.pick(List.copyOf(stored)));
      world.rare(Rare.OLD_POSITION);
    }
  }

  private void restore(Stored from) {
    table.subscribed(
        new ServerMessage.Subscribed(
            ref,
            0,
            from.relation.name(),
            from.relation.key(),
            from.relation.columns(),
            Start.SNAPSHOT,
            Optional.empty(),
            OptionalLong.empty()));
    table.snapshot(
        new ServerMessage.SnapshotPart(
            0, 0, from.rows, false, Optional.of(from.position), OptionalLong.of(0)));
    watch.begins(Position.parse(from.position));
  }
}
