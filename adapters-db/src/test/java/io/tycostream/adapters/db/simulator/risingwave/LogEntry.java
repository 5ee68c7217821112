package io.tycostream.adapters.db.simulator.risingwave;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a change log.
 *
 * @param time in milliseconds
 * @param values of the columns that are visible
 */
public record LogEntry(long time, Op op, List<@Nullable String> values) {

  /** What happened, with the number that it had before 2.0. */
  public enum Op {
    INSERT("Insert", 1),
    DELETE("Delete", 2),
    UPDATE_INSERT("UpdateInsert", 3),
    UPDATE_DELETE("UpdateDelete", 4);

    private final String text;
    private final int number;

    Op(String text, int number) {
      this.text = text;
      this.number = number;
    }

    String written(Dialect dialect) {
      return dialect.numbered() ? Integer.toString(number) : text;
    }
  }

  public LogEntry {
    values = Collections.unmodifiableList(new ArrayList<>(values));
  }

  LogEntry with(List<@Nullable String> others) {
    return new LogEntry(time, op, others);
  }
}
