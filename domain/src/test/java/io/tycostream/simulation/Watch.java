package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.replica.ReplicaTable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds what one subscription is told, and what it makes of it, against the truth.
 *
 * <p>What it knows it knows from the messages and from the database alone:
 *
 * <ol>
 *   <li>after every whole batch and snapshot, and at every progress, the rows are those of the
 *       database at the position;
 *   <li>positions go forward within an epoch on whichever gateway, and do not return to an earlier
 *       epoch on a gateway that knows the later one;
 *   <li>a plain batch is exactly one transaction, and at a progress nothing happened since the
 *       position before: whatever else was passed over was announced;
 *   <li>seqs follow one another.
 * </ol>
 */
final class Watch {

  private final World world;
  private final SimDatabase database;
  private final String who;
  private final String table;

  private @Nullable Position position;
  private boolean askedWithPosition;
  private boolean announced;
  private boolean left;
  private @Nullable Long seq;

  Watch(World world, SimDatabase database, String who, String table) {
    this.world = world;
    this.database = database;
    this.who = who;
    this.table = table;
  }

  /** The client begins with what it stored earlier, or with nothing. */
  void begins(Optional<Position> has) {
    position = has.orElse(null);
  }

  Optional<Position> position() {
    return Optional.ofNullable(position);
  }

  /** It subscribes. */
  void asks(Optional<String> after) {
    askedWithPosition = after.isPresent();
    left = false;
    announced = false;
    seq = null;
  }

  /** It does not want to hear of it for now; what is still on its way is not looked at. */
  void leaves() {
    left = true;
  }

  /** Something is told about the subscription. */
  void hears(ServerMessage message) {
    if (left) {
      return;
    }
    switch (message) {
      case ServerMessage.Subscribed subscribed -> {
        seq = subscribed.seq().isPresent() ? (Long) subscribed.seq().getAsLong() : null;
        if (subscribed.start() != Start.SNAPSHOT) {
          Position from = parse(subscribed.position().orElse("nothing"));
          Position mine = position;
          if (mine == null || !askedWithPosition || !from.sameHistory(mine) || from.isAfter(mine)) {
            throw violation("goes on from " + from + ", and the client is at " + mine);
          }
        }
      }
      case ServerMessage.SnapshotPart part -> {
        if (part.part() == 0 && askedWithPosition && position != null && !announced) {
          throw violation("gets a snapshot in place of what follows " + position + ", unannounced");
        }
        if (!part.more()) {
          seq = part.seq().isPresent() ? (Long) part.seq().getAsLong() : null;
          announced = false;
          askedWithPosition = true;
        }
      }
      case ServerMessage.BatchPart part -> {
        Long before = seq;
        if (before == null || part.seq() != before + part.merged()) {
          throw violation("gets batch " + part.seq() + " after " + before);
        }
        if (!part.more()) {
          seq = part.seq();
        }
      }
      case ServerMessage.Gap gap -> {
        if (gap.recovery().equals(Recovery.SNAPSHOT.wire())) {
          announced = true;
        }
        if (!gap.after().equals(Optional.ofNullable(position).map(Position::toString))) {
          throw violation("hears of a gap after " + gap.after() + ", and is at " + position);
        }
      }
      default -> {}
    }
  }

  /**
   * The client's rows are right at its position, as it says itself.
   *
   * @param moments how many moments that changed a row lie between the position before and this
   *     one; -1 for any number
   */
  void stands(ReplicaTable mine, SimGateway teller, int moments) {
    world.tally().check();
    Position now = parse(mine.position().orElse("nothing"));
    TableState truth = database.at(table, now);
    Position before = position;
    if (before != null) {
      goesForward(before, now, teller);
      if (moments >= 0 && before.sameHistory(now)) {
        long passed = truth.version() - database.at(table, before).version();
        // A resync that finds the same rows tells nothing: what happened in between is not known.
        if (passed != moments && !teller.hasLoadedBetween(table, before, now)) {
          throw violation(
              "is told " + moments + " moment of the " + passed + " from " + before + " to " + now);
        }
      }
    }
    position = now;
    compare(mine, truth, now);
  }

  private void goesForward(Position before, Position now, SimGateway teller) {
    if (before.isAheadOf(now)) {
      throw violation("goes back from " + before + " to " + now);
    }
    if (database.ordinal(now.epoch()) < database.ordinal(before.epoch())
        && teller.hasSeen(table, before.epoch())) {
      throw violation("goes back from " + before + " to an earlier epoch: " + now);
    }
  }

  private void compare(ReplicaTable mine, TableState truth, Position at) {
    if (!truth.content().holds(mine.rows())) {
      throw violation(
          "holds " + mine.rows() + " at " + at + ", and the database had " + truth.content());
    }
  }

  private Position parse(String text) {
    return Position.parse(text).orElseThrow(() -> violation("is at no position: " + text));
  }

  private Violation violation(String what) {
    return new Violation(who + " " + table + " " + what);
  }
}
