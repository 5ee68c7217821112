package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Outlet;
import io.tycostream.adapters.db.simulator.wire.Report;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What all sessions share, under one lock. Each change wakes everybody who waits, and they look
 * again.
 */
final class Model {

  /** Something happens, or goes wrong, before the next statement that contains a text. */
  record Trap(String part, Runnable action) {}

  final Catalogue catalogue = new Catalogue();

  /** Number of replicas by cluster. */
  final Map<String, Integer> clusters = new LinkedHashMap<>();

  final Set<Subscription> subscriptions = new LinkedHashSet<>();
  final Deque<Report> startFailures = new ArrayDeque<>();
  final List<Trap> traps = new ArrayList<>();
  final List<String> statements = new ArrayList<>();
  long clock;
  String environment = "aws-us-east-1-00000000-0000-0000-0000-000000000001-0";
  String version = "v26.24.0 (abcdef012)";
  Generation generation = Generation.NEWEST;
  OptionalLong maxResultSize = OptionalLong.empty();
  boolean historyInOneBatch;
  long nextStartLater;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Changes something and wakes all who wait. */
  void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      catalogue.all().forEach(this::release);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Changes what nobody waits for. */
  void quietly(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  <T> T read(Supplier<T> what) {
    lock.lock();
    try {
      return what.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is something, for a statement that may be cancelled.
   *
   * @param deadline in {@link System#nanoTime()}, or none
   * @return what there was; nothing after the deadline, for which what is there is taken all the
   *     same
   */
  <T> Optional<T> await(Outlet out, OptionalLong deadline, Supplier<Optional<T>> what) {
    lock.lock();
    try {
      for (; ; ) {
        out.check();
        Optional<T> found = what.get();
        if (found.isPresent()) {
          changed.signalAll();
          return found;
        }
        if (deadline.isEmpty()) {
          changed.await();
        } else {
          long left = deadline.getAsLong() - System.nanoTime();
          if (left <= 0) {
            return Optional.empty();
          }
          changed.awaitNanos(left);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #await} for a test, which nobody cancels. */
  boolean await(OptionalLong deadline, Supplier<Boolean> condition) {
    lock.lock();
    try {
      while (!condition.get()) {
        long left = deadline.orElseThrow() - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      lock.unlock();
    }
  }

  void wake() {
    change(() -> {});
  }

  /** A running subscribe holds its object at what it has emitted. */
  void release(MzObject object) {
    Optional<Long> held =
        subscriptions.stream()
            .filter(subscription -> subscription.object() == object)
            .map(Subscription::frontier)
            .reduce(MzTime::min);
    object.timeLine().release(held);
  }
}
