package io.tycostream.simulation;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What people do with the tables: definitions, and transactions of all kinds. */
final class Workload {

  private static final Column ID = new Column("id", "int4");
  private static final Column PART = new Column("part", "text");
  private static final Column NAME = new Column("name", "text");
  private static final Column AMOUNT = new Column("amount", "int8");
  private static final Column NOTE = new Column("note", "text");

  private final World world;
  private final int keys;

  /**
   * @param keys how many different ids there are
   */
  Workload(World world, int keys) {
    this.world = world;
    this.keys = keys;
  }

  /** A definition: the same columns as others of the same variant, another identity. */
  static Relation relation(String name, String identity, int variant) {
    return switch (variant % 3) {
      case 0 -> new Relation(name, identity, List.of(ID, PART, NAME, AMOUNT), List.of("id"));
      case 1 ->
          new Relation(name, identity, List.of(ID, PART, NAME, AMOUNT), List.of("part", "id"));
      default -> new Relation(name, identity, List.of(ID, NAME, AMOUNT, NOTE), List.of("id"));
    };
  }

  Row anyRow(Relation relation) {
    return row(relation, Integer.toString(world.below(keys)));
  }

  private Row row(Relation relation, String id) {
    List<Column> columns = relation.columns();
    @Nullable String[] values = new @Nullable String[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (columns.get(i).name()) {
            case "id" -> id;
            case "part" -> world.chance(0.7) ? "a" : "b";
            case "name" -> "n" + world.below(4);
            case "amount" -> world.chance(0.15) ? null : Integer.toString(world.below(10));
            default -> world.chance(0.3) ? null : "x";
          };
    }
    return Row.of(values);
  }

  /** A transaction being written. */
  final class Transaction {
    private final Map<String, TableState> before;
    private final Map<String, Map<Key, Row>> rows = new LinkedHashMap<>();
    private final List<Moment.Told> told = new ArrayList<>();

    Transaction(Map<String, TableState> before) {
      this.before = before;
      before.forEach((name, state) -> rows.put(name, new LinkedHashMap<>(state.rows())));
    }

    List<Moment.Told> told() {
      return told;
    }

    Map<String, TableState> after() {
      Map<String, TableState> after = new LinkedHashMap<>();
      before.forEach((name, state) -> after.put(name, state.with(rowsOf(name))));
      return after;
    }

    /** Does so many things to randomly chosen tables. */
    void write(int deeds) {
      List<String> names = List.copyOf(rows.keySet());
      for (int i = 0; i < deeds; i++) {
        String name = world.pick(names);
        act(name, relation(name), rowsOf(name));
      }
    }

    private void act(String name, Relation relation, Map<Key, Row> table) {
      int dice = world.below(100);
      if (dice < 45) {
        put(name, relation, table, anyRow(relation));
      } else if (table.isEmpty()) {
        return;
      } else if (dice < 65) {
        delete(name, table, world.pick(List.copyOf(table.keySet())));
      } else if (dice < 73) { // an update that changes nothing
        tell(name, new RowEvent.Upserted(Optional.empty(), anyOf(table)));
      } else if (dice < 85) {
        move(name, relation, table, anyOf(table), anyRow(relation));
      } else if (dice < 92) {
        swap(name, relation, table);
      } else if (dice < 98) { // there and away again
        Row row = anyRow(relation);
        put(name, relation, table, row);
        delete(name, table, relation.keyOf(row));
      } else {
        table.clear();
        tell(name, new RowEvent.Truncated());
      }
    }

    private void put(String name, Relation relation, Map<Key, Row> table, Row row) {
      Row old = table.put(relation.keyOf(row), row);
      Row said = old == null ? row : leaveOut(relation, old, row);
      tell(name, new RowEvent.Upserted(Optional.empty(), said));
    }

    private void delete(String name, Map<Key, Row> table, Key key) {
      table.remove(key);
      tell(name, new RowEvent.Deleted(key));
    }

    /** A row gets another key, if that is free. */
    private void move(String name, Relation relation, Map<Key, Row> table, Row from, Row to) {
      Key former = relation.keyOf(from);
      Key key = relation.keyOf(to);
      if (key.equals(former) || table.containsKey(key)) {
        return;
      }
      table.remove(former);
      table.put(key, to);
      tell(name, new RowEvent.Upserted(Optional.of(former), to));
    }

    /** Two rows change places by way of a key that nobody has. */
    private void swap(String name, Relation relation, Map<Key, Row> table) {
      Row one = anyOf(table);
      Row two = anyOf(table);
      String free = Integer.toString(keys + 1);
      if (one == two) {
        return;
      }
      String idOfOne = idOf(relation, one);
      String idOfTwo = idOf(relation, two);
      Row aside = withId(relation, one, free);
      move(name, relation, table, one, aside);
      move(name, relation, table, two, withId(relation, two, idOfOne));
      move(name, relation, table, aside, withId(relation, aside, idOfTwo));
    }

    private Row anyOf(Map<Key, Row> table) {
      return world.pick(List.copyOf(table.values()));
    }

    private String idOf(Relation relation, Row row) {
      return String.valueOf(row.value(relation.columns().indexOf(ID)));
    }

    private Row withId(Relation relation, Row row, String id) {
      @Nullable String[] values = new @Nullable String[row.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = relation.columns().get(i).equals(ID) ? id : row.value(i);
      }
      return Row.of(values);
    }

    /** Large values that did not change are sometimes not told again. */
    private Row leaveOut(Relation relation, Row old, Row row) {
      @Nullable String[] values = new @Nullable String[row.size()];
      for (int i = 0; i < values.length; i++) {
        String value = row.value(i);
        boolean may =
            value != null
                && value.equals(old.value(i))
                && !relation.key().contains(relation.columns().get(i).name());
        values[i] = may && world.chance(0.5) ? Row.UNCHANGED : value;
      }
      return Row.of(values);
    }

    private void tell(String name, RowEvent event) {
      told.add(new Moment.Told(name, event));
    }

    private Relation relation(String name) {
      TableState state = before.get(name);
      if (state == null) {
        throw new IllegalArgumentException("no table is named " + name);
      }
      return state.relation();
    }

    private Map<Key, Row> rowsOf(String name) {
      Map<Key, Row> table = rows.get(name);
      if (table == null) {
        throw new IllegalArgumentException("no table is named " + name);
      }
      return table;
    }
  }
}
