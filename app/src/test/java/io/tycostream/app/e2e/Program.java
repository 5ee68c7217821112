package io.tycostream.app.e2e;

import io.tycostream.client.ClientFigures;
import io.tycostream.client.Gap;
import io.tycostream.client.LiveTable;
import io.tycostream.client.Refusal;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableEvent;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A program with a client of its own, which follows one thing in one of the ways there are. */
abstract class Program implements AutoCloseable {

  final Told told;
  final Temper temper;
  private final Supplier<TycostreamClient> connecting;
  private TycostreamClient client;
  private long formerFailures;

  Program(Told told, Temper temper, Supplier<TycostreamClient> connecting) {
    this.told = told;
    this.temper = temper;
    this.connecting = connecting;
    this.client = connecting.get();
  }

  TycostreamClient client() {
    return client;
  }

  ClientFigures figures() {
    return client.figures();
  }

  /** Calls of its listener that threw, as its clients count them. */
  long failures() {
    return formerFailures + figures().failures();
  }

  /** Has a new client in place of the one that it had, as a program that is started again. */
  void renewClient() {
    client.close();
    formerFailures += figures().failures();
    client = connecting.get();
  }

  /** What the client holds for it just now is right, too, in whatever moment it is asked. */
  void look() {}

  /** What the client holds for it at rest, by ids; nothing where it holds nothing. */
  Optional<Map<String, List<String>>> held() {
    return Optional.empty();
  }

  @Override
  public void close() {
    client.close();
  }

  /** A listener, which is told of everything and whose client keeps rows unless it is of events. */
  static class Listening extends Program implements SubscriptionListener {

    private final boolean kept;
    private final Subscription subscription;

    Listening(
        Told told,
        Temper temper,
        Supplier<TycostreamClient> connecting,
        TableQuery query,
        boolean kept) {
      super(told, temper, connecting);
      this.kept = kept;
      this.subscription = client().subscribe(query, this);
    }

    @Override
    public void onSnapshot(Subscription from, TableState state) {
      told.snapshot(state);
      temper.let();
    }

    @Override
    public void onBatch(Subscription from, TableBatch batch) {
      told.batch(batch);
      temper.let();
    }

    @Override
    public void onGap(Subscription from, Gap gap) {
      told.gap(gap);
      temper.let();
    }

    @Override
    public void onError(Subscription from, Refusal refusal) {
      told.refused(refusal);
    }

    @Override
    public void onEnded(Subscription from, String reason) {
      told.object("ended: " + reason);
    }

    @Override
    void look() {
      if (kept) {
        told.audit(subscription.rows().stream().map(Told::values).toList());
      }
    }

    @Override
    Optional<Map<String, List<String>>> held() {
      if (!kept) {
        return Optional.empty();
      }
      Map<String, List<String>> rows = new TreeMap<>();
      subscription.rows().forEach(row -> rows.put(row.text("id"), Told.values(row)));
      return Optional.of(rows);
    }
  }

  /**
   * A table of objects, with a listener that makes the same rows of the changes that it is told.
   */
  static final class Tabular extends Program {

    private final LiveTable<String, List<String>> table;

    Tabular(Told told, Temper temper, Supplier<TycostreamClient> connecting, TableQuery query) {
      super(told, temper, connecting);
      this.table = client().table(query, Told::values, List::getFirst);
      table.onChanges(this::changed);
    }

    private void changed(LiveTable.Changes<String, List<String>> changes) {
      for (LiveTable.Change<String, List<String>> change : changes.changes()) {
        told.change(change.key(), change.before(), change.now());
      }
      told.changed(changes.exact());
      LiveTable.View<String, List<String>> view = table.view();
      if (!view.position().equals(Optional.of(changes.position())) || !told.holds(view.rows())) {
        told.object("does not show what it tells, at " + changes.position());
      }
      temper.let();
    }

    @Override
    void look() {
      told.audit(List.copyOf(table.view().rows().values()));
    }

    @Override
    Optional<Map<String, List<String>>> held() {
      return Optional.of(new TreeMap<>(table.view().rows()));
    }
  }

  /**
   * Keeps its rows itself, and its place in a store; takes in what it is told, or throws before.
   */
  static final class Durable extends Program implements SubscriptionListener {

    private final TableQuery query;

    /** What it threw at, and so has to be told again. */
    private @Nullable TableEvent owed;

    Durable(Told told, Temper temper, Supplier<TycostreamClient> connecting, TableQuery query) {
      super(told, temper, connecting);
      this.query = query;
      client().subscribe(query, this);
    }

    /** Stopped and started again, it goes on where it was. */
    void restart() {
      renewClient();
      owed = null; // it may have become part of something larger
      client().subscribe(query, this);
    }

    private void taking(TableEvent event, Runnable work) {
      if (owed != null && !owed.equals(event)) {
        told.object("threw at " + place(owed) + " and was told " + place(event));
      }
      owed = event;
      temper.let();
      owed = null;
      work.run();
    }

    private static String place(TableEvent event) {
      return switch (event) {
        case TableState state -> "all rows at " + state.position();
        case TableBatch batch -> "the batch at " + batch.position();
        case Gap gap -> gap.toString();
      };
    }

    @Override
    public void onSnapshot(Subscription from, TableState state) {
      taking(state, () -> told.snapshot(state));
    }

    @Override
    public void onBatch(Subscription from, TableBatch batch) {
      taking(batch, () -> told.batch(batch));
    }

    @Override
    public void onGap(Subscription from, Gap gap) {
      taking(gap, () -> told.gap(gap));
    }

    @Override
    public void onError(Subscription from, Refusal refusal) {
      told.refused(refusal);
    }

    @Override
    public void onEnded(Subscription from, String reason) {
      told.object("ended: " + reason);
    }
  }

  /** A subscriber that asks for little, and not always at once. */
  static final class Subscribing extends Program implements Flow.Subscriber<TableEvent> {

    private static final int MOST = 3;

    private final AtomicLong outstanding = new AtomicLong();
    private Flow.@Nullable Subscription subscription;

    Subscribing(Told told, Temper temper, Supplier<TycostreamClient> connecting, TableQuery query) {
      super(told, temper, connecting);
      client().publisher(query).subscribe(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription = to;
      request(to);
    }

    private void request(Flow.Subscription from) {
      int count = 1 + temper.below(MOST);
      outstanding.addAndGet(count);
      from.request(count);
    }

    @Override
    public void onNext(TableEvent event) {
      if (outstanding.decrementAndGet() < 0) {
        told.object("was told what it had not requested");
      }
      switch (event) {
        case TableState state -> told.snapshot(state);
        case TableBatch batch -> told.batch(batch);
        case Gap gap -> told.gap(gap);
      }
      Flow.Subscription from = subscription;
      if (outstanding.get() == 0 && from != null) {
        Thread.ofVirtual()
            .name("requesting")
            .start(() -> {
              temper.let();
              request(from);
            });
      }
    }

    @Override
    public void onError(Throwable why) {
      told.object("failed: " + why);
    }

    @Override
    public void onComplete() {}
  }
}
