package io.tycostream.client;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.replica.Outcome;
import io.tycostream.domain.replica.ReplicaTable;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscription with its rows: written by the client's own thread, read by any. */
final class LiveSubscription implements Subscription {

  private static final System.Logger LOG = System.getLogger(LiveSubscription.class.getName());

  private final String ref;
  private final String source;
  private final SubscriptionListener listener;
  private final Consumer<LiveSubscription> closing;

  /** Held while rows or position change, and while they are copied. */
  private final ReentrantLock lock = new ReentrantLock();

  private final ReplicaTable table;
  private @Nullable RowColumns columns;
  private boolean brokenSinceApplied;
  private volatile boolean closed;

  /**
   * @param closing tells the client that the program does not want it any more
   */
  LiveSubscription(
      String ref,
      String source,
      SubscriptionListener listener,
      Consumer<LiveSubscription> closing) {
    this.ref = ref;
    this.source = source;
    this.listener = listener;
    this.closing = closing;
    this.table = new ReplicaTable(ref);
  }

  @Override
  public String ref() {
    return ref;
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public Optional<String> position() {
    lock.lock();
    try {
      return table.position();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public TableState state() {
    lock.lock();
    try {
      RowColumns shape = columns;
      if (shape == null) {
        return new TableState(table.position(), List.of());
      }
      List<TableRow> rows = new ArrayList<>(table.rows().size());
      for (Row row : table.rows()) {
        rows.add(new TableRow(shape, row));
      }
      return new TableState(table.position(), rows);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    closing.accept(this);
  }

  /** Takes a message that concerns rows, tells the listener, and says what became of it. */
  Outcome take(ServerMessage message) {
    if (message instanceof ServerMessage.Gap gap) {
      tell(SubscriptionListener::onGap, gap);
    }
    Outcome outcome = apply(message);
    switch (outcome) {
      case Outcome.Replaced replaced -> {
        brokenSinceApplied = false;
        tell(SubscriptionListener::onSnapshot, state());
      }
      case Outcome.Applied applied -> {
        brokenSinceApplied = false;
        tell(SubscriptionListener::onBatch, batch(applied));
      }
      case Outcome.Advanced advanced ->
          table.position().ifPresent(p -> tell(SubscriptionListener::onProgress, p));
      case Outcome.Broken broken -> suspect(broken.rowsWrong());
      case Outcome.Staged staged -> {}
      case Outcome.Unusable unusable -> {}
    }
    return outcome;
  }

  /**
   * Notes that what came could not be applied. Going on from the position is tried once; when the
   * rows are wrong, or it happens again before anything was applied, only a snapshot helps.
   */
  void suspect(boolean rowsWrong) {
    if (rowsWrong || brokenSinceApplied) {
      forgetPosition();
    }
    brokenSinceApplied = true;
  }

  void forgetPosition() {
    lock.lock();
    try {
      table.forgetPosition();
    } finally {
      lock.unlock();
    }
  }

  /** Ends it for a reason that is not the program's own. */
  void end(String reason) {
    tell(SubscriptionListener::onEnded, reason);
    closed = true;
  }

  /** Calls the listener, unless the program has closed the subscription. */
  <T> void tell(Telling<T> telling, T what) {
    if (closed) {
      return;
    }
    try {
      telling.call(listener, this, what);
    } catch (Throwable thrown) { // whatever a listener does, its client lives on
      LOG.log(
          Level.ERROR, "the listener of subscription " + ref + " to " + source + " threw", thrown);
    }
  }

  /** One of the listener's methods. */
  @FunctionalInterface
  interface Telling<T> {
    void call(SubscriptionListener listener, Subscription subscription, T what);
  }

  private Outcome apply(ServerMessage message) {
    lock.lock();
    try {
      Outcome outcome =
          switch (message) {
            case ServerMessage.Subscribed subscribed -> table.subscribed(subscribed);
            case ServerMessage.SnapshotPart part -> table.snapshot(part);
            case ServerMessage.BatchPart part -> table.batch(part);
            case ServerMessage.Progress progress -> table.progress(progress);
            case ServerMessage.Gap gap -> table.gap(gap);
            default -> throw new IllegalArgumentException("concerns no rows: " + message);
          };
      if (outcome instanceof Outcome.Replaced) {
        columns = table.relation().map(RowColumns::new).orElse(null);
      }
      return outcome;
    } finally {
      lock.unlock();
    }
  }

  private TableBatch batch(Outcome.Applied applied) {
    RowColumns shape = columns;
    if (shape == null) {
      throw new IllegalStateException("a batch was applied before any snapshot");
    }
    List<TableChange> changes = new ArrayList<>(applied.changes().size());
    for (Change change : applied.changes()) {
      changes.add(
          switch (change) {
            case Change.Insert(Row row) -> new TableChange.Inserted(new TableRow(shape, row));
            case Change.Update(Row before, Row row) ->
                new TableChange.Updated(new TableRow(shape, before), new TableRow(shape, row));
            case Change.Delete(Row before) -> new TableChange.Deleted(new TableRow(shape, before));
          });
    }
    return new TableBatch(table.position().orElseThrow(), changes, applied.exact());
  }
}
