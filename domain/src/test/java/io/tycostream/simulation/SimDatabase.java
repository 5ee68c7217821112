package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The truth: everything that the tables ever were, in every history of the database.
 *
 * <p>It is written by a {@link Workload} and by an operator who drops tables and makes them again,
 * and who brings up another database behind the same name. What is read of it over the network
 * stands in {@link DatabaseServer} and {@link DatabaseStream}.
 */
final class SimDatabase {

  private final World world;
  private final Workload workload;
  private final List<Timeline> timelines = new ArrayList<>();
  private final List<Runnable> listeners = new ArrayList<>();
  private final Map<String, Integer> variants = new LinkedHashMap<>();
  private int identities;
  private long lastDefinition;

  SimDatabase(World world, Shape shape) {
    this.world = world;
    this.workload = new Workload(world, shape.keys());
    Map<String, TableState> tables = new LinkedHashMap<>();
    for (int i = 0; i < shape.tables(); i++) {
      String name = "public.t" + i;
      variants.put(name, world.below(Workload.VARIANTS));
      tables.put(name, create(name, world.below(shape.keys() + 1)));
    }
    Moment start = new Moment(shape.firstTime(), 0, List.of(), false, tables);
    timelines.add(new Timeline("db1", start));
    lastDefinition = start.time();
  }

  /** Is told when something happened. */
  void onChange(Runnable listener) {
    listeners.add(listener);
  }

  List<String> tables() {
    return List.copyOf(variants.keySet());
  }

  Timeline present() {
    return timelines.getLast();
  }

  /** The newest history that was there at a time of the world. */
  Timeline presentAt(long micros) {
    for (int i = timelines.size() - 1; i > 0; i--) {
      if (timelines.get(i).moment(0).at() <= micros) {
        return timelines.get(i);
      }
    }
    return timelines.getFirst();
  }

  /** The history with a name. */
  Optional<Timeline> timeline(String epoch) {
    return timelines.stream().filter(each -> each.epoch().equals(epoch)).findFirst();
  }

  /** How many histories were there before this one. */
  int ordinal(String epoch) {
    for (int i = 0; i < timelines.size(); i++) {
      if (timelines.get(i).epoch().equals(epoch)) {
        return i;
      }
    }
    throw new Violation("there never was an epoch " + epoch);
  }

  /** What a table was at a position. */
  TableState at(String table, Position position) {
    return timeline(position.epoch())
        .flatMap(timeline -> timeline.at(table, position))
        .orElseThrow(() -> new Violation(table + " never was at " + position));
  }

  /** Whether nothing is missing to somebody who is at this position. */
  @SuppressWarnings("ReferenceEquality") // another state is another object, and equal ones return
  boolean isPresent(String table, Position position) {
    return position.epoch().equals(present().epoch())
        && at(table, position) == present().present().table(table);
  }

  /** A transaction, committed or rolled back. */
  void write(int deeds) {
    if (world.chance(0.05)) {
      world.say("database", "a transaction is rolled back");
      pass();
      return;
    }
    Moment before = present().present();
    Workload.Transaction transaction = workload.new Transaction(before.tables());
    transaction.write(deeds);
    happen(transaction.told(), false, transaction.after());
    world.say(
        "database",
        "commits " + transaction.told().size() + " rows at " + hex(present().present().time()));
  }

  /** Rows are deleted until each table has so few. */
  void shrink(int rows) {
    Moment before = present().present();
    Workload.Transaction transaction = workload.new Transaction(before.tables());
    transaction.shrink(rows);
    if (!transaction.told().isEmpty()) {
      happen(transaction.told(), false, transaction.after());
      world.say("database", "deletes " + transaction.told().size() + " rows");
    }
  }

  /** Time goes by without a change. */
  void pass() {
    happen(List.of(), false, present().present().tables());
  }

  /** A table is dropped and made again, with the same columns or with others. */
  void recreate(String table, boolean otherColumns) {
    if (otherColumns) {
      variants.merge(table, 1, Integer::sum);
    }
    Map<String, TableState> tables = new LinkedHashMap<>(present().present().tables());
    Relation old = present().present().table(table).relation();
    tables.put(table, create(table, world.below(4)));
    happen(List.of(), true, tables);
    lastDefinition = present().present().time();
    world.fault(
        "database",
        table
            + " is dropped and made again, was "
            + old.print()
            + ", is "
            + present().present().table(table).relation().print());
  }

  /**
   * Another history behind the same name: a replica is promoted that had not everything, or the
   * database is brought up from a copy elsewhere.
   */
  void fork() {
    Timeline old = present();
    int lost = world.below(4);
    int index = old.newest();
    while (lost-- > 0 && Long.compareUnsigned(old.moment(index).time(), lastDefinition) > 0) {
      index--;
    }
    Moment from = old.moment(index);
    long time =
        world.chance(0.5)
            ? from.time() + world.between(1, 20)
            : from.time() - Long.remainderUnsigned(world.between(0, 300), from.time());
    String epoch = "db" + (timelines.size() + 1);
    timelines.add(
        new Timeline(epoch, new Moment(time, world.now(), List.of(), false, from.tables())));
    lastDefinition = time;
    world.fault("database", "goes on as " + epoch + " at " + hex(time));
    changed();
  }

  private void happen(List<Moment.Told> told, boolean definition, Map<String, TableState> tables) {
    long time = present().present().time() + world.between(1, 12);
    present().add(new Moment(time, world.now(), told, definition, tables));
    changed();
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }

  private TableState create(String name, int rows) {
    Integer variant = variants.get(name);
    Relation relation =
        Workload.relation(name, "oid" + ++identities, variant == null ? 0 : variant);
    Content made = new Content(relation);
    for (int i = 0; i < rows; i++) {
      made.put(workload.anyRow(relation));
    }
    return new TableState(relation, made, 0);
  }

  static String hex(long time) {
    return Long.toHexString(time);
  }
}
