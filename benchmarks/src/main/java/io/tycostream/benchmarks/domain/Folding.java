package io.tycostream.benchmarks.domain;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.Conflation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The buffer of one client that fell behind, 16,600 changes of 1,000 rows in batches of four, is
 * folded into one batch.
 *
 * <p>The rivals put the rows into a map by their key, which is the least that folding can do but
 * does not know what was there before; and hand out all the changes one by one, which is what
 * folding saves.
 */
@State(Scope.Thread)
public class Folding {

  private static final int CHANGES = 16_600;
  private static final int ROWS = 1_000;
  private static final Relation RELATION =
      new Relation(
          "t",
          "1",
          List.of(new Column("id", "int4"), new Column("state", "text"), new Column("n", "int8")),
          List.of("id"));

  private final List<List<Change>> batches = new ArrayList<>();

  /** Updates that go round the rows. */
  @Setup
  public void fill() {
    List<Change> batch = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      batch.add(new Change.Update(row(i - ROWS), row(i)));
      if (batch.size() == 4) {
        batches.add(List.copyOf(batch));
        batch.clear();
      }
    }
  }

  private static Row row(int version) {
    int id = Math.floorMod(version, ROWS);
    return Row.of(Integer.toString(id), "open", Integer.toString(version));
  }

  /** By key, with the row before the first change and the row after the last. */
  @Benchmark
  public List<Change> tycostream() {
    Conflation conflation = new Conflation(RELATION);
    batches.forEach(conflation::add);
    return conflation.changes();
  }

  /** The last row of each key. */
  @Benchmark
  public Map<String, Row> bareMap() {
    Map<String, Row> last = new LinkedHashMap<>();
    for (List<Change> batch : batches) {
      for (Change change : batch) {
        if (change instanceof Change.Update(Row before, Row row)) {
          last.put(String.valueOf(row.value(0)), row);
        }
      }
    }
    return last;
  }

  /** All of them, one after the other. */
  @Benchmark
  public List<Change> allOfThem() {
    List<Change> all = new ArrayList<>(CHANGES);
    batches.forEach(all::addAll);
    return all;
  }
}
