package io.tycostream.client;

import io.tycostream.domain.change.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a query shows as objects of the program, by their keys: always those of one
 * position, whatever breaks.
 *
 * <p>Safe from any thread. What is asked never sees half of a transaction. A row that cannot be
 * made an object of ends the table, loudly: whatever is asked of it then throws.
 *
 * @param <K> keys, good ones for a map
 * @param <V> rows, immutable ones
 */
public final class LiveTable<K, V> implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(LiveTable.class.getName());

  private final Function<TableRow, V> value;
  private final Function<V, K> key;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final List<Consumer<Changes<K, V>>> listeners = new CopyOnWriteArrayList<>();

  // Guarded by the lock; written by the subscription's thread alone.
  private Map<K, V> rows = new HashMap<>();
  private @Nullable String position;
  private @Nullable IllegalStateException failure;

  private volatile @Nullable LiveSubscription subscription;

  LiveTable(Function<TableRow, V> value, Function<V, K> key) {
    this.value = value;
    this.key = key;
  }

  /** The client follows it. */
  void follow(LiveSubscription begun) {
    subscription = begun;
  }

  /**
   * All rows at one position; stays as it is.
   *
   * @param position nothing before the first rows came
   */
  public record View<K, V>(Optional<String> position, Map<K, V> rows) {
    public View {
      rows = Collections.unmodifiableMap(rows);
    }
  }

  /**
   * From one position to the next: what became of each key, in no order.
   *
   * @param exact whether these are all single changes in between; else the net of them
   */
  public record Changes<K, V>(String position, List<Change<K, V>> changes, boolean exact) {
    public Changes {
      changes = List.copyOf(changes);
    }
  }

  /**
   * What became of a key; at least one of the two is there.
   *
   * @param before nothing for a new row
   * @param now nothing for one that is gone
   */
  public record Change<K, V>(K key, Optional<V> before, Optional<V> now) {}

  /** The row with a key. */
  public Optional<V> get(K wanted) {
    return reading(() -> Optional.ofNullable(rows.get(wanted)));
  }

  /** How many rows there are. */
  public int size() {
    return reading(() -> rows.size());
  }

  /** How far the rows have come; nothing before the first. */
  public Optional<String> position() {
    return reading(() -> Optional.ofNullable(position));
  }

  /** A copy of all rows. Costs time and memory in proportion to them. */
  public View<K, V> view() {
    return reading(() -> new View<>(Optional.ofNullable(position), new HashMap<>(rows)));
  }

  /**
   * Calls the listener with all rows that are here, as new ones, and then with each change, by the
   * table's own thread, after it can be seen here. It may block, as a {@link SubscriptionListener}
   * may.
   */
  public void onChanges(Consumer<Changes<K, V>> listener) {
    Objects.requireNonNull(listener, "listener");
    LiveSubscription following = subscription;
    if (following != null) {
      following.lane().put(() -> begin(listener));
    }
  }

  /** On the table's own thread, so that nothing changes meanwhile. */
  private void begin(Consumer<Changes<K, V>> listener) {
    listeners.add(listener);
    String at = position;
    if (at != null && failure == null) {
      List<Change<K, V>> all = new ArrayList<>();
      rows.forEach((each, now) -> all.add(new Change<>(each, Optional.empty(), Optional.of(now))));
      tell(listener, new Changes<>(at, all, false));
    }
  }

  /**
   * Waits for the first rows.
   *
   * @return whether they are there
   * @throws IllegalStateException when the table has ended
   */
  public boolean awaitRows(Duration patience) throws InterruptedException {
    return await(() -> position != null, patience);
  }

  /**
   * Waits until everything up to a position is in here.
   *
   * @param wanted a position of a subscription to the same query, also one of another client
   * @return whether it is
   * @throws IllegalArgumentException when it is no position
   * @throws IllegalStateException when the table has ended
   */
  public boolean awaitPosition(String wanted, Duration patience) throws InterruptedException {
    Position goal =
        Position.parse(wanted)
            .orElseThrow(() -> new IllegalArgumentException("no position: " + wanted));
    return await(() -> hasReached(goal), patience);
  }

  private boolean hasReached(Position goal) {
    return Optional.ofNullable(position)
        .flatMap(Position::parse)
        .filter(at -> at.sameHistory(goal) && !goal.isAfter(at))
        .isPresent();
  }

  private boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
    long nanos = patience.toNanos();
    lock.lockInterruptibly();
    try {
      check();
      while (!condition.getAsBoolean()) {
        if (nanos <= 0) {
          return false;
        }
        nanos = moved.awaitNanos(nanos);
        check();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private <T> T reading(Supplier<T> read) {
    lock.lock();
    try {
      check();
      return read.get();
    } finally {
      lock.unlock();
    }
  }

  private void check() {
    if (failure != null) {
      throw new IllegalStateException(failure.getMessage(), failure.getCause());
    }
  }

  /** Ends it; the rows stay as they are. */
  @Override
  public void close() {
    LiveSubscription following = subscription;
    if (following != null) {
      following.close();
    }
  }

  /** What the client is told, applied here. */
  SubscriptionListener listener() {
    return new SubscriptionListener() {
      @Override
      public void onSnapshot(Subscription from, TableState state) {
        applying(from, () -> replace(state));
      }

      @Override
      public void onBatch(Subscription from, TableBatch batch) {
        applying(from, () -> apply(batch));
      }

      @Override
      public void onProgress(Subscription from, String at) {
        applying(
            from,
            () -> {
              reach(rows, at);
              return List.of();
            });
      }

      @Override
      public void onEnded(Subscription from, String reason) {
        fail(new IllegalStateException("the table of " + from.source() + " has ended: " + reason));
      }
    };
  }

  /** What is done to the rows; the changes that came of it, and how they are to be told. */
  private interface Work<K, V> {
    List<Changes<K, V>> perform();
  }

  private void applying(Subscription from, Work<K, V> work) {
    if (failure != null) {
      return;
    }
    try {
      for (Changes<K, V> changes : work.perform()) {
        listeners.forEach(each -> tell(each, changes));
      }
    } catch (RowException e) {
      fail(new IllegalStateException(e.getMessage(), e.getCause()));
      from.close();
    }
  }

  private void tell(Consumer<Changes<K, V>> listener, Changes<K, V> changes) {
    try {
      listener.accept(changes);
    } catch (RuntimeException thrown) { // whatever a listener does, the others are told
      LOG.log(System.Logger.Level.ERROR, "a listener of a table threw", thrown);
    }
  }

  private List<Changes<K, V>> replace(TableState state) {
    Map<K, V> fresh = new HashMap<>();
    for (TableRow row : state.rows()) {
      V made = made(row);
      if (fresh.put(keyOf(made), made) != null) {
        throw new RowException("two rows have the key " + keyOf(made), null);
      }
    }
    List<Change<K, V>> changes = new ArrayList<>();
    rows.forEach((each, before) -> {
      V now = fresh.get(each);
      if (!before.equals(now)) {
        changes.add(new Change<>(each, Optional.of(before), Optional.ofNullable(now)));
      }
    });
    fresh.forEach((each, now) -> {
      if (!rows.containsKey(each)) {
        changes.add(new Change<>(each, Optional.empty(), Optional.of(now)));
      }
    });
    String at = state.position().orElse("");
    reach(fresh, at);
    return List.of(new Changes<>(at, changes, false));
  }

  private List<Changes<K, V>> apply(TableBatch batch) {
    // What leaves a key goes first: another row of the same batch may have come to it.
    Map<K, Optional<V>> after = new LinkedHashMap<>();
    Map<K, Optional<V>> come = new LinkedHashMap<>();
    for (TableChange change : batch.changes()) {
      switch (change) {
        case TableChange.Inserted(TableRow row) -> come(row, come);
        case TableChange.Updated(Optional<TableRow> before, TableRow row) -> {
          before.ifPresent(was -> after.put(keyOf(made(was)), Optional.empty()));
          come(row, come);
        }
        case TableChange.Deleted(TableRow row) -> after.put(keyOf(made(row)), Optional.empty());
      }
    }
    after.putAll(come);
    List<Change<K, V>> changes = new ArrayList<>();
    lock.lock();
    try {
      after.forEach((each, now) -> {
        Optional<V> before = Optional.ofNullable(rows.get(each));
        now.ifPresentOrElse(there -> rows.put(each, there), () -> rows.remove(each));
        if (!before.equals(now)) {
          changes.add(new Change<>(each, before, now));
        }
      });
      reach(rows, batch.position());
    } finally {
      lock.unlock();
    }
    return List.of(new Changes<>(batch.position(), changes, batch.exact()));
  }

  private void come(TableRow row, Map<K, Optional<V>> to) {
    V now = made(row);
    to.put(keyOf(now), Optional.of(now));
  }

  private void reach(Map<K, V> fresh, String at) {
    lock.lock();
    try {
      rows = fresh;
      position = at;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(IllegalStateException why) {
    lock.lock();
    try {
      failure = why;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private V made(TableRow row) {
    try {
      return Objects.requireNonNull(value.apply(row), "a row became null");
    } catch (RuntimeException e) {
      throw new RowException("no object can be made of " + row + ": " + e.getMessage(), e);
    }
  }

  private K keyOf(V of) {
    try {
      return Objects.requireNonNull(key.apply(of), "a key is null");
    } catch (RuntimeException e) {
      throw new RowException("no key can be taken of " + of + ": " + e.getMessage(), e);
    }
  }

  private static final class RowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RowException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
