package io.tycostream.client;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A subscription of its own for each subscriber, which takes no more than it requested. */
final class QueryPublisher implements Flow.Publisher<TableEvent> {

  private final TableQuery query;
  private final BiFunction<TableQuery, SubscriptionListener, Subscription> following;
  private final Set<Subscribed> all;

  /**
   * @param following subscribes at the client
   * @param all of the client, each as long as it is followed
   */
  QueryPublisher(
      TableQuery query,
      BiFunction<TableQuery, SubscriptionListener, Subscription> following,
      Set<Subscribed> all) {
    this.query = query;
    this.following = following;
    this.all = all;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super TableEvent> subscriber) {
    Subscribed subscribed = new Subscribed(Objects.requireNonNull(subscriber, "subscriber"));
    subscriber.onSubscribe(subscribed); // before anything else can be said to it
    subscribed.begin();
  }

  /** One subscriber, which is told by the subscription's lane; that waits until it requests. */
  final class Subscribed implements Flow.Subscription, SubscriptionListener {

    private final Flow.Subscriber<? super TableEvent> subscriber;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long requested;
    private boolean over;

    /** Whether the subscriber is being told something: then what ends it comes behind that. */
    private boolean telling;

    private @Nullable Runnable last;
    private @Nullable Subscription subscription;

    private Subscribed(Flow.Subscriber<? super TableEvent> subscriber) {
      this.subscriber = subscriber;
    }

    private void begin() {
      if (isOver()) { // before it began
        return;
      }
      all.add(this);
      Subscription begun;
      try {
        begun = following.apply(query, this);
      } catch (IllegalStateException | IllegalArgumentException e) {
        fail(e);
        return;
      }
      lock.lock();
      try {
        subscription = begun;
        if (over) {
          all.remove(this); // it may have ended before it was there
          begun.close();
        }
      } finally {
        lock.unlock();
      }
    }

    private boolean isOver() {
      lock.lock();
      try {
        return over;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void request(long count) {
      if (count <= 0) {
        fail(new IllegalArgumentException("at least one has to be requested, not " + count));
        return;
      }
      lock.lock();
      try {
        requested = requested + count < 0 ? Long.MAX_VALUE : requested + count;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void cancel() {
      end(() -> {});
    }

    /** The client is closed. */
    void complete() {
      end(subscriber::onComplete);
    }

    private void fail(RuntimeException why) {
      end(() -> subscriber.onError(why));
    }

    /** Ends it, unless it has ended, and says so in the end. */
    private void end(Runnable saying) {
      all.remove(this);
      Subscription following;
      boolean later;
      lock.lock();
      try {
        if (over) {
          return;
        }
        over = true;
        changed.signalAll();
        following = subscription;
        later = telling;
        last = later ? saying : null;
      } finally {
        lock.unlock();
      }
      if (following != null) {
        following.close();
      }
      if (!later) {
        saying.run();
      }
    }

    /**
     * @throws UndeliveredException when it has ended before the subscriber wanted it, so that a
     *     durable one is told again
     */
    private void tell(TableEvent event) {
      lock.lock();
      try {
        while (requested == 0 && !over) {
          changed.awaitUninterruptibly();
        }
        if (over) {
          throw new UndeliveredException();
        }
        requested = requested == Long.MAX_VALUE ? requested : requested - 1;
        telling = true;
      } finally {
        lock.unlock();
      }
      try {
        subscriber.onNext(event);
      } catch (RuntimeException | Error thrown) {
        cancel(); // as the rules have it (2.13); it is logged by who called us
        throw thrown;
      } finally {
        told();
      }
    }

    private void told() {
      Runnable saying;
      lock.lock();
      try {
        telling = false;
        saying = last;
      } finally {
        lock.unlock();
      }
      if (saying != null) {
        saying.run();
      }
    }

    @Override
    public void onSnapshot(Subscription from, TableState state) {
      tell(state);
    }

    @Override
    public void onBatch(Subscription from, TableBatch batch) {
      tell(batch);
    }

    @Override
    public void onGap(Subscription from, Gap gap) {
      tell(gap);
    }

    @Override
    public void onEnded(Subscription from, String reason) {
      fail(new IllegalStateException(from.source() + " has ended: " + reason));
    }
  }
}
