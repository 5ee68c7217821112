package io.tycostream.app.e2e;

import io.tycostream.client.Gap;
import io.tycostream.client.Refusal;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableColumn;
import io.tycostream.client.TableRow;
import io.tycostream.client.TableState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** By their ids, of what it was told alone. */
  private final Map<String, TableRow> rows = new HashMap<>();

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
    rows.clear();
    state.rows().forEach(row -> rows.put(row.text("id"), row));
    at = audit(subscription);
  }

  @Override
  public void onBatch(Subscription subscription, TableBatch batch) {
    batches.incrementAndGet();
    for (TableChange change : batch.changes()) {
      if (change instanceof TableChange.Deleted(TableRow row)) {
        rows.remove(row.text("id"));
      } else {
        rows.put(change.row().text("id"), change.row());
      }
    }
    long now = audit(subscription);
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
  public void onError(Subscription subscription, Refusal error) {
    object("was refused: " + error);
  }

  private long audit(Subscription subscription) {
    String table = subscription.source();
    List<List<String>> rows = this.rows.values().stream().map(Auditor::values).toList();
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
    return row.columns().stream().map(TableColumn::name).map(row::text).toList();
  }

  private void object(String what) {
    objections.add(name + ": " + what);
  }
}
