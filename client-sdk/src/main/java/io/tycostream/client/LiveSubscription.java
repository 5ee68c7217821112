package io.tycostream.client;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.replica.ReplicaTable;
import io.tycostream.domain.replica.Told;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscription of the program: its rows are written by the client's own thread, read by any. */
final class LiveSubscription implements Subscription {

  private static final System.Logger LOG = System.getLogger(LiveSubscription.class.getName());

  private final String ref;
  private final TableQuery query;
  private final SubscriptionListener listener;
  private final Consumer<LiveSubscription> closing;

  /** The client's: held while rows or positions change, and while they are copied. */
  private final ReentrantLock lock;

  private @Nullable ReplicaTable table;
  private @Nullable RowColumns columns;
  private volatile boolean closed;

  /**
   * @param lock the client's, held while it changes rows
   * @param closing tells the client that the program does not want it any more
   */
  LiveSubscription(
      String ref,
      TableQuery query,
      SubscriptionListener listener,
      ReentrantLock lock,
      Consumer<LiveSubscription> closing) {
    this.ref = ref;
    this.query = query;
    this.listener = listener;
    this.lock = lock;
    this.closing = closing;
  }

  @Override
  public String ref() {
    return ref;
  }

  @Override
  public String source() {
    return query.source();
  }

  TableQuery query() {
    return query;
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
    lock.lock();
    try {
      ReplicaTable held = table;
      if (held == null || held.relation().isEmpty()) {
        return new TableState(Optional.empty(), List.of());
      }
      RowColumns shape = columns(held.relation().get());
      List<TableRow> rows = new ArrayList<>();
      for (Row row : held.rows()) {
        rows.add(new TableRow(shape, row));
      }
      return new TableState(held.position(), rows);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
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

  /** Calls the listener, unless the program has closed the subscription. */
  void tell(Told told) {
    if (closed) {
      return;
    }
    try {
      call(told);
    } catch (Throwable thrown) { // whatever a listener does, its client lives on
      LOG.log(
          Level.ERROR,
          "the listener of subscription " + ref + " to " + source() + " threw",
          thrown);
    }
  }

  private void call(Told told) {
    switch (told) {
      case Told.Snapshot snapshot -> listener.onSnapshot(this, state());
      case Told.Batch batch -> listener.onBatch(this, batch(batch));
      case Told.Progress progress -> listener.onProgress(this, progress.position());
      case Told.Gap gap -> listener.onGap(this, gap.gap());
      case Told.SourceState state -> listener.onSourceState(this, state.status());
      case Told.Pressure pressure -> listener.onPressure(this, pressure.pressure());
      case Told.Refused refused -> listener.onError(this, refused.refusal());
      case Told.Looping looping ->
          LOG.log(
              Level.WARNING,
              () ->
                  "subscription %s to %s begins anew too often (%s); it is left alone until %s"
                      .formatted(ref, source(), looping.reason(), looping.until()));
      case Told.Ended ended -> {
        try {
          listener.onEnded(this, ended.reason());
        } finally {
          closed = true;
        }
      }
      case Told.Rows events -> throw notAsked(events);
      case Told.Changes events -> throw notAsked(events);
      case Told.Remarked remark -> throw notAsked(remark);
    }
  }

  private static IllegalStateException notAsked(Told told) {
    return new IllegalStateException("a state subscription is not told of " + told);
  }

  private TableBatch batch(Told.Batch batch) {
    ReplicaTable held = table;
    if (held == null || held.relation().isEmpty()) {
      throw new IllegalStateException("a batch was applied before any snapshot");
    }
    RowColumns shape = columns(held.relation().get());
    List<TableChange> changes = new ArrayList<>(batch.changes().size());
    for (Change change : batch.changes()) {
      changes.add(
          switch (change) {
            case Change.Insert(Row row) -> new TableChange.Inserted(new TableRow(shape, row));
            case Change.Update(Row before, Row row) ->
                new TableChange.Updated(new TableRow(shape, before), new TableRow(shape, row));
            case Change.Delete(Row before) -> new TableChange.Deleted(new TableRow(shape, before));
          });
    }
    return new TableBatch(batch.position(), changes, batch.exact());
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
