package io.tycostream.benchmarks.domain;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.view.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Ten rows of 100,000 get new values in one moment, which is applied whole or not at all, and what
 * comes out is its net effect.
 *
 * <p>The rivals keep the rows in a map by the first column. One reaches "whole or not at all" by
 * working on a copy; the other puts the rows in as they come: the least that any table can do, but
 * a moment that does not fit leaves half of itself behind.
 */
@State(Scope.Thread)
public class ViewApply {

  private static final int ROWS = 100_000;
  private static final int TOUCHED = 10;

  private final SplittableRandom chance = new SplittableRandom(1);
  private final View view;
  private Map<String, Row> rows = HashMap.newHashMap(ROWS);
  private long version;

  /** Full from the start. */
  public ViewApply() {
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Row row = row(i);
      all.add(row);
      rows.put(key(row), row);
    }
    List<Column> columns =
        List.of(
            new Column("id", "int4"), new Column("status", "text"), new Column("price", "numeric"));
    view = new View(new Relation("public.trades", "1", columns, List.of("id")), all);
  }

  private Row row(int id) {
    version++;
    return Row.of(Integer.toString(id), "open", Long.toString(version));
  }

  private static String key(Row row) {
    return String.valueOf(row.value(0));
  }

  private List<RowEvent> moment() {
    List<RowEvent> moment = new ArrayList<>(TOUCHED);
    for (int i = 0; i < TOUCHED; i++) {
      moment.add(new RowEvent.Upserted(Optional.empty(), row(chance.nextInt(ROWS))));
    }
    return moment;
  }

  /** The view. */
  @Benchmark
  public List<Change> tycostream() {
    return view.apply(moment());
  }

  /** All rows copied, the copy changed, and put in the place of the original. */
  @Benchmark
  public List<Change> copyFirst() {
    Map<String, Row> copy = new HashMap<>(rows);
    List<Change> changes = put(moment(), copy);
    rows = copy;
    return changes;
  }

  /** Rows put in one by one. */
  @Benchmark
  public List<Change> putAsTheyCome() {
    return put(moment(), rows);
  }

  private static List<Change> put(List<RowEvent> moment, Map<String, Row> into) {
    List<Change> changes = new ArrayList<>(TOUCHED);
    for (RowEvent event : moment) {
      if (event instanceof RowEvent.Upserted(var formerKey, Row row)) {
        Row before = into.put(key(row), row);
        changes.add(before == null ? new Change.Insert(row) : new Change.Update(before, row));
      }
    }
    return changes;
  }
}
