package io.tycostream.app.e2e;

import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableRow;
import io.tycostream.client.TableState;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Follows a table and compares it with the {@link Books} after the snapshot and after every batch:
 * the rows as a whole, the sum of the money, and that transactions come one by one, each once.
 */
final class Auditor implements SubscriptionListener {

  private final String name;
  private final Books books;
  private final Queue<String> objections = new ConcurrentLinkedQueue<>();
  private volatile long at = -1;
  private final AtomicInteger snapshots = new AtomicInteger();
  private final AtomicLong batches = new AtomicLong();

  Auditor(String name, Books books) {
    this.name = name;
    this.books = books;
  }

  /** The transaction that the table is at; -1 before the snapshot. */
  long at() {
    return at;
  }

  int snapshots() {
    return snapshots.get();
  }

  long batches() {
    return batches.get();
  }

  /** What was wrong, in order; empty as it should be. */
  List<String> objections() {
    return List.copyOf(objections);
  }

  @Override
  public void onSnapshot(Subscription subscription, TableState state) {
    snapshots.incrementAndGet();
    at = audit(subscription, state);
  }

  @Override
  public void onBatch(Subscription subscription, TableBatch batch) {
    batches.incrementAndGet();
    long now = audit(subscription, subscription.state());
    if (!batch.exact()) {
      object("was told a folded batch at " + now);
    }
    if (now != at + 1) {
      object("went from transaction " + at + " to " + now);
    }
    at = now;
  }

  @Override
  public void onGap(Subscription subscription, Gap gap) {
    object("lost something: " + gap);
  }

  @Override
  public void onError(Subscription subscription, Refused error) {
    object("was refused: " + error);
  }

  private long audit(Subscription subscription, TableState state) {
    String table = subscription.source();
    List<List<String>> rows = state.rows().stream().map(Auditor::values).toList();
    List<String> stamp =
        rows.stream()
            .filter(row -> row.getFirst().equals(Long.toString(Books.STAMP_ID)))
            .findAny()
            .orElseThrow(() -> new AssertionError("no stamp in " + table));
    long transaction = Long.parseLong(stamp.getLast());
    books.audit(table, transaction, rows).ifPresent(this::object);
    if (table.equals(Teller.ACCOUNTS)) {
      long money = rows.stream().mapToLong(row -> Long.parseLong(row.get(2))).sum();
      if (money != Teller.MONEY) {
        object("there is money of " + money + " after transaction " + transaction);
      }
    }
    return transaction;
  }

  private static List<String> values(TableRow row) {
    return row.columns().stream().map(Column::name).map(row::text).toList();
  }

  private void object(String what) {
    objections.add(name + ": " + what);
  }
}
