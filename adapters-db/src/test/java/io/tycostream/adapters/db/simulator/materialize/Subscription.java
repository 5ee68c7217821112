package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A running SUBSCRIBE: how far it has come on its object's time line. Guarded by the model's lock.
 *
 * <p>It mirrors {@code should_emit} and {@code send_batch} of Materialize's subscribe sink: first a
 * progress row with the AS OF; then per batch the rows, in the order of time and bytes, and one
 * progress row with the batch's upper, if that is after the AS OF; an empty frontier and UP TO end
 * it without one.
 */
final class Subscription {

  /**
   * @param ends nothing comes after these rows
   */
  record Batch(List<Output> rows, boolean ends) {}

  private final Model model;
  private final MzObject object;
  private final SubscribeStatement statement;
  private final String cluster;
  private final long asOf;
  private final List<Integer> order;
  private boolean announced;
  private boolean begun;
  private long frontier;
  private Optional<Report> failure = Optional.empty();

  Subscription(
      Model model, MzObject object, SubscribeStatement statement, String cluster, long asOf) {
    this.model = model;
    this.object = object;
    this.statement = statement;
    this.cluster = cluster;
    this.asOf = asOf;
    this.order = UpsertEnvelope.order(object, statement.key());
    this.frontier = asOf;
  }

  MzObject object() {
    return object;
  }

  String cluster() {
    return cluster;
  }

  long asOf() {
    return asOf;
  }

  /** Everything before has been handed out, and is held no longer. */
  long frontier() {
    return frontier;
  }

  boolean isAtUpper() {
    return announced && object.timeLine().upperAfter(frontier).isEmpty();
  }

  /** Its next step throws this. */
  void fail(Report report) {
    failure = Optional.of(report);
  }

  /** What comes next, if it is there already. */
  Optional<Batch> poll() {
    if (failure.isPresent()) {
      throw failure.get().refusal();
    }
    if (!announced) {
      announced = true;
      if (statement.progress()) {
        return Optional.of(
            new Batch(List.of(Output.progress(asOf, object.columns().size())), false));
      }
    }
    if (statement.upTo().filter(upTo -> upTo == asOf).isPresent()) {
      return Optional.of(new Batch(List.of(), true));
    }
    if (model.clusters.getOrDefault(cluster, 0) == 0) {
      return Optional.empty();
    }
    if (object.poison().isPresent()) {
      throw MaterializeErrors.evaluation(object.poison().get()).refusal();
    }
    Optional<Long> upper = object.timeLine().upperAfter(frontier);
    if (upper.isPresent() && !begun && model.historyInOneBatch) {
      upper = Optional.of(object.timeLine().upper());
    }
    if (upper.isPresent()) {
      return Optional.of(batch(upper.get(), false));
    }
    return object.timeLine().ended() ? Optional.of(batch(MzTime.MAX, true)) : Optional.empty();
  }

  /** The batch that ends at {@code upper}, or the last of all, which has no end. */
  private Batch batch(long upper, boolean last) {
    boolean bounded =
        statement.upTo().filter(upTo -> last || !MzTime.before(upper, upTo)).isPresent();
    long end = bounded ? statement.upTo().get() : upper;
    boolean endInclusive = last && !bounded;
    List<Output> rows = new ArrayList<>();
    if (!begun && statement.snapshot()) {
      List<Update> snapshot = new ArrayList<>();
      object
          .timeLine()
          .state(asOf)
          .forEach((row, count) -> snapshot.add(new Update(asOf, row, count)));
      add(rows, snapshot);
    }
    add(rows, object.timeLine().changes(frontier, begun, end, endInclusive));
    begun = true;
    frontier = upper;
    checkSize(rows);
    boolean ends = last || bounded;
    if (!ends && statement.progress()) {
      rows.add(Output.progress(upper, object.columns().size()));
    }
    return new Batch(rows, ends);
  }

  private void add(List<Output> rows, List<Update> updates) {
    if (statement.key().isEmpty()) {
      for (Update update : updates) {
        rows.add(Output.data(update.time(), Long.toString(update.diff()), update.row()));
      }
      return;
    }
    int from = 0;
    for (int i = 1; i <= updates.size(); i++) {
      if (i == updates.size() || updates.get(i).time() != updates.get(from).time()) {
        long time = updates.get(from).time();
        rows.addAll(
            UpsertEnvelope.of(time, updates.subList(from, i), order, statement.key().size()));
        from = i;
      }
    }
  }

  private void checkSize(List<Output> rows) {
    if (model.maxResultSize.isPresent()) {
      long bytes = rows.stream().mapToLong(row -> row.row().copyText().length).sum();
      if (bytes > model.maxResultSize.getAsLong()) {
        throw MaterializeErrors.resultTooLarge(model.maxResultSize.getAsLong() + " B").refusal();
      }
    }
  }
}
