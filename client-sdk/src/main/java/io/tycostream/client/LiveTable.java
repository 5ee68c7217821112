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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
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
 * made an object of, two rows with one key, and whatever ends its subscription end the table:
 * {@linkplain #observe observers} are told, it is said in the log, and whatever is asked of it then
 * throws {@link IllegalStateException} with the reason.
 *
 * <p>When the program closes the table or its client, the rows stay as they are, and are what the
 * listeners were told: {@link TycostreamClient#close} returns behind the last call of a listener.
 *
 * @param <K> keys, good ones for a map
 * @param <V> rows, immutable ones
 */
public final class LiveTable<K, V> implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(LiveTable.class.getName());

  private final Function<TableRow, V> value;
  private final Function<V, K> key;
  private final LongAdder failures;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final List<Consumer<Changes<K, V>>> listeners = new CopyOnWriteArrayList<>();
  private final List<SubscriptionListener> observers = new CopyOnWriteArrayList<>();

  /**
   * What was made of each row, by what identifies it at the source; of the subscription's thread.
   */
  private Map<TableRow, Held<K, V>> held = new HashMap<>();

  // Guarded by the lock; written by the subscription's thread alone.
  private Map<K, V> rows = new HashMap<>();
  private @Nullable String position;
  private @Nullable IllegalStateException failure;
  private boolean over;

  private volatile @Nullable LiveSubscription subscription;

  /**
   * @param failures counts what listeners throw
   */
  LiveTable(Function<TableRow, V> value, Function<V, K> key, LongAdder failures) {
    this.value = value;
    this.key = key;
    this.failures = failures;
  }

  /** The client follows it. */
  void follow(LiveSubscription begun) {
    subscription = begun;
  }

  /** Nothing comes any more: nobody waits for it either. */
  void over() {
    lock.lock();
    try {
      over = true;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * All rows at one position; stays as it is.
   *
   * @param position nothing before the first rows came
   * @param rows in no particular order
   */
  public record View<K, V>(Optional<String> position, Map<K, V> rows) {
    public View {
      rows = Collections.unmodifiableMap(rows);
    }
  }

  /**
   * From one position to the next: what became of each key, in no order.
   *
   * @param exact whether these are all single changes in between; else the net of them, as the
   *     first time and when all rows came anew
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

  private record Held<K, V>(K key, V value) {}

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
   * table's own thread, after it can be seen here. Where there are no rows yet it is called when
   * they come, also when there are none of them; when the table has ended, never. It may block, as
   * a {@link SubscriptionListener} may; what it throws is logged and counted.
   */
  public void onChanges(Consumer<Changes<K, V>> listener) {
    Objects.requireNonNull(listener, "listener");
    LiveSubscription following = subscription;
    if (following != null) {
      following.lane().put(() -> begin(listener));
    }
  }

  /**
   * Tells the observer from now on everything that the table's subscription is told, by the table's
   * own thread, each after it is done here: gaps, how the source and the connection stand, and that
   * the table has ended, which it says with {@link SubscriptionListener#onEnded}, whyever. When the
   * table has ended before, it is told so at once, by the calling thread.
   */
  public void observe(SubscriptionListener observer) {
    IllegalStateException ended;
    lock.lock();
    try {
      ended = failure;
      if (ended == null) {
        observers.add(Objects.requireNonNull(observer, "observer"));
      }
    } finally {
      lock.unlock();
    }
    LiveSubscription following = subscription;
    if (ended != null && following != null) {
      observer.onEnded(following, String.valueOf(ended.getMessage()));
    }
  }

  /** On the table's own thread, so that nothing changes meanwhile. */
  private void begin(Consumer<Changes<K, V>> listener) {
    listeners.add(listener);
    String at = position;
    if (at != null && failure == null) {
      List<Change<K, V>> all = new ArrayList<>();
      rows.forEach((each, now) -> all.add(new Change<>(each, Optional.empty(), Optional.of(now))));
      tell(() -> listener.accept(new Changes<>(at, all, false)));
    }
  }

  /**
   * Waits for the first rows. They may be of a moment some seconds ago, as the gateway shares them
   * among all who ask; what happened since then follows at once.
   *
   * @return whether they are there; {@code false} at once when the program closes the table
   * @throws IllegalStateException when the table has ended, or its own listener waits
   */
  public boolean awaitRows(Duration patience) throws InterruptedException {
    return await(() -> position != null, patience);
  }

  /**
   * Waits until everything up to a position is in here. Listeners may be told of it a moment later.
   *
   * @param wanted a position of a subscription to the same query, also one of another client
   * @return whether it is; {@code false} also for one of another database, which never comes, and
   *     at once when the program closes the table
   * @throws IllegalArgumentException when it is no position, or one of another query: of another
   *     condition, other columns, or other permissions
   * @throws IllegalStateException when the table has ended, or its own listener waits
   */
  public boolean awaitPosition(String wanted, Duration patience) throws InterruptedException {
    Position goal =
        Position.parse(wanted)
            .orElseThrow(() -> new IllegalArgumentException("no position: " + wanted));
    return await(() -> hasReached(goal), patience);
  }

  private boolean hasReached(Position goal) {
    Optional<Position> here = Optional.ofNullable(position).flatMap(Position::parse);
    if (here.isPresent() && !here.get().print().equals(goal.print())) {
      throw new IllegalArgumentException(
          goal + " is a position of another query than this table's, which is at " + here.get());
    }
    return here.filter(at -> at.sameHistory(goal) && !goal.isAfter(at)).isPresent();
  }

  private boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
    LiveSubscription following = subscription;
    if (following != null && following.lane().isMine()) {
      throw new IllegalStateException("the table does not move while its listener waits for it");
    }
    long nanos = TimeUnit.NANOSECONDS.convert(patience);
    lock.lockInterruptibly();
    try {
      check();
      while (!condition.getAsBoolean()) {
        if (nanos <= 0 || over) {
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

  /** Ends it; the rows stay as they are. Does not wait for a call of a listener in progress. */
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
        applying(from, () -> replace(state), each -> each.onSnapshot(from, state));
      }

      @Override
      public void onBatch(Subscription from, TableBatch batch) {
        applying(from, () -> apply(batch), each -> each.onBatch(from, batch));
      }

      @Override
      public void onProgress(Subscription from, String at) {
        applying(
            from,
            () -> {
              reach(rows, at);
              return List.of();
            },
            each -> each.onProgress(from, at));
      }

      @Override
      public void onGap(Subscription from, Gap gap) {
        tellObservers(each -> each.onGap(from, gap));
      }

      @Override
      public void onSourceState(Subscription from, SourceState state) {
        tellObservers(each -> each.onSourceState(from, state));
      }

      @Override
      public void onConnectionState(Subscription from, ConnectionState state) {
        tellObservers(each -> each.onConnectionState(from, state));
      }

      @Override
      public void onPressure(Subscription from, Pressure pressure) {
        tellObservers(each -> each.onPressure(from, pressure));
      }

      @Override
      public void onError(Subscription from, Refusal refusal) {
        if (observers.isEmpty()) {
          SubscriptionListener.super.onError(from, refusal);
        }
        tellObservers(each -> each.onError(from, refusal));
      }

      @Override
      public void onEnded(Subscription from, String reason) {
        end(
            from,
            new IllegalStateException("the table of " + from.source() + " has ended: " + reason));
      }
    };
  }

  /** What is done to the rows; the changes that came of it, and how they are to be told. */
  private interface Work<K, V> {
    List<Changes<K, V>> perform();
  }

  private void applying(
      Subscription from, Work<K, V> work, Consumer<SubscriptionListener> observation) {
    if (failure != null) {
      return;
    }
    try {
      for (Changes<K, V> changes : work.perform()) {
        listeners.forEach(each -> tell(() -> each.accept(changes)));
      }
    } catch (RowException e) {
      end(from, new IllegalStateException(e.getMessage(), e.getCause()));
      return;
    } catch (Throwable e) { // thrown by the program's rows or keys, in equals for one
      end(from, new IllegalStateException("the rows cannot be kept: " + e, e));
      return;
    }
    tellObservers(observation);
  }

  /** What was not applied whole must not be seen. */
  private void end(Subscription from, IllegalStateException why) {
    fail(why);
    tellObservers(each -> each.onEnded(from, String.valueOf(why.getMessage())));
    from.close();
  }

  private void tellObservers(Consumer<SubscriptionListener> observation) {
    observers.forEach(each -> tell(() -> observation.accept(each)));
  }

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (Throwable thrown) { // whatever a listener does, the others are told
      failures.increment();
      LOG.log(System.Logger.Level.ERROR, "a listener of a table threw", thrown);
    }
  }

  private List<Changes<K, V>> replace(TableState state) {
    Map<TableRow, Held<K, V>> all = new HashMap<>();
    Map<K, V> fresh = new HashMap<>();
    for (TableRow row : state.rows()) {
      Held<K, V> made = made(row);
      if (fresh.put(made.key(), made.value()) != null) {
        throw new RowException("two rows have the key " + made.key(), null);
      }
      all.put(row.identity(), made);
    }
    List<Change<K, V>> changes = new ArrayList<>();
    if (!listeners.isEmpty()) {
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
    }
    String at = state.position().orElse("");
    held = all;
    reach(fresh, at);
    return List.of(new Changes<>(at, changes, false));
  }

  private List<Changes<K, V>> apply(TableBatch batch) {
    List<Held<K, V>> leaving = new ArrayList<>();
    List<Held<K, V>> coming = new ArrayList<>(batch.changes().size());
    for (TableChange change : batch.changes()) {
      TableRow identity = change.row().identity();
      if (change instanceof TableChange.Deleted) {
        leaving.add(removed(identity));
        continue;
      }
      Held<K, V> now = made(change.row());
      Held<K, V> before = held.put(identity, now);
      if (before != null && change instanceof TableChange.Inserted) { // without a key at the source
        throw new RowException("two rows have the key " + now.key(), null);
      }
      if (before != null && !before.key().equals(now.key())) {
        leaving.add(before);
      }
      coming.add(now);
    }
    Map<K, Change<K, V>> changes = new LinkedHashMap<>();
    lock.lock();
    try {
      exchange(leaving, coming, changes);
      reach(rows, batch.position());
    } catch (Throwable thrown) {
      failure = new IllegalStateException(thrown.getMessage(), thrown); // nobody sees half of it
      throw thrown;
    } finally {
      lock.unlock();
    }
    return List.of(new Changes<>(batch.position(), List.copyOf(changes.values()), batch.exact()));
  }

  /** A key that one row leaves may be another one's in the same batch. */
  private void exchange(
      List<Held<K, V>> leaving, List<Held<K, V>> coming, Map<K, Change<K, V>> changes) {
    for (Held<K, V> each : leaving) {
      rows.remove(each.key());
      told(each.key(), Optional.of(each.value()), Optional.empty(), changes);
    }
    for (Held<K, V> each : coming) {
      Optional<V> before = Optional.ofNullable(rows.put(each.key(), each.value()));
      told(each.key(), before, Optional.of(each.value()), changes);
    }
    if (rows.size() != held.size()) {
      throw new RowException("two rows have the same key", null);
    }
  }

  private Held<K, V> removed(TableRow identity) {
    Held<K, V> before = held.remove(identity);
    if (before == null) {
      throw new IllegalStateException("the client told of the end of a row that is not here");
    }
    return before;
  }

  private void told(K key, Optional<V> before, Optional<V> now, Map<K, Change<K, V>> changes) {
    if (!listeners.isEmpty()) {
      Change<K, V> earlier = changes.get(key);
      Optional<V> first = earlier == null ? before : earlier.before();
      if (first.equals(now)) {
        changes.remove(key);
      } else {
        changes.put(key, new Change<>(key, first, now));
      }
    }
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
    LOG.log(System.Logger.Level.ERROR, "a table has ended: " + why.getMessage());
    lock.lock();
    try {
      failure = why;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Held<K, V> made(TableRow row) {
    V made;
    try {
      made = Objects.requireNonNull(value.apply(row), "a row became null");
    } catch (Exception e) {
      throw new RowException("no object can be made of " + row + ": " + e.getMessage(), e);
    }
    return new Held<>(keyOf(made), made);
  }

  private K keyOf(V of) {
    try {
      return Objects.requireNonNull(key.apply(of), "a key is null");
    } catch (Exception e) {
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
