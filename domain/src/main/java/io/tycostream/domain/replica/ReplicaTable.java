package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
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
import io.tycostream.domain.replica.Outcome.Replaced;
import io.tycostream.domain.replica.Outcome.Staged;
import io.tycostream.domain.replica.Outcome.Unusable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription holds: the rows, and the position that they are right at.
 *
 * <p>Rows change only when a whole snapshot or a whole batch is there; between two such moments a
 * reader sees the state of the earlier one. A plain batch is checked against the rows (an insert is
 * of a new key, an update and a delete of one that is there): what does not fit is {@link Broken},
 * and nothing of it stays applied.
 *
 * <p>Owned by one thread at a time.
 */
public final class ReplicaTable {

  private final String ref;
  private final Parts parts = new Parts();
  private Map<Key, Row> rows = new LinkedHashMap<>();

  /** Of the rows. */
  private @Nullable Relation relation;

  /** Of what comes in; another one than the rows' until the snapshot in the new shape is whole. */
  private @Nullable Relation told;

  private @Nullable String position;
  private long seq;
  private boolean awaitsSnapshot = true;
  private boolean awaitsFold;

  /** A table without rows, for the subscription with this ref. */
  public ReplicaTable(String ref) {
    this.ref = ref;
  }

  public String ref() {
    return ref;
  }

  /** What to hand to the gateway as {@code after}; nothing before the first snapshot. */
  public Optional<String> position() {
    return Optional.ofNullable(position);
  }

  /** The rows at {@link #position}; a view that is valid until the next message. */
  public Collection<Row> rows() {
    return Collections.unmodifiableCollection(rows.values());
  }

  /** The row with a key. */
  public Optional<Row> row(Key key) {
    return Optional.ofNullable(rows.get(key));
  }

  /** Columns and key of the rows; nothing before the first snapshot. */
  public Optional<Relation> relation() {
    return Optional.ofNullable(relation);
  }

  /** Forgets the position, so that the next {@code subscribe} begins with a snapshot. */
  public void forgetPosition() {
    position = null;
  }

  /** The subscription stands, again or in a new shape. */
  public Outcome subscribed(Subscribed message) {
    parts.clear();
    if (message.key().isEmpty()) {
      return new Unusable("source " + message.source() + " has no key, which this client needs");
    }
    Relation shape;
    try {
      shape = new Relation(message.source(), message.source(), message.columns(), message.key());
    } catch (IllegalArgumentException contradiction) {
      return new Unusable("" + contradiction.getMessage());
    }
    if (message.start() == Start.SNAPSHOT) {
      told = shape;
      awaitsSnapshot = true;
      awaitsFold = false;
      return new Staged();
    }
    String start = "a " + message.start().wire();
    String mine = position;
    if (mine == null || relation == null || !relation.sameShape(shape)) {
      return new Broken(start + " of rows that are not here", true);
    }
    if (message.position().isEmpty() || message.seq().isEmpty()) {
      return new Broken(start + " without position and seq", false);
    }
    // Of one history, as these two are, positions compare as texts.
    if (message.position().get().compareTo(mine) > 0) {
      return new Broken(start + " from " + message.position().get() + " after " + mine, true);
    }
    told = shape;
    awaitsSnapshot = false;
    awaitsFold = false;
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
    Map<Key, Row> whole = LinkedHashMap.newLinkedHashMap(parts.rows().size());
    for (Row row : parts.rows()) {
      if (whole.put(shape.keyOf(row), row) != null) {
        return new Broken("a snapshot with two rows of the key of " + row, true);
      }
    }
    rows = whole;
    relation = shape;
    position = message.position().get();
    seq = message.seq().getAsLong();
    awaitsSnapshot = false;
    awaitsFold = false;
    parts.clear();
    return new Replaced();
  }

  /** A part of a batch. */
  public Outcome batch(BatchPart message) {
    Relation shape = told;
    if (shape == null || awaitsSnapshot) {
      return new Broken("batch " + message.seq() + " before the snapshot that it follows", false);
    }
    if (!parts.add(message)) {
      return new Broken(
          "part " + message.part() + " of batch " + message.seq() + " after " + parts, false);
    }
    // Behind a gap too: what folds it covers every seq that it swallowed, or rows would be missing.
    if (message.seq() != seq + message.merged()) {
      return new Broken(
          "batch " + message.seq() + " of " + message.merged() + " after " + seq, false);
    }
    if (message.more()) {
      return new Staged();
    }
    boolean exact = message.merged() == 1 && !message.resync();
    List<Change> changes = new ArrayList<>(parts.changes().size());
    for (RowChange change : parts.changes()) {
      Optional<String> misfit = apply(change, shape, exact, changes);
      if (misfit.isPresent()) {
        takeBack(changes, shape);
        return new Broken("batch " + message.seq() + ": " + misfit.get(), true);
      }
    }
    position = message.position();
    seq = message.seq();
    awaitsFold = false;
    parts.clear();
    return new Applied(changes, exact);
  }

  /** Nothing changed up to here. */
  public Outcome progress(Progress message) {
    if (awaitsSnapshot || awaitsFold || !parts.isEmpty()) {
      return new Staged();
    }
    position = message.position();
    return new Advanced();
  }

  /** Something was lost on the way; how it is made good follows. */
  public Outcome gap(Gap message) {
    parts.clear();
    if (message.recovery().equals(Recovery.SNAPSHOT.wire())) {
      awaitsSnapshot = true;
      return new Staged();
    }
    if (message.recovery().equals(Recovery.FOLD.wire())) {
      awaitsFold = true;
      return new Staged();
    }
    return new Broken("a gap that leaves the rows wrong, recovery " + message.recovery(), true);
  }

  /** Applies a change and notes what it was for the rows there are, or says why it cannot be. */
  private Optional<String> apply(
      RowChange change, Relation shape, boolean exact, List<Change> into) {
    switch (change) {
      case RowChange.Insert(Row row) -> {
        Row before = put(row, shape, into);
        if (exact && before != null) {
          return Optional.of("insert of a row that is here: " + before);
        }
      }
      case RowChange.Update(Row row) -> {
        Row before = put(row, shape, into);
        if (exact && before == null) {
          return Optional.of("update of a row that is not here: " + row);
        }
      }
      case RowChange.Delete(Key key) -> {
        Row before = rows.remove(key);
        if (before != null) {
          into.add(new Change.Delete(before));
        } else if (exact) {
          return Optional.of("delete of a row that is not here: " + key.values());
        }
      }
    }
    return Optional.empty();
  }

  private @Nullable Row put(Row row, Relation shape, List<Change> into) {
    Row before = rows.put(shape.keyOf(row), row);
    if (before == null) {
      into.add(new Change.Insert(row));
    } else if (!before.equals(row)) {
      into.add(new Change.Update(before, row));
    }
    return before;
  }

  private void takeBack(List<Change> changes, Relation shape) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      switch (changes.get(i)) {
        case Change.Insert(Row row) -> rows.remove(shape.keyOf(row));
        case Change.Update(Row before, Row row) -> rows.put(shape.keyOf(before), before);
        case Change.Delete(Row before) -> rows.put(shape.keyOf(before), before);
      }
    }
  }
}
