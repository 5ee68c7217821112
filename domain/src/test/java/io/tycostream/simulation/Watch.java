package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Start;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds what one subscription is told, and what it makes of it, against the truth.
 *
 * <p>What it knows it knows from the messages and from the database alone:
 *
 * <ol>
 *   <li><b>O1</b> after every whole batch and snapshot, and at every progress, the rows are those
 *       of the database at the position; the changes of an event subscription lead from one to the
 *       other;
 *   <li><b>O2</b> positions go forward within an epoch on whichever gateway, and do not return to
 *       an earlier epoch on a gateway that knows the later one;
 *   <li><b>O3</b> a plain batch is exactly one moment, and at a progress nothing happened since the
 *       position before; whatever else was passed over was announced, and counted rightly;
 *   <li><b>O4</b> seqs follow one another.
 * </ol>
 */
final class Watch {

  private final World world;
  private final Truth truth;
  private final String who;
  private final String table;
  private final boolean events;
  private final boolean foldsSilently;

  private @Nullable Position position;
  private boolean asked;
  private boolean barred;
  private int leaving;
  private long askedAt;
  private boolean askedWithPosition;
  private boolean snapshotAnnounced;
  private boolean foldAnnounced;
  private @Nullable Position gapDue;
  private @Nullable Long seq;
  private @Nullable SimGateway teller;

  Watch(World world, Truth truth, String who, Subscribe terms) {
    this.world = world;
    this.truth = truth;
    this.who = who + " " + terms.source();
    this.table = terms.source();
    this.events = terms.onGap() == OnGap.CONTINUE;
    this.foldsSilently =
        terms
            .buffer()
            .flatMap(buffer -> buffer.dropPolicy())
            .filter(policy -> policy == DropPolicy.CONFLATE)
            .isPresent();
  }

  Truth truth() {
    return truth;
  }

  /** The client begins with what it stored earlier, or with nothing. */
  void begins(Optional<Position> has) {
    position = has.orElse(null);
    asked = false;
  }

  Optional<Position> position() {
    return Optional.ofNullable(position);
  }

  /** It subscribes, or a session may bring the subscription back. */
  void asks(@Nullable String after) {
    barred = false;
    asked = true;
    askedAt = world.now();
    askedWithPosition = after != null;
    snapshotAnnounced = false;
    foldAnnounced = false;
    gapDue = null;
    seq = null;
    if (after == null && events) {
      position = null;
    }
  }

  /** A session is taken up that may bring it back, if it was not asked for and is not over. */
  void isBroughtBack() {
    if (!asked && !barred && leaving == 0) {
      asks(null);
    }
  }

  /** It does not want to hear of it for now; what is still on its way is not looked at. */
  void leaves() {
    asked = false;
    leaving++;
  }

  /** It may not follow the table any more: nothing is told of it until it asks again. */
  void isBarred() {
    barred = true;
  }

  boolean barred() {
    return barred;
  }

  /** The gateway answered that. */
  void hasLeft() {
    leaving--;
  }

  /** A new connection: nothing is on its way. */
  void connects() {
    asked = false;
    leaving = 0;
  }

  /** Something is told about the subscription. */
  void hears(ServerMessage message, SimGateway from) {
    teller = from;
    if (barred) {
      throw violation("may not follow it, and is told " + Wording.describe(message));
    }
    if (!asked || leaving > 0) {
      return;
    }
    switch (message) {
      case ServerMessage.Subscribed subscribed -> begins(subscribed);
      case ServerMessage.Gap gap -> misses(gap);
      case ServerMessage.SnapshotPart part -> {
        noGapIsDue();
        boolean instead = askedWithPosition && position != null;
        if (part.part() == 0 && instead && !snapshotAnnounced) {
          throw violation("gets a snapshot in place of what follows " + position + ", unannounced");
        }
        if (!part.more()) {
          seq = part.seq().isPresent() ? (Long) part.seq().getAsLong() : null;
          snapshotAnnounced = false;
          foldAnnounced = false;
          askedWithPosition = true;
        }
      }
      case ServerMessage.BatchPart part -> {
        noGapIsDue();
        boolean fold = part.merged() > 1 && !foldAnnounced && !foldsSilently;
        if (fold) {
          throw violation("gets " + part.merged() + " batches in one, unannounced");
        }
        Long before = seq;
        boolean follows = before != null && part.seq() == before + part.merged();
        if (!follows && !(events && foldAnnounced)) {
          throw violation("gets batch " + part.seq() + " after " + before);
        }
        if (!part.more()) {
          seq = part.seq();
          foldAnnounced = false;
        }
      }
      case ServerMessage.Progress progress -> noGapIsDue();
      default -> {}
    }
  }

  private void begins(ServerMessage.Subscribed subscribed) {
    seq = subscribed.seq().isPresent() ? (Long) subscribed.seq().getAsLong() : null;
    if (subscribed.start() == Start.SNAPSHOT) {
      return;
    }
    Position from = parse(subscribed.position().orElse("nothing"));
    Position mine = position;
    if (mine != null && askedWithPosition && from.sameHistory(mine) && !from.isAfter(mine)) {
      return;
    }
    if (!events || subscribed.start() != Start.LIVE) {
      throw violation("goes on from " + from + ", and the client is at " + mine);
    }
    if (mine == null || !askedWithPosition) {
      position = from;
      askedWithPosition = true;
    } else {
      gapDue = from; // it was lost up to there, and that is what comes next
    }
  }

  private void misses(ServerMessage.Gap gap) {
    Optional<String> here = position().map(Position::toString);
    boolean beforeHere = // what a client missed that did not say where it was
        gap.after().isEmpty() && gap.dropped() == -1 && here.equals(Optional.of(gap.upTo()));
    if (!beforeHere && !gap.after().equals(here)) {
      throw violation("hears of a gap after " + gap.after() + ", and is at " + position);
    }
    Position upTo = parse(gap.upTo());
    Position due = gapDue;
    boolean further = // permissions changed before the gap was told
        due != null
            && due.epoch().equals(upTo.epoch())
            && (Long.compareUnsigned(due.time(), upTo.time()) < 0
                || (due.time() == upTo.time() && gap.reason().equals("definition-changed")));
    if (due != null && !due.equals(upTo) && !further) {
      throw violation("hears of a gap to " + upTo + ", and is told from " + due);
    }
    gapDue = null;
    Position mine = position;
    if (mine != null) {
      goesForward(mine, upTo);
      if (gap.dropped() >= 0 && mine.sameHistory(upTo) && !isLoadedBetween(mine, upTo)) {
        long changes = truth.between(mine, upTo).changes();
        if (changes != gap.dropped()) {
          throw violation(
              "hears of "
                  + gap.dropped()
                  + " lost changes of "
                  + changes
                  + " between "
                  + mine
                  + " and "
                  + upTo);
        }
      }
    }
    if (gap.recovery().equals(Recovery.SNAPSHOT.wire())) {
      snapshotAnnounced = true;
    } else if (gap.recovery().equals(Recovery.FOLD.wire())) {
      foldAnnounced = true;
    } else {
      if (!events) {
        throw violation("hears of a loss that is not made good");
      }
      position = upTo;
      foldAnnounced = true;
    }
  }

  private void noGapIsDue() {
    if (gapDue != null) {
      throw violation("is told from " + gapDue + " on, is at " + position + ", and hears no gap");
    }
  }

  /**
   * The client's rows are right at its position, as it says itself.
   *
   * @param moments how many moments lie between the position before and this one; -1 for any number
   */
  void stands(Position now, Collection<Row> rows, int moments) {
    Truth.Seen seen = reaches(now, moments);
    if (!seen.content().holds(rows)) {
      throw violation("holds " + rows + " at " + now + ", and should hold " + seen.content());
    }
  }

  /** The program is told changes, and nobody keeps rows for it. */
  void passes(Position now, List<RowChange> changes, boolean exact) {
    Position before = position;
    Truth.Seen seen = reaches(now, exact ? 1 : -1);
    if (before == null) {
      throw violation("is told changes from nowhere to " + now);
    }
    EventCheck check = new EventCheck(truth.find(before).orElseThrow().content());
    Optional<String> wrong = check.apply(changes, exact);
    if (wrong.isPresent()) {
      throw violation("is told what " + wrong.get() + ", from " + before + " to " + now);
    }
    if (!seen.content().holds(check.content().list())) {
      throw violation(
          "is told what leads to "
              + check.content()
              + " at "
              + now
              + ", and not to "
              + seen.content());
    }
  }

  /** Nothing else changed up to here. */
  void advances(Position now) {
    reaches(now, 0);
  }

  private Truth.Seen reaches(Position now, int moments) {
    world.tally().check();
    Truth.Seen seen =
        truth.find(now).orElseThrow(() -> violation("is at " + now + ", where nothing ever was"));
    Position before = position;
    if (before != null) {
      goesForward(before, now);
      // A resync that finds the same rows tells nothing: what happened in between is not known.
      if (moments >= 0 && before.sameHistory(now) && !isLoadedBetween(before, now)) {
        int passed = truth.between(before, now).moments();
        if (passed != moments) {
          throw violation(
              "is told "
                  + moments
                  + " moments of the "
                  + passed
                  + " from "
                  + before
                  + " to "
                  + now);
        }
      }
    }
    position = now;
    return seen;
  }

  private void goesForward(Position before, Position now) {
    if (before.isAheadOf(now)) {
      throw violation("goes back from " + before + " to " + now);
    }
    if (truth.ordinal(now) < truth.ordinal(before)
        && teller().hadSeen(table, before.epoch(), askedAt)) {
      throw violation("goes back from " + before + " to an earlier epoch: " + now);
    }
  }

  private boolean isLoadedBetween(Position before, Position now) {
    return teller().hasLoadedBetween(table, before, now);
  }

  private SimGateway teller() {
    SimGateway told = teller;
    if (told == null) {
      throw violation("is told something by nobody");
    }
    return told;
  }

  private Position parse(String text) {
    return Position.parse(text).orElseThrow(() -> violation("is at no position: " + text));
  }

  @Override
  public String toString() {
    return who + " at " + position;
  }

  private Violation violation(String what) {
    return new Violation(who + " " + what);
  }
}
