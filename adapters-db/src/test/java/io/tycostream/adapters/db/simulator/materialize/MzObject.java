package io.tycostream.adapters.db.simulator.materialize;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One object of the catalogue, as long as it has its id. Times are unsigned; writing moves nothing:
 * what was written is seen when the upper frontier has gone past it.
 */
public final class MzObject {

  private final Model model;
  private final String id;
  private final String database;
  private final String schema;
  private final String name;
  private final String type;
  private final List<MzColumn> columns;
  private final TimeLine timeLine;
  private final List<MzIndex> indexes = new ArrayList<>();
  private boolean stalled;
  private Optional<String> poison = Optional.empty();

  MzObject(
      Model model,
      String id,
      String database,
      String schema,
      String name,
      String type,
      List<MzColumn> columns,
      TimeLine timeLine) {
    this.model = model;
    this.id = id;
    this.database = database;
    this.schema = schema;
    this.name = name;
    this.type = type;
    this.columns = List.copyOf(columns);
    this.timeLine = timeLine;
  }

  /** {@code u1} and so on; another one after a drop and recreate. */
  public String id() {
    return id;
  }

  public String database() {
    return database;
  }

  public String schema() {
    return schema;
  }

  public String name() {
    return name;
  }

  /** {@code materialize.public.t}, as errors have it. */
  public String fullName() {
    return database + "." + schema + "." + name;
  }

  /** As {@code mz_objects.type} has it: table, source, view, materialized-view, … */
  public String type() {
    return type;
  }

  public List<MzColumn> columns() {
    return columns;
  }

  /** The row comes once more, at this time. */
  public MzObject insert(long time, @Nullable String... values) {
    return write(time, 1, values);
  }

  /** The row goes once, at this time. */
  public MzObject delete(long time, @Nullable String... values) {
    return write(time, -1, values);
  }

  /**
   * The row comes or goes several times, at this time.
   *
   * @param diff how many more there are of the row, negative for fewer
   * @throws IllegalArgumentException if the time is before the upper, or the row has another number
   *     of columns
   */
  public MzObject write(long time, long diff, @Nullable String... values) {
    return write(time, diff, MzRow.of(values));
  }

  public MzObject write(long time, long diff, MzRow row) {
    if (row.values().size() != columns.size()) {
      throw new IllegalArgumentException(row + " does not have the columns of " + name);
    }
    model.quietly(() -> timeLine.write(time, row, diff));
    return this;
  }

  /**
   * Everything before {@code upper} is complete; subscribers get it as one batch. The clock is not
   * behind it from now on.
   */
  public MzObject advance(long upper) {
    model.change(() -> {
      timeLine.advance(upper);
      model.clock = MzTime.max(model.clock, MzTime.justBefore(upper));
    });
    return this;
  }

  /** The upper frontier becomes empty: subscribers get what there is, and their streams end. */
  public void end() {
    model.change(timeLine::end);
  }

  /**
   * History before {@code since} is compacted, except what running subscribes hold: each holds what
   * it has not been given yet.
   */
  public void compact(long since) {
    model.change(() -> timeLine.compact(since));
  }

  /** ALTER … SET (RETAIN HISTORY FOR …): since follows the upper at this distance. */
  public MzObject retainHistory(long milliseconds) {
    model.change(() -> timeLine.retain(milliseconds));
    return this;
  }

  public MzObject index(String indexName, String cluster) {
    return index(indexName, cluster, TimeLine.DEFAULT_WINDOW);
  }

  public MzObject index(String indexName, String cluster, long window) {
    model.change(
        () -> indexes.add(new MzIndex(model.catalogue.nextId(), indexName, cluster, window)));
    return this;
  }

  public void dropIndex(String indexName) {
    model.change(() -> indexes.removeIf(index -> index.name().equals(indexName)));
  }

  public List<MzIndex> indexes() {
    return model.read(() -> List.copyOf(indexes));
  }

  /** Its data has an evaluation error, such as {@code division by zero}: no reader gets further. */
  public void poison(String error) {
    model.change(() -> poison = Optional.of(error));
  }

  public void heal() {
    model.change(() -> poison = Optional.empty());
  }

  /** {@link MaterializeSimulator#tick} leaves its upper frontier where it is. */
  public void stall() {
    model.change(() -> stalled = true);
  }

  public void recover() {
    model.change(() -> stalled = false);
  }

  /** The write frontier: everything before is complete. */
  public long upper() {
    return model.read(timeLine::upper);
  }

  /** The read frontier: the earliest AS OF. */
  public long since() {
    return model.read(() -> {
      model.release(this);
      return timeLine.since();
    });
  }

  /**
   * What there is at {@code time}, everything at it included: each row and how often. Known for all
   * times, also where history is compacted or not complete yet.
   */
  public NavigableMap<MzRow, Long> state(long time) {
    return model.read(() -> timeLine.state(time));
  }

  /** Every update with {@code from <= time < to}, in the order in which they are sent. */
  public List<Update> changes(long from, long to) {
    return model.read(() -> timeLine.changes(from, true, to, false));
  }

  @Override
  public String toString() {
    return id + " " + fullName();
  }

  /** Only under the model's lock. */
  TimeLine timeLine() {
    return timeLine;
  }

  boolean stalled() {
    return stalled;
  }

  Optional<String> poison() {
    return poison;
  }

  /** The index that a query on this cluster would read. */
  Optional<MzIndex> indexOn(String cluster) {
    return indexes.stream().filter(index -> index.cluster().equals(cluster)).findFirst();
  }

  /** The earliest AS OF on this cluster. */
  long sinceOn(String cluster) {
    return indexOn(cluster)
        .map(
            index -> MzTime.max(timeLine.since(), MzTime.earlier(timeLine.upper(), index.window())))
        .orElse(timeLine.since());
  }

  /** How errors about timestamps name what is read. */
  String inputOn(String cluster) {
    return indexOn(cluster)
        .map(index -> "Indexed inputs: [(" + index.cluster() + ", " + index.id() + ")]")
        .orElse("Storage inputs: [" + id + "]");
  }
}
