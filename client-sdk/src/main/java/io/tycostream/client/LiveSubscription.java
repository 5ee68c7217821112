package io.tycostream.client;

import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.replica.Receipt;
import io.tycostream.domain.replica.ReplicaTable;
import io.tycostream.domain.replica.Told;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription of the program: its rows are written by the client's own thread, read by any, and
 * its listener is called on a lane of its own.
 */
final class LiveSubscription implements Subscription {

  private static final System.Logger LOG = System.getLogger(LiveSubscription.class.getName());

  /** Between two calls with what a listener threw at. */
  private static final Backoff AGAIN =
      Backoff.fullJitter(Duration.ofMillis(100), Duration.ofSeconds(20));

  private final String ref;
  private final TableQuery query;
  private final SubscriptionListener listener;
  private final Optional<Place> place;
  private final Optional<String> after;
  private final Counters counters;
  private final Consumer<LiveSubscription> closing;
  private final Acks acks;
  private final Lane lane;

  /** The client's: held while rows or positions change, and while they are copied. */
  private final ReentrantLock lock;

  private @Nullable ReplicaTable table;
  private @Nullable RowColumns columns;

  /**
   * @param place where the position is kept, for a program that keeps it
   * @param lock the client's, held while it changes rows
   * @param closing tells the client that the program does not want it any more
   * @param processed tells the client what the program has processed
   * @param over told when its lane is
   * @throws IllegalStateException when it cannot be told where to go on
   */
  LiveSubscription(
      String ref,
      TableQuery query,
      SubscriptionListener listener,
      Optional<Place> place,
      Counters counters,
      ReentrantLock lock,
      Consumer<LiveSubscription> closing,
      Consumer<Receipt> processed,
      Consumer<Lane> over) {
    this.ref = ref;
    this.query = query;
    this.listener = listener;
    this.place = place;
    this.after = place.flatMap(Place::load);
    this.counters = counters;
    this.lock = lock;
    this.closing = closing;
    this.acks = new Acks(processed);
    this.lane = new Lane("tycostream-" + query.source(), over);
  }

  @Override
  public String ref() {
    return ref;
  }

  @Override
  public String source() {
    return query.source();
  }

  /** What to ask the gateway for. */
  Subscribe terms() {
    return query.subscribe(ref).from(after);
  }

  /** Whether the client keeps its rows; else they are the program's affair. */
  boolean keepsRows() {
    return place.isEmpty() && !query.isOfEvents();
  }

  Lane lane() {
    return lane;
  }

  @Override
  public Optional<String> position() {
    lock.lock();
    try {
      ReplicaTable held = table;
      return held == null ? Optional.empty() : held.position();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public TableState state() {
    if (!keepsRows()) {
      throw new IllegalStateException(
          "the rows of " + source() + " are not kept here: " + query.whyNotKept());
    }
    lock.lock();
    try {
      ReplicaTable held = table;
      if (held == null || held.relation().isEmpty()) {
        return new TableState(Optional.empty(), List.of());
      }
      return new TableState(held.position(), rows(columns(held.relation().get()), held.rows()));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lane.end();
    closing.accept(this);
  }

  /** The client follows it with this table. */
  void begin(ReplicaTable with) {
    lock.lock();
    try {
      table = with;
    } finally {
      lock.unlock();
    }
  }

  /** The connection stands like this now. */
  void tell(ConnectionState state) {
    lane.put(() -> calling(() -> listener.onConnectionState(this, state)));
  }

  /**
   * Calls the listener when it has returned from all before.
   *
   * @param load held until it has
   * @param receipt handed back when it has
   */
  void tell(Told told, Mailbox.Load load, Optional<Receipt> receipt) {
    count(told);
    Runnable call = call(told);
    Optional<String> reached = reached(told);
    lane.put(
        () -> {
          if (delivered(call) && reached.isPresent()) {
            place.ifPresent(kept -> kept.save(reached.get()));
            receipt.ifPresent(acks::processed);
          }
        },
        load);
    if (told instanceof Told.Ended) {
      lane.put(this::close);
    }
  }

  private void count(Told told) {
    switch (told) {
      case Told.Snapshot snapshot -> counters.snapshots.increment();
      case Told.Rows rows -> counters.snapshots.increment();
      case Told.Batch batch -> {
        counters.batches.increment();
        counters.changes.add(batch.changes().size());
      }
      case Told.Changes changes -> {
        counters.batches.increment();
        counters.changes.add(changes.changes().size());
      }
      case Told.Gap gap -> {
        counters.gaps.increment();
        counters.dropped.add(Math.max(0, gap.gap().dropped()));
      }
      default -> {}
    }
  }

  /** Where the program is once it has processed this; nothing where that says nothing of it. */
  private Optional<String> reached(Told told) {
    return switch (told) {
      case Told.Snapshot(String ref, String position) -> Optional.of(position);
      case Told.Batch(String ref, String position, var changes, boolean exact) ->
          Optional.of(position);
      case Told.Rows(String ref, String position, var rows) -> Optional.of(position);
      case Told.Changes(String ref, String position, var changes, boolean exact) ->
          Optional.of(position);
      case Told.Progress(String ref, String position) -> Optional.of(position);
      case Told.Gap(String ref, var gap)
          when query.isOfEvents() && gap.recovery().equals(Recovery.NONE.wire()) ->
          Optional.of(gap.upTo());
      default -> Optional.empty();
    };
  }

  /** What to do on the lane, with everything that it needs of this moment. */
  private Runnable call(Told told) {
    return switch (told) {
      case Told.Snapshot snapshot -> {
        TableState state = state();
        yield () -> listener.onSnapshot(this, state);
      }
      case Told.Rows(String of, String position, var rows) -> {
        TableState state = new TableState(Optional.of(position), rows(columns(), rows));
        yield () -> listener.onSnapshot(this, state);
      }
      case Told.Batch batch -> {
        RowColumns shape = columns();
        yield () ->
            listener.onBatch(
                this,
                new TableBatch(
                    batch.position(),
                    batch.changes().stream().map(each -> Changes.of(each, shape)).toList(),
                    batch.exact()));
      }
      case Told.Changes changes -> {
        RowColumns shape = columns();
        yield () ->
            listener.onBatch(
                this,
                new TableBatch(
                    changes.position(),
                    changes.changes().stream().map(each -> Changes.of(each, shape)).toList(),
                    changes.exact()));
      }
      case Told.Progress progress -> () -> listener.onProgress(this, progress.position());
      case Told.Gap gap -> () -> listener.onGap(this, Gap.of(gap.gap()));
      case Told.SourceState state ->
          () -> listener.onSourceState(this, SourceState.of(state.status()));
      case Told.Pressure pressure ->
          () -> listener.onPressure(this, Pressure.of(pressure.pressure()));
      case Told.Refused refused -> () -> listener.onError(this, Refusal.of(refused.refusal()));
      case Told.Looping looping ->
          () ->
              LOG.log(
                  Level.WARNING,
                  "subscription %s to %s begins anew too often (%s); it is left alone until %s"
                      .formatted(ref, source(), looping.reason(), looping.until()));
      case Told.Ended ended -> () -> listener.onEnded(this, ended.reason());
      case Told.Remarked remark -> throw new IllegalArgumentException("of no subscription");
    };
  }

  /**
   * Calls until it returns, where the program keeps its place: what it threw at is told again,
   * after a while. Else what it threw at counts as delivered.
   *
   * @return whether it counts as delivered; else the subscription has ended meanwhile
   */
  private boolean delivered(Runnable call) {
    try {
      boolean returned = calling(call);
      for (int failures = 0; !returned && place.isPresent(); failures++) {
        if (lane.awaitEnd(AGAIN.delay(failures, ThreadLocalRandom.current().nextDouble()))) {
          return false;
        }
        returned = calling(call);
      }
      return true;
    } catch (UndeliveredException e) {
      lane.end(); // nothing behind it counts either
      return false;
    }
  }

  /** Whether it returned. */
  private boolean calling(Runnable call) {
    try {
      call.run();
      return true;
    } catch (UndeliveredException e) {
      throw e;
    } catch (Throwable thrown) { // whatever a listener does, its client lives on
      counters.failures.increment();
      LOG.log(
          Level.ERROR,
          "the listener of subscription " + ref + " to " + source() + " threw",
          thrown);
      return false;
    }
  }

  private static List<TableRow> rows(RowColumns shape, Collection<Row> rows) {
    List<TableRow> all = new ArrayList<>(rows.size());
    for (Row row : rows) {
      all.add(new TableRow(shape, row));
    }
    return all;
  }

  /** The columns of what is told now. */
  private RowColumns columns() {
    ReplicaTable held = table;
    if (held == null || held.relation().isEmpty()) {
      throw new IllegalStateException("rows came before their columns");
    }
    return columns(held.relation().get());
  }

  /** The columns of a relation, made once for all rows of it. */
  private RowColumns columns(Relation relation) {
    lock.lock();
    try {
      RowColumns made = columns;
      if (made == null || !made.relation().equals(relation)) {
        made = new RowColumns(relation);
        columns = made;
      }
      return made;
    } finally {
      lock.unlock();
    }
  }
}
