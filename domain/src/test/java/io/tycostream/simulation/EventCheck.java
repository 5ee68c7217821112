package io.tycostream.simulation;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the changes that a subscriber of events is told lead from one content to another. */
final class EventCheck {

  private final Relation shape;
  private final Content content;

  EventCheck(Content before) {
    this.shape = before.relation();
    this.content = before.copy();
  }

  /**
   * Applies changes.
   *
   * @param exact whether each has to fit
   * @return what is wrong with them
   */
  Optional<String> apply(List<RowChange> changes, boolean exact) {
    Set<Key> named = new HashSet<>();
    List<RowChange> ordered = new ArrayList<>(changes);
    if (!shape.isKeyed()) { // a copy may go before it comes
      ordered.sort(Comparator.comparing(RowChange.Delete.class::isInstance));
    }
    for (RowChange change : ordered) {
      Key key = key(change);
      if (shape.isKeyed() && !named.add(key)) {
        return Optional.of("names a key twice: " + change);
      }
      Optional<Row> before = content.row(key);
      boolean fits =
          switch (change) {
            case RowChange.Insert insert -> !shape.isKeyed() || before.isEmpty();
            case RowChange.Update update -> before.isPresent();
            case RowChange.Patch patch -> before.isPresent();
            case RowChange.Delete delete -> before.isPresent();
          };
      if (exact && !fits) {
        return Optional.of("has a change that does not fit: " + change);
      }
      switch (change) {
        case RowChange.Insert(Row row) -> content.put(row);
        case RowChange.Update(Row row) -> content.put(row);
        case RowChange.Patch(Row row) -> content.put(before.map(row::completedFrom).orElse(row));
        case RowChange.Delete delete -> content.remove(key);
      }
      if (exact && content.row(key).equals(before) && shape.isKeyed()) {
        return Optional.of("has a change that is none: " + change);
      }
    }
    return Optional.empty();
  }

  private Key key(RowChange change) {
    return switch (change) {
      case RowChange.Insert(Row row) -> shape.keyOf(row);
      case RowChange.Update(Row row) -> shape.keyOf(row);
      case RowChange.Patch(Row row) -> shape.keyOf(row);
      case RowChange.Delete(Key key) -> key;
    };
  }

  Content content() {
    return content;
  }
}
