package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
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
 * and nothing of it is applied.
 *
 * <p>Owned by one thread at a time.
 */
public final class ReplicaTable {

  private static final long ANY_SEQ = -1;

  private final String ref;
  private final Map<Key, Row> rows = new LinkedHashMap<>();
  private @Nullable Relation relation;
  private @Nullable String position;
  private long seq = ANY_SEQ;
  private boolean awaitsSnapshot;
  private int parts;
  private final List<Row> stagedRows = new ArrayList<>();
  private final List<RowChange> stagedChanges = new ArrayList<>();

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

  /** Columns and key, once the gateway has told them. */
  public Optional<Relation> relation() {
    return Optional.ofNullable(relation);
  }

  /** Forgets the position, so that the next {@code subscribe} begins with a snapshot. */
  public void forgetPosition() {
    position = null;
  }

  /** The subscription stands, again or in a new shape. */
  public Outcome subscribed(Subscribed message) {
    unstage();
    if (message.key().isEmpty()) {
      return new Broken("source " + message.source() + " has no key, which this client needs", false);
    }
    Relation told =
        new Relation(message.source(), message.source(), message.columns(), message.key());
    boolean goesOn = message.start() != Start.SNAPSHOT;
    if (goesOn && (position == null || relation == null || !relation.sameShape(told))) {
      return new Broken("a " + message.start().wire() + " of rows that are not here", false);
    }
    if (goesOn && (message.position().isEmpty() || message.seq().isEmpty())) {
      return new Broken("a " + message.start().wire() + " without position and seq", false);
    }
    relation = told;
    awaitsSnapshot = !goesOn;
    seq = message.seq().orElse(ANY_SEQ);
    return new Staged();
  }

  /** A part of a snapshot. */
  public Outcome snapshot(SnapshotPart message) {
    Relation shape = relation;
    if (shape == null || message.part() != 0 && message.part() != parts) {
      return new Broken("part " + message.part() + " of a snapshot after " + parts + " parts", false);
    }
    if (message.part() == 0) {
      unstage();
    }
    stagedRows.addAll(message.rows());
    parts++;
    if (message.more()) {
      return new Staged();
    }
    if (message.position().isEmpty() || message.seq().isEmpty()) {
      return new Broken("the last part of a snapshot without position and seq", false);
    }
    rows.clear();
    for (Row row : stagedRows) {
      rows.put(shape.keyOf(row), row);
    }
    position = message.position().get();
    seq = message.seq().getAsLong();
    awaitsSnapshot = false;
    unstage();
    return new Replaced();
  }

  /** A part of a batch. */
  public Outcome batch(BatchPart message) {
    Relation shape = relation;
    if (shape == null || awaitsSnapshot) {
      return new Broken("batch " + message.seq() + " before the snapshot that it follows", false);
    }
    if (message.part() != 0 && message.part() != parts) {
      return new Broken("part " + message.part() + " of a batch after " + parts + " parts", false);
    }
    if (message.part() == 0) {
      unstage();
    }
    if (seq != ANY_SEQ && message.seq() != seq + message.merged()) {
      return new Broken("batch " + message.seq() + " of " + message.merged() + " after " + seq, false);
    }
    stagedChanges.addAll(message.changes());
    parts++;
    if (message.more()) {
      return new Staged();
    }
    boolean exact = message.merged() == 1 && !message.resync();
    List<Change> changes = new ArrayList<>(stagedChanges.size());
    for (RowChange change : stagedChanges) {
      Optional<String> misfit = resolve(change, shape, exact, changes);
      if (misfit.isPresent()) {
        return new Broken("batch " + message.seq() + ": " + misfit.get(), true);
      }
    }
    for (Change change : changes) {
      apply(change, shape);
    }
    position = message.position();
    seq = message.seq();
    unstage();
    return new Applied(changes, exact);
  }

  /** Nothing changed up to here. */
  public Outcome progress(Progress message) {
    if (awaitsSnapshot || parts > 0) {
      return new Staged();
    }
    position = message.position();
    return new Advanced();
  }

  /** Something was lost on the way; how it is made good follows. */
  public Outcome gap(Gap message) {
    unstage();
    seq = ANY_SEQ;
    return new Staged();
  }

  /** What a change on the wire is for the rows there are, or why it cannot be. */
  private Optional<String> resolve(
      RowChange change, Relation shape, boolean exact, List<Change> into) {
    switch (change) {
      case RowChange.Insert(Row row) -> {
        Row before = rows.get(shape.keyOf(row));
        if (exact && before != null) {
          return Optional.of("insert of a row that is here: " + before);
        }
        upsert(before, row, into);
      }
      case RowChange.Update(Row row) -> {
        Row before = rows.get(shape.keyOf(row));
        if (exact && before == null) {
          return Optional.of("update of a row that is not here: " + row);
        }
        upsert(before, row, into);
      }
      case RowChange.Delete(Key key) -> {
        Row before = rows.get(key);
        if (before != null) {
          into.add(new Change.Delete(before));
        } else if (exact) {
          return Optional.of("delete of a row that is not here: " + key);
        }
      }
    }
    return Optional.empty();
  }

  private static void upsert(@Nullable Row before, Row row, List<Change> into) {
    if (before == null) {
      into.add(new Change.Insert(row));
    } else if (!before.equals(row)) {
      into.add(new Change.Update(before, row));
    }
  }

  private void apply(Change change, Relation shape) {
    switch (change) {
      case Change.Insert(Row row) -> rows.put(shape.keyOf(row), row);
      case Change.Update(Row before, Row row) -> rows.put(shape.keyOf(row), row);
      case Change.Delete(Row before) -> rows.remove(shape.keyOf(before));
    }
  }

  private void unstage() {
    parts = 0;
    stagedRows.clear();
    stagedChanges.clear();
  }
}
