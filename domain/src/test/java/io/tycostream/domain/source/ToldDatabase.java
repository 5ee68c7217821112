package io.tycostream.domain.source;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A database with one table, that remembers its rows at every moment of every history. */
final class ToldDatabase {

  private static final Column ID = new Column("id", "int4");
  private static final Column VALUE = new Column("v", "text");
  private static final Column MORE = new Column("w", "text");

  /**
   * A moment.
   *
   * @param events what leads here from the moment before; nothing when only a snapshot does
   */
  record Moment(
      Relation relation, Position position, Optional<List<RowEvent>> events, Map<Key, Row> rows) {}

  private final List<Moment> moments = new ArrayList<>();
  private int epoch;
  private int identity;

  ToldDatabase() {
    moments.add(begins(relation(false), 10, new HashMap<>()));
  }

  Moment present() {
    return moments.getLast();
  }

  List<Moment> moments() {
    return moments;
  }

  /** One transaction; what is empty deletes the row, where there is one. */
  void commit(int later, Map<Integer, Optional<String>> writes) {
    Map<Key, Row> rows = new HashMap<>(present().rows);
    List<RowEvent> events = new ArrayList<>();
    writes.forEach((id, value) -> {
      Row row = row(present().relation, id, value.orElse(""));
      Key key = present().relation.keyOf(row);
      if (value.isPresent()) {
        rows.put(key, row);
        events.add(new RowEvent.Upserted(Optional.empty(), row));
      } else if (rows.remove(key) != null) {
        events.add(new RowEvent.Deleted(key));
      }
    });
    Position position = present().position.at(present().position.time() + later);
    moments.add(new Moment(present().relation, position, Optional.of(events), rows));
  }

  /** Time goes by. */
  void idle(int later) {
    commit(later, Map.of());
  }

  /** The table is dropped and made again, without its first row, maybe with another shape. */
  void recreate(boolean otherShape) {
    identity++;
    Relation relation = relation(otherShape != (present().relation.columns().size() == 3));
    Map<Key, Row> rows = new HashMap<>();
    present().rows.values().stream()
        .skip(1)
        .map(row -> row(relation, Integer.parseInt(row.value(0)), row.value(1) + "'"))
        .forEach(row -> rows.put(relation.keyOf(row), row));
    moments.add(begins(relation, present().position.time() + 2, rows));
  }

  /** Another database is behind the same name, with the same rows or without the first. */
  void fork(boolean sameRows) {
    epoch++;
    Map<Key, Row> rows = new HashMap<>(present().rows);
    if (!sameRows && !rows.isEmpty()) {
      rows.remove(rows.keySet().iterator().next());
    }
    moments.add(begins(present().relation, 10 + epoch % 3, rows));
  }

  private Moment begins(Relation relation, long time, Map<Key, Row> rows) {
    Position position = new Position("e" + epoch, time, relation.print());
    return new Moment(relation, position, Optional.empty(), rows);
  }

  /** The moment that a position of any definition stands for. */
  Moment moment(Position position) {
    return moments.stream()
        .filter(moment ->
            moment.position.epoch().equals(position.epoch())
                && moment.position.time() == position.time())
        .findFirst()
        .orElseThrow(() -> new AssertionError("never there: " + position));
  }

  private Relation relation(boolean wide) {
    List<Column> columns = wide ? List.of(ID, VALUE, MORE) : List.of(ID, VALUE);
    return new Relation("public.t", "oid" + identity, columns, List.of("id"));
  }

  private static Row row(Relation relation, int id, String value) {
    return relation.columns().size() == 3
        ? Row.of(Integer.toString(id), value, "w")
        : Row.of(Integer.toString(id), value);
  }
}
