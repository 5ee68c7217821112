package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a relation, from its first rows on.
 *
 * @param name for people
 * @param key of the source; none for a multiset
 * @param steps in the order of their times
 */
record Script(String name, List<String> key, List<Step> steps) {

  /** Something that happens, so many milliseconds after the present of the database. */
  sealed interface Step {

    /** So many copies of a row come or go. */
    record Write(long at, long diff, int id, @Nullable String note) implements Step {}

    /** Everything earlier than this is complete, and told as one batch. */
    record Advance(long to) implements Step {}
  }

  static Step write(long at, long diff, int id, @Nullable String note) {
    return new Step.Write(at, diff, id, note);
  }

  static Step advance(long to) {
    return new Step.Advance(to);
  }

  /** A relation to which all of it has happened. */
  MzObject perform(MaterializeSimulator database, String table) {
    MzObject object = database.table(table, MzColumn.int4("id"), MzColumn.text("note"));
    object.retainHistory(3_600_000);
    long start = database.clock();
    for (Step step : steps) {
      switch (step) {
        case Step.Write write ->
            object.write(start + write.at(), write.diff(), "" + write.id(), write.note());
        case Step.Advance advance -> object.advance(start + advance.to());
      }
    }
    return object;
  }

  @Override
  public String toString() {
    return name + " " + steps;
  }
}
