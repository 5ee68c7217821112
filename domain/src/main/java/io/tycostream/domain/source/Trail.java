package io.tycostream.domain.source;

import io.tycostream.domain.upstream.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** When a stream was where, coarsely: what a span of the gateway's time is in the database's. */
final class Trail {

  /** About so many marks are kept, but none are made more often than once a second. */
  private static final int MARKS = 512;

  private record Mark(Instant at, Checkpoint complete) {}

  private final Duration span;
  private final Duration interval;
  private final Deque<Mark> marks = new ArrayDeque<>();

  /**
   * @param span the longest that is asked for
   */
  Trail(Duration span) {
    Duration part = span.dividedBy(MARKS);
    Duration least = Duration.ofSeconds(1);
    this.span = span;
    this.interval = part.compareTo(least) < 0 ? least : part;
  }

  /** It is there now. */
  void pass(Checkpoint complete, Instant now) {
    Mark last = marks.peekLast();
    if (last != null && now.isBefore(last.at.plus(interval))) {
      return;
    }
    marks.addLast(new Mark(now, complete));
    Instant since = now.minus(span);
    while (marks.size() > 1 && !second().at.isAfter(since)) {
      marks.removeFirst();
    }
  }

  private Mark second() {
    var each = marks.iterator();
    each.next();
    return each.next();
  }

  /**
   * Where it was at some moment, or before it; nothing when it was nowhere in this history then.
   */
  Optional<Checkpoint> lastBefore(Instant moment, String epoch) {
    for (var each = marks.descendingIterator(); each.hasNext(); ) {
      Mark mark = each.next();
      if (!mark.at.isAfter(moment)) {
        return Optional.of(mark.complete).filter(there -> there.epoch().equals(epoch));
      }
    }
    return Optional.empty();
  }
}
