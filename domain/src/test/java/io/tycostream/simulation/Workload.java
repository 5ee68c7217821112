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

  /** How many kinds of definitions there are; in one of them rows have no key. */
  static final int VARIANTS = 4;

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
    return switch (variant % VARIANTS) {
      case 0 -> new Relation(name, identity, List.of(ID, PART, NAME, AMOUNT), List.of("id"));
      case 1 ->
          new Relation(name, identity, List.of(ID, PART, NAME, AMOUNT), List.of("part", "id"));
      case 2 -> new Relation(name, identity, List.of(ID, NAME, AMOUNT), List.of());
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
    private final Map<String, Content> contents = new LinkedHashMap<>();
    private final List<Moment.Told> told = new ArrayList<>();

    Transaction(Map<String, TableState> before) {
      this.before = before;
      before.forEach((name, state) -> contents.put(name, state.content().copy()));
    }

    List<Moment.Told> told() {
      return told;
    }

    Map<String, TableState> after() {
      Map<String, TableState> after = new LinkedHashMap<>();
      contents.forEach((name, content) -> after.put(name, state(name).with(content)));
      return after;
    }

    /** Does so many things to randomly chosen tables. */
    void write(int deeds) {
      List<String> names = List.copyOf(contents.keySet());
      for (int i = 0; i < deeds; i++) {
        String name = world.pick(names);
        Content content = contents.get(name);
        if (content != null) {
          new Table(name, state(name).relation(), content).act();
        }
      }
    }

    /** Deletes rows until each table has so few. */
    void shrink(int rows) {
      contents.forEach((name, content) -> {
        Table table = new Table(name, state(name).relation(), content);
        while (content.size() > rows) {
          table.delete(table.anyHere());
        }
      });
    }

    private TableState state(String name) {
      TableState state = before.get(name);
      if (state == null) {
        throw new IllegalArgumentException("no table is named " + name);
      }
      return state;
    }

    /** One of the tables, for one thing that is done to it. */
    private final class Table {
      private final String name;
      private final Relation relation;
      private final Content content;

      Table(String name, Relation relation, Content content) {
        this.name = name;
        this.relation = relation;
        this.content = content;
      }

      void act() {
        int dice = world.below(100);
        if (dice < 45) {
          put(anyRow(relation));
        } else if (content.isEmpty()) {
          return;
        } else if (dice < 65) {
          delete(anyHere());
        } else if (dice < 73) { // an update that changes nothing
          tell(new RowEvent.Upserted(Optional.empty(), anyHere()));
        } else if (dice < 85) {
          move(anyHere(), anyRow(relation));
        } else if (dice < 92) {
          swap(anyHere(), anyHere());
        } else if (dice < 98) { // there and away again
          Row row = anyRow(relation);
          put(row);
          delete(row);
        } else {
          content.clear();
          tell(new RowEvent.Truncated());
        }
      }

      private void put(Row row) {
        Row old = content.put(row);
        tell(
            old == null
                ? new RowEvent.Inserted(row)
                : new RowEvent.Upserted(Optional.empty(), leaveOut(old, row)));
      }

      private void delete(Row row) {
        content.remove(relation.keyOf(row));
        tell(new RowEvent.Deleted(relation.keyOf(row)));
      }

      /** A row gets another key, if that is free. */
      private void move(Row from, Row to) {
        Key former = relation.keyOf(from);
        Key key = relation.keyOf(to);
        if (key.equals(former) || (relation.isKeyed() && content.row(key).isPresent())) {
          return;
        }
        content.remove(former);
        content.put(to);
        tell(new RowEvent.Upserted(Optional.of(former), to));
      }

      /** Two rows change places by way of a key that nobody has. */
      private void swap(Row one, Row two) {
        if (one.equals(two)) {
          return;
        }
        String idOfOne = idOf(one);
        String idOfTwo = idOf(two);
        Row aside = withId(one, Integer.toString(keys + 1));
        move(one, aside);
        move(two, withId(two, idOfOne));
        move(aside, withId(aside, idOfTwo));
      }

      private Row anyHere() {
        return world.pick(content.list());
      }

      private String idOf(Row row) {
        return String.valueOf(row.value(relation.columns().indexOf(ID)));
      }

      private Row withId(Row row, String id) {
        @Nullable String[] values = new @Nullable String[row.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = relation.columns().get(i).equals(ID) ? id : row.value(i);
        }
        return Row.of(values);
      }

      /** Large values that did not change are sometimes not told again. */
      private Row leaveOut(Row old, Row row) {
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

      private void tell(RowEvent event) {
        told.add(new Moment.Told(name, event));
      }
    }
  }
}
