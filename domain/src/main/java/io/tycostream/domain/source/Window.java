package io.tycostream.domain.source;

import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedBatch;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * How much of a feed may wait for a subscription, and what becomes of what is more.
 *
 * <p>What waits is the row changes from the next batch to the newest, without the newest: else a
 * transaction that is larger than the buffer could be delivered to nobody.
 *
 * <p>Owned by its cursor.
 */
final class Window {

  private final Buffer buffer;
  private final boolean forEvents;
  private long allowed = Long.MAX_VALUE;

  /** For drop-newest: the last batch that was there when the buffer was full; 0 when it is not. */
  private long frozenAt;

  /** For sample: whether the client is being given a part only, and has just been given one. */
  private boolean sampling;

  private boolean sampled;

  Window(Buffer buffer, boolean forEvents) {
    this.buffer = buffer;
    this.forEvents = forEvents;
  }

  /** What a cursor does next. */
  sealed interface Move {

    /** Hands the next batch out. */
    record Deliver(FeedBatch batch) implements Move {}

    /** Folds the batches up to this one, more than one. */
    record Fold(long upTo) implements Move {}

    /** Passes over the batches up to this one. */
    record Skip(long upTo) implements Move {}

    /** The next batch has left the log. */
    record Left() implements Move {}

    /** There is no next batch yet. */
    record None() implements Move {}
  }

  /** What comes next follows from nothing that came before: seqs may be counted anew. */
  void beginAnew() {
    frozenAt = 0;
    sampling = false;
    sampled = false;
  }

  void allow(long changes) {
    allowed = changes;
  }

  /** Whether folds are the subscriber's wish, and not a loss that is to be announced. */
  boolean foldsSilently() {
    return buffer.policy() == DropPolicy.CONFLATE;
  }

  /**
   * @param next the seq of the next batch
   * @param read the feed's row changes before it
   */
  Move move(Feed feed, long next, long read, Instant now) {
    Optional<FeedBatch> batch = feed.batch(next);
    if (batch.isEmpty()) {
      return feed.hasLeft(next) ? new Move.Left() : new Move.None();
    }
    long upTo = givesWay(feed, next, read, now);
    if (upTo < next || (upTo == next && !forEvents)) {
      return new Move.Deliver(batch.get());
    }
    return forEvents ? new Move.Skip(upTo) : new Move.Fold(upTo);
  }

  /** The last batch that is not delivered by itself; the one before the next when all are. */
  private long givesWay(Feed feed, long next, long read, Instant now) {
    long head = feed.head();
    return switch (buffer.policy()) {
      case CONFLATE -> head;
      case DROP_OLDEST, BY_PRIORITY -> oldest(feed, next, read, head);
      case BY_AGE -> Math.max(aged(feed, next, head, now), oldest(feed, next, read, head));
      case DROP_NEWEST -> newest(feed, next, read, head);
      case SAMPLE -> sample(feed, next, read, head);
    };
  }

  private long max() {
    return Math.min(buffer.maxSize(), allowed);
  }

  private boolean isOver(Feed feed, long read, long head) {
    return feed.changesUpTo(head - 1) - read > max();
  }

  /** Over the limit: up to where the rest is half of it. */
  private long oldest(Feed feed, long next, long read, long head) {
    if (head <= next || !isOver(feed, read, head)) {
      return next - 1;
    }
    long newestTotal = feed.changesUpTo(head);
    long low = next;
    long high = head - 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (newestTotal - feed.changesUpTo(middle) <= max() / 2) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private long aged(Feed feed, long next, long head, Instant now) {
    Instant oldest = now.minus(buffer.maxAge());
    long low = next;
    long high = head + 1;
    while (low < high) { // the first that is young enough
      long middle = (low + high) >>> 1;
      boolean isOld =
          feed.batch(middle).map(batch -> batch.entry().appendedAt().isBefore(oldest)).orElse(true);
      if (isOld) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  private long newest(Feed feed, long next, long read, long head) {
    if (frozenAt == 0 && head > next && isOver(feed, read, head)) {
      frozenAt = lastWithin(next, head, seq -> feed.changesUpTo(seq) - read, max());
    }
    if (frozenAt == 0 || next <= frozenAt) {
      return next - 1;
    }
    frozenAt = 0;
    return head;
  }

  /**
   * Of some batches the last one up to which there are no more than so many row changes; the first
   * in any case.
   *
   * <p>The log may let go of any of them meanwhile, and does not know then what it had counted: so
   * what it says may be anything, and this comes to an end all the same.
   *
   * @param head behind the last of them, which is over
   * @param changesUpTo row changes up to and including a batch
   */
  static long lastWithin(long first, long head, LongUnaryOperator changesUpTo, long most) {
    long low = first;
    long high = head - 1;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (changesUpTo.applyAsLong(middle) <= most) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private long sample(Feed feed, long next, long read, long head) {
    if (isOver(feed, read, head)) {
      sampling = true;
    } else if (feed.changesUpTo(head) - read <= max() / 2) {
      sampling = false;
    }
    if (!sampling || sampled) {
      sampled = false;
      return next - 1;
    }
    sampled = true;
    return Math.min(next + buffer.sample() - 2, head - 1);
  }
}
