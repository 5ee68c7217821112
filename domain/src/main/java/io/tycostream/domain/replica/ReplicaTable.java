package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
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
import io.tycostream.domain.replica.Outcome.Replaced;
import io.tycostream.domain.replica.Outcome.Shown;
import io.tycostream.domain.replica.Outcome.Staged;
import io.tycostream.domain.replica.Outcome.Unusable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription holds: the rows, and the position that they are right at.
 *
 * <p>Rows change only when a whole snapshot or a whole batch is there; between two such moments a
 * reader sees the state of the earlier one. A plain batch is checked against the rows (an insert is
 * of a new key, an update and a delete of one that is there; of rows without a key every delete is
 * of a copy that is there): what does not fit is {@link Broken}, and nothing of it stays applied.
 * So is a batch or a progress that goes back in time within one history.
 *
 * <p>Rows may be the program's own affair, so that they outlive it: then they and the changes are
 * passed on as they come, and only their order is checked.
 *
 * <p>Of an event subscription nobody keeps rows, and what lies in a gap without recovery is left
 * behind. What it cannot do is to go on behind a place that it has not reached without a gap that
 * says so.
 *
 * <p>Owned by one thread at a time.
 */
public final class ReplicaTable {

  private final Subscribe terms;
  private final boolean events;
  private final boolean keepsRows;
  private final Parts parts = new Parts();

  /** With the relation that they are of; nothing before the first snapshot. */
  private @Nullable Rows rows;

  private @Nullable Relation relation;

  /** Of what comes in; another one than the rows' until the snapshot in the new shape is whole. */
  private @Nullable Relation told;

  private @Nullable String position;
  private long seq;
  private Awaits awaits = Awaits.SNAPSHOT;

  /** What has to come before plain batches do. */
  private enum Awaits {
    NOTHING,
    SNAPSHOT,
    /** The merged batch that a gap announced. */
    FOLD,
    /** The gap that says what lies between the position and where the gateway begins. */
    GAP,
    /** Nothing but a later batch, whatever its seq: those in between are lost. */
    ANY_LATER
  }

  /** A table without rows, for a state subscription to all of a source with this ref. */
  public ReplicaTable(String ref) {
    this(new Subscribe(ref, ref, Optional.empty()), true);
  }

  /**
   * A table without rows, for a subscription on these terms.
   *
   * @param keepsRows whether the rows are kept here; else they are the program's own, or those of
   *     nobody, and {@code after} of the terms is where it goes on
   * @throws IllegalArgumentException when rows of events are to be kept, or kept rows are to go on
   *     behind a position where they are not
   */
  public ReplicaTable(Subscribe terms, boolean keepsRows) {
    this.terms = terms;
    this.events = terms.onGap() == OnGap.CONTINUE;
    this.keepsRows = keepsRows;
    this.position = terms.after().orElse(null);
    if (keepsRows && events) {
      throw new IllegalArgumentException("the changes of an event subscription make no rows");
    }
    if (keepsRows && position != null) {
      throw new IllegalArgumentException("rows at " + position + " are not here to go on from");
    }
  }

  public String ref() {
    return terms.ref();
  }

  /** What to hand to the gateway as {@code after}; nothing before the first snapshot. */
  public Optional<String> position() {
    return Optional.ofNullable(position);
  }

  /** The rows at {@link #position}; a view that is valid until the next message. */
  public Collection<Row> rows() {
    return rows == null ? List.of() : rows.all();
  }

  /** The row with a key. */
  public Optional<Row> row(Key key) {
    return rows == null ? Optional.empty() : rows.find(key);
  }

  /** Columns and key of the rows; nothing before the first snapshot. */
  public Optional<Relation> relation() {
    return Optional.ofNullable(keepsRows ? relation : told);
  }

  /** Forgets the position, so that the next {@code subscribe} begins with a snapshot. */
  public void forgetPosition() {
    position = null;
  }

  /** The subscription stands, again or in a new shape. */
  public Outcome subscribed(Subscribed message) {
    parts.clear();
    Relation shape;
    try {
      shape = new Relation(message.source(), message.source(), message.columns(), message.key());
    } catch (IllegalArgumentException contradiction) {
      return new Unusable("" + contradiction.getMessage());
    }
    if (message.start() == Start.SNAPSHOT) {
      told = shape;
      awaits = Awaits.SNAPSHOT;
      return new Staged();
    }
    String start = "a " + message.start().wire();
    if (message.position().isEmpty() || message.seq().isEmpty()) {
      return new Broken(start + " without position and seq", false);
    }
    String from = message.position().get();
    if (events) {
      boolean ahead = position != null && from.compareTo(position) > 0;
      awaits = ahead ? Awaits.GAP : Awaits.NOTHING;
      position = position == null ? from : position;
    } else {
      String mine = position;
      boolean fits = !keepsRows || (relation != null && relation.sameShape(shape));
      if (mine == null || !fits) {
        return new Broken(start + " of rows that are not here", true);
      }
      // Of one history, as these two are, positions compare as texts.
      if (from.compareTo(mine) > 0) {
        return new Broken(start + " from " + from + " after " + mine, true);
      }
      awaits = Awaits.NOTHING;
    }
    told = shape;
    seq = message.seq().getAsLong();
    return new Staged();
  }

  /** A part of a snapshot. */
  public Outcome snapshot(SnapshotPart message) {
    Relation shape = told;
    if (shape == null || !parts.add(message)) {
      return new Broken("part " + message.part() + " of a snapshot after " + parts, false);
    }
    if (message.more()) {
      return new Staged();
    }
    if (message.position().isEmpty() || message.seq().isEmpty()) {
      return new Broken("the last part of a snapshot without position and seq", false);
    }
    String at = message.position().get();
    if (isBefore(at, position)) {
      return new Broken("a snapshot at " + at + " after " + position, false);
    }
    List<Row> all = parts.rows();
    if (keepsRows) {
      Rows whole = Rows.of(shape, all.size());
      for (Row row : all) {
        if (!whole.add(row)) {
          return new Broken("a snapshot with two rows of the key of " + row, true);
        }
      }
      rows = whole;
      relation = shape;
    }
    position = at;
    seq = message.seq().getAsLong();
    awaits = Awaits.NOTHING;
    parts.clear();
    return keepsRows ? new Replaced() : new Shown(all);
  }

  /** A part of a batch. */
  public Outcome batch(BatchPart message) {
    Relation shape = told;
    String what = "batch " + message.seq();
    if (shape == null || awaits == Awaits.SNAPSHOT) {
      return new Broken(what + " before the snapshot that it follows", false);
    }
    if (awaits == Awaits.GAP) {
      return new Broken(what + " behind a loss that no gap has told", false);
    }
    if (!parts.add(message)) {
      return new Broken("part " + message.part() + " of " + what + " after " + parts, false);
    }
    // Behind a fold too: it covers every seq that it swallowed, or rows would be missing.
    long due = seq + message.merged();
    if (message.seq() < due || (message.seq() > due && awaits != Awaits.ANY_LATER)) {
      return new Broken(what + " of " + message.merged() + " after " + seq, false);
    }
    if (isBefore(message.position(), position) || message.position().equals(position)) {
      return new Broken(what + " at " + message.position() + " after " + position, false);
    }
    if (message.resync() && !shape.isKeyed()) {
      return new Broken(what + ": a difference of rows without a key", false);
    }
    if (message.more()) {
      return new Staged();
    }
    if (!terms.delta() && parts.changes().stream().anyMatch(RowChange.Patch.class::isInstance)) {
      return new Broken(what + ": changed values alone, which nobody asked for", false);
    }
    boolean exact = message.merged() == 1 && !message.resync();
    List<RowChange> changes = parts.changes();
    List<Change> applied = new ArrayList<>(keepsRows ? changes.size() : 0);
    Rows held = rows;
    if (held != null) {
      Optional<String> misfit = held.apply(changes, exact, applied);
      if (misfit.isPresent()) {
        return new Broken(what + ": " + misfit.get(), true);
      }
    }
    position = message.position();
    seq = message.seq();
    awaits = Awaits.NOTHING;
    parts.clear();
    return keepsRows ? new Applied(applied, exact) : new Passed(changes, exact);
  }

  /** Nothing changed up to here. */
  public Outcome progress(Progress message) {
    boolean waits =
        switch (awaits) {
          case SNAPSHOT, FOLD, GAP -> true;
          case NOTHING, ANY_LATER -> !parts.isEmpty();
        };
    if (waits) {
      return new Staged();
    }
    if (isBefore(message.position(), position)) {
      return new Broken("progress to " + message.position() + " after " + position, false);
    }
    position = message.position();
    return new Advanced();
  }

  /** Something was lost on the way; how it is made good follows, if it is. */
  public Outcome gap(Gap message) {
    parts.clear();
    if (message.recovery().equals(Recovery.SNAPSHOT.wire())) {
      awaits = Awaits.SNAPSHOT;
      return new Staged();
    }
    if (message.recovery().equals(Recovery.FOLD.wire()) && !events) {
      if (awaits != Awaits.SNAPSHOT) { // a fold of rows that are not here helps nobody
        awaits = Awaits.FOLD;
      }
      return new Staged();
    }
    if (message.recovery().equals(Recovery.NONE.wire()) && events) {
      if (isBefore(message.upTo(), position)) {
        return new Broken("a gap up to " + message.upTo() + " after " + position, false);
      }
      position = message.upTo();
      awaits = Awaits.ANY_LATER;
      return new Lost();
    }
    String kind =
        events
            ? "a gap that an event subscription does not have"
            : "a gap that leaves the rows wrong";
    return new Broken(kind + ", recovery " + message.recovery(), !events);
  }

  /** Whether a position is known to lie before another one of the same history. */
  private static boolean isBefore(String position, @Nullable String other) {
    if (other == null || position.compareTo(other) >= 0) {
      return false;
    }
    Optional<Position> mine = Position.parse(position);
    Optional<Position> theirs = Position.parse(other);
    return mine.isPresent() && theirs.isPresent() && mine.get().sameHistory(theirs.get());
  }
}
