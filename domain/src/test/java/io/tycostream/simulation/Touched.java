package io.tycostream.simulation;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which keys of a table a database names in what it tells of some time. */
final class Touched {

  private final Timeline timeline;
  private final String table;

  Touched(Timeline timeline, String table) {
    this.timeline = timeline;
    this.table = table;
  }

  /**
   * The keys behind one moment up to another; nothing when they are not known, because the table
   * was made again or emptied.
   */
  Optional<Set<Key>> between(int from, int at) {
    Relation relation = timeline.moment(at).table(table).relation();
    Set<Key> keys = new HashSet<>();
    for (int i = from; i <= at; i++) {
      Moment moment = timeline.moment(i);
      if (!moment.table(table).relation().print().equals(relation.print())) {
        return Optional.empty();
      }
      for (Moment.Told each : i == from ? List.<Moment.Told>of() : moment.told()) {
        if (each.table().equals(table) && !name(relation, each.event(), keys)) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(keys);
  }

  /** Whether the keys can be named. */
  private static boolean name(Relation relation, RowEvent event, Set<Key> keys) {
    switch (event) {
      case RowEvent.Inserted(Row row) -> keys.add(relation.keyOf(row));
      case RowEvent.Upserted(Optional<Key> former, Row row) -> {
        former.ifPresent(keys::add);
        keys.add(relation.keyOf(row));
      }
      case RowEvent.Deleted(Key key) -> keys.add(key);
      case RowEvent.Counted(Row row, long diff) -> keys.add(relation.keyOf(row));
      case RowEvent.Truncated truncated -> {
        return false;
      }
    }
    return true;
  }
}
