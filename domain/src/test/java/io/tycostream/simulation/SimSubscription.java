package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.replica.ClientEvent;
import io.tycostream.domain.replica.ReplicaTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What a client wants of one table, what it stored of it on its disk, and the watch over it. */
final class SimSubscription {

  private static final int STORED = 4;

  /** What a client has on its disk. */
  private record Stored(Relation relation, String position, List<Row> rows) {}

  private final World world;
  private final ClientMessage.Subscribe terms;
  private final Watch watch;
  private final boolean keepsRows;
  private final Deque<Stored> stored = new ArrayDeque<>();
  private @Nullable Stored restored;

  /** Of a table's rows, either the client keeps them or the program itself does. */
  SimSubscription(World world, ClientMessage.Subscribe terms, Watch watch) {
    this.world = world;
    this.terms = terms;
    this.watch = watch;
    this.keepsRows = isState() && world.chance(0.7);
  }

  ClientMessage.Subscribe terms() {
    return terms;
  }

  /** Whether it follows rows; else changes. */
  boolean isState() {
    return terms.onGap() == ClientMessage.OnGap.SNAPSHOT;
  }

  /** Whether the client keeps its rows; else it is told them and what changes, as it comes. */
  boolean keepsRows() {
    return keepsRows;
  }

  Watch watch() {
    return watch;
  }

  /** Now and then what it has is written to the disk. */
  void mayStore(ReplicaTable table) {
    if (world.chance(0.1)) {
      if (stored.size() == STORED) {
        stored.removeFirst();
      }
      stored.add(
          new Stored(
              table.relation().orElseThrow(),
              table.position().orElseThrow(),
              List.copyOf(table.rows())));
    }
  }

  /** The program was killed: what it had in memory is lost, what it stored may be there. */
  void restart(boolean withWhatWasStored) {
    boolean has = withWhatWasStored && !stored.isEmpty();
    restored = has ? world.pick(List.copyOf(stored)) : null;
    if (has) {
      world.rare(Rare.OLD_POSITION);
      if (isState() && !keepsRows) {
        world.rare(Rare.OWN_ROWS);
      }
    }
    watch.begins(Optional.ofNullable(restored).map(Stored::position).flatMap(Position::parse));
  }

  /** How it subscribes: it says where it goes on, unless its client has the rows and is there. */
  ClientEvent beginning() {
    Optional<String> stored = Optional.ofNullable(restored).map(Stored::position);
    return new ClientEvent.SubscribeRequested(keepsRows ? terms : terms.from(stored), keepsRows);
  }

  /** Puts the rows back that were stored. */
  void restoreInto(ReplicaTable table) {
    Stored from = restored;
    if (from == null || !keepsRows) {
      return;
    }
    table.subscribed(
        new ServerMessage.Subscribed(
            terms.ref(),
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
  }
}
