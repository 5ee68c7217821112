package io.tycostream.domain.source;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of the time before a first snapshot: from some moment on, which keys were touched.
 * Whoever is anywhere between that moment and the snapshot is led to it by the rows that these keys
 * have there: a key that was touched before its position has the same row then, and takes no harm.
 *
 * @param from the database's time; unsigned, and not behind the snapshot
 * @param touched each key that a change after that time names, up to and including the snapshot
 */
public record Prehistory(long from, Set<Key> touched) {

  public Prehistory {
    touched = Set.copyOf(touched);
  }

  /** Whether it is of use for a snapshot: copies of rows without a key cannot be set. */
  boolean leadsTo(Relation relation, Position at) {
    return at.isAfter(at.at(from)) && (relation.isKeyed() || touched.isEmpty());
  }

  /** The batch that leads to the snapshot; nothing when nothing was touched. */
  Optional<Batch> batch(Relation relation, Position at, List<Row> rows) {
    Position start = at.at(from);
    if (touched.isEmpty()) {
      return Optional.empty();
    }
    List<Change> changes = new ArrayList<>();
    Set<Key> gone = new HashSet<>(touched);
    for (Row row : rows) {
      if (gone.remove(relation.keyOf(row))) {
        changes.add(new Change.Insert(row));
      }
    }
    gone.forEach(key -> changes.add(new Change.Delete(relation.rowOf(key))));
    return Optional.of(new Batch(start, at, changes, true, true));
  }
}
