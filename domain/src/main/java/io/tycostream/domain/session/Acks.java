package io.tycostream.domain.session;

import io.tycostream.domain.change.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a client is behind in acknowledging what one subscription sent.
 *
 * <p>What was sent is remembered as marks, each standing for the changes between the mark before it
 * and itself. When there are too many, neighbours become one, so that memory is bounded; what is
 * said to lag is then too much by a part of a mark, never too little, and an ack of the last
 * position sent always leaves nothing behind. An ack only counts for marks that it reaches whole.
 *
 * <p>Owned by one thread at a time.
 */
public final class Acks {

  /** What came of an ack. */
  public enum Outcome {
    /** The client has processed more than before. */
    ADVANCED,
    /** It says nothing new: ignored, as acks may cross with other messages. */
    REPEATED,
    /** It is of what was sent before the source was reset: ignored, for the same reason. */
    OUTDATED,
    /** Nothing up to there was ever sent, or it is a position of something else: refused. */
    UNKNOWN
  }

  /**
   * @param upTo the last position of it
   * @param total changes sent up to there
   * @param since when the first change of it was sent
   */
  private record Mark(Position upTo, long total, Instant since) {}

  private static final Mark[] NO_MARKS = {};

  /** So many resets may lie between what a client takes and what it acknowledges. */
  private static final int OUTDATED = 8;

  private Mark[] marks;
  private int size;
  private long sent;
  private long acked;
  private @Nullable Position sentUpTo;
  private @Nullable Position ackedUpTo;

  /** Positions of the histories that were left, the latest first. */
  private final Deque<Position> outdated = new ArrayDeque<>();

  /**
   * @param capacity marks, at least 2
   * @throws IllegalArgumentException when it is less
   */
  public Acks(int capacity) {
    if (capacity < 2) {
      throw new IllegalArgumentException("at least 2 marks, not " + capacity);
    }
    this.marks = new Mark[capacity];
  }

  /**
   * The client does not say what it has processed: from now on no marks are kept, and nothing is
   * said to lag. What it says all the same is understood.
   */
  void expectNone() {
    marks = NO_MARKS;
    size = 0;
    acked = sent;
  }

  /**
   * Something was sent.
   *
   * @param upTo not before anything that was sent before it, unless the source was reset
   * @param changes in it; 0 where only the position moved
   * @throws IllegalArgumentException when the position goes back or changes are negative
   */
  public void sent(Position upTo, long changes, Instant now) {
    Position before = sentUpTo;
    if (changes < 0) {
      throw new IllegalArgumentException(changes + " changes");
    }
    if (before != null && !before.sameHistory(upTo)) {
      beginAnew();
    } else if (before != null && before.isAfter(upTo)) {
      throw new IllegalArgumentException(upTo + " was sent after " + before);
    }
    sentUpTo = upTo;
    if (changes == 0) {
      return;
    }
    sent += changes;
    if (marks.length == 0 || (ackedUpTo != null && !upTo.isAfter(ackedUpTo))) {
      // No acks are expected, or these are rows once more at a position that was acknowledged.
      acked = sent;
      return;
    }
    if (size == marks.length) {
      thinOut();
    }
    marks[size++] = new Mark(upTo, sent, now);
  }

  /** What was sent before is of no use any more, processed or not. */
  public void beginAnew() {
    Position before = sentUpTo;
    if (before != null) {
      outdated.addFirst(before);
      if (outdated.size() > OUTDATED) {
        outdated.removeLast();
      }
    }
    sentUpTo = null;
    acked = sent;
    ackedUpTo = null;
    size = 0;
  }

  /** The client says that it has processed everything up to a position. */
  public Outcome acked(Position upTo) {
    Position last = sentUpTo;
    if (last == null || !last.sameHistory(upTo)) {
      return outdated.stream().anyMatch(upTo::sameHistory) ? Outcome.OUTDATED : Outcome.UNKNOWN;
    }
    if (upTo.isAfter(last)) {
      return Outcome.UNKNOWN;
    }
    Position before = ackedUpTo;
    if (before != null && !upTo.isAfter(before)) {
      return Outcome.REPEATED;
    }
    ackedUpTo = upTo;
    int whole = 0;
    while (whole < size && !marks[whole].upTo().isAfter(upTo)) {
      acked = marks[whole++].total();
    }
    keepFrom(whole);
    return Outcome.ADVANCED;
  }

  /** Changes that were sent and not acknowledged. */
  public long lag() {
    return sent - acked;
  }

  /** How long ago the oldest of them was sent; zero when there are none. */
  public Duration lagTime(Instant now) {
    if (size == 0 || now.isBefore(marks[0].since())) {
      return Duration.ZERO;
    }
    return Duration.between(marks[0].since(), now);
  }

  /** When the oldest of them was sent; nothing when there are none. */
  public Optional<Instant> lagsSince() {
    return size == 0 ? Optional.empty() : Optional.of(marks[0].since());
  }

  /** Up to where the client says that it has processed everything. */
  public Optional<Position> ackedUpTo() {
    return Optional.ofNullable(ackedUpTo);
  }

  /** Changes sent in all. */
  public long sent() {
    return sent;
  }

  private void thinOut() {
    int fewer = 0;
    for (int i = 0; i < size; i += 2) {
      Mark later = marks[Math.min(i + 1, size - 1)];
      marks[fewer++] = new Mark(later.upTo(), later.total(), marks[i].since());
    }
    size = fewer;
  }

  private void keepFrom(int first) {
    System.arraycopy(marks, first, marks, 0, size - first);
    size -= first;
  }
}
