package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one subscriber should see of a table at any of its positions: through the lens that it has,
 * or through one that it had before its permissions changed.
 */
final class Truth {

  /** A table at a position, and the lens that the position is of. */
  record Seen(TableState state, Lens lens) {
    Content content() {
      return lens.of(state);
    }
  }

  private final SimDatabase database;
  private final String table;
  private final List<Lens> lenses = new ArrayList<>();

  Truth(SimDatabase database, String table, Lens lens) {
    this.database = database;
    this.table = table;
    lenses.add(lens);
  }

  /** From now on it sees this. */
  void permit(Lens lens) {
    lenses.add(lens);
  }

  Lens lens() {
    return lenses.getLast();
  }

  /** How many histories were there before this one. */
  int ordinal(Position position) {
    return database.ordinal(position.epoch());
  }

  /** What is seen at a position; nothing when the database never was there. */
  Optional<Seen> find(Position position) {
    Optional<Timeline> timeline = database.timeline(position.epoch());
    if (timeline.isEmpty()) {
      return Optional.empty();
    }
    for (int i = timeline.get().indexAt(position.time()); i >= 0; i--) {
      TableState state = timeline.get().moment(i).table(table);
      for (int j = lenses.size() - 1; j >= 0; j--) {
        if (lenses.get(j).print(state.relation()).equals(position.print())) {
          return Optional.of(new Seen(state, lenses.get(j)));
        }
      }
    }
    return Optional.empty();
  }

  /** Whether nothing is missing at this position, and nothing too much. */
  @SuppressWarnings("ReferenceEquality") // another state is another object, and equal ones return
  boolean isPresent(Position position) {
    TableState present = database.present().present().table(table);
    return position.epoch().equals(database.present().epoch())
        && find(position)
            .filter(seen -> seen.state() == present && seen.lens() == lens())
            .isPresent();
  }

  /**
   * What happened between two positions of one history.
   *
   * @param moments that changed something that is seen
   * @param changes of rows in them, added up
   */
  record Passed(int moments, long changes) {}

  /** What happened behind a position up to another one of the same history. */
  Passed between(Position before, Position now) {
    Timeline timeline = database.timeline(now.epoch()).orElseThrow();
    Seen from = find(before).orElseThrow();
    String identity = from.state().relation().print();
    TableState last = from.state();
    int moments = 0;
    long changes = 0;
    for (int i = timeline.indexAt(before.time()) + 1; i <= timeline.indexAt(now.time()); i++) {
      TableState state = timeline.moment(i).table(table);
      if (state.relation().print().equals(identity) && state.version() != last.version()) {
        long changed = changed(from.lens(), last, state);
        moments += changed > 0 ? 1 : 0;
        changes += changed;
        last = state;
      }
    }
    return new Passed(moments, changes);
  }

  /** How many changes lead from one state to another: one for each key, or for each copy. */
  private static long changed(Lens lens, TableState before, TableState after) {
    Content seen = lens.of(after);
    Map<Row, Integer> difference = seen.difference(lens.of(before));
    return seen.relation().isKeyed()
        ? difference.keySet().stream().map(seen.relation()::keyOf).distinct().count()
        : difference.values().stream().mapToLong(Math::abs).sum();
  }
}
