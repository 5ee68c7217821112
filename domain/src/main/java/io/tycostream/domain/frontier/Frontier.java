package io.tycostream.domain.frontier;

import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far a stream is complete, and what it told of the one moment that is not complete yet.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@link #complete} only goes forward, in unsigned order, except through a snapshot.
 *   <li>A moment comes out once, whole, and only if it is after all that came out before. What a
 *       resumed stream tells again is dropped.
 *   <li>After {@link #cut} nothing of an incomplete moment is left: the database tells it again to
 *       a stream that is resumed behind {@link #complete}.
 *   <li>What a stream itself has closed it cannot add to: that is a {@link DisorderException}, and
 *       nothing comes out any more until {@link #cut}.
 * </ol>
 *
 * <p>Owned by one thread.
 *
 * @param <S> what names a source
 */
public final class Frontier<S> {

  private final Map<S, Pending> pending = new LinkedHashMap<>();

  /** Inclusive. */
  private @Nullable Long complete;

  /** Through where this very stream has said that it told everything; inclusive. */
  private @Nullable Long closed;

  /** The time of the open moment, where its rows bear one. */
  private @Nullable Long openAt;

  /** Whether the open moment is a snapshot. */
  private boolean snapshot;

  private boolean disordered;

  /** What was told of one source in the moment that is not complete. */
  private static final class Pending {

    final List<RowEvent> events = new ArrayList<>();
    long bytes;
  }

  /**
   * Everything up to {@code time} is applied, from a snapshot that was read apart; what was told
   * before is forgotten.
   */
  public void startAt(long time) {
    cut();
    complete = time;
  }

  /**
   * The rows at {@code time} are going to be told, as the first moment of the stream. Until it is
   * closed {@link #complete} stays what it was, so that a stream that breaks in it leaves nothing.
   */
  public void startWith(long time) {
    if (snapshot && isOpenAt(time)) {
      return; // the snapshot of another source of the same stream
    }
    cut();
    openAt = time;
    snapshot = true;
    closed = time == 0 ? null : time - 1;
  }

  /**
   * A resumed stream tells everything that is later than {@code time}.
   *
   * @throws DisorderException when that is later than {@link #complete}, and what lies between
   *     would be missing
   */
  public void resumeBehind(long time) {
    if (complete == null || Long.compareUnsigned(time, complete) > 0) {
      throw disorder("the stream begins behind " + text(time), complete);
    }
  }

  /** The inclusive time to resume behind, unsigned; nothing before the first snapshot. */
  public OptionalLong complete() {
    return complete == null ? OptionalLong.empty() : OptionalLong.of(complete);
  }

  /** Whether it is complete up to exactly this time. */
  public boolean isCompleteAt(long time) {
    return complete != null && complete == time;
  }

  /** Whether a moment is open whose rows bear this time. */
  public boolean isOpenAt(long time) {
    return openAt != null && openAt == time;
  }

  /** About how much memory the incomplete moment takes for one source, in bytes. */
  public long pendingBytes(S source) {
    Pending told = pending.get(source);
    return told == null ? 0 : told.bytes;
  }

  /** How many events of one source the incomplete moment has. */
  public int pendingEvents(S source) {
    Pending told = pending.get(source);
    return told == null ? 0 : told.events.size();
  }

  /** Forgets what was told of one source in the moment that is being told. */
  public void forget(S source) {
    pending.remove(source);
  }

  /** Something happened in the transaction that is being told. */
  public void row(S source, RowEvent event) {
    Pending told = pending.computeIfAbsent(source, first -> new Pending());
    told.events.add(event);
    told.bytes += event.bytes();
  }

  /**
   * The transaction that was being told is complete.
   *
   * @param time of the transaction
   * @return the moment, or nothing when it was applied before: a database may tell again what it
   *     told to an earlier stream
   * @throws DisorderException when this stream had told everything up to there
   */
  public Optional<Moment<S>> commit(long time) {
    if (complete == null || openAt != null || isClosed(time)) {
      throw disorder("a transaction at " + text(time), closed);
    }
    closed = time;
    boolean isNew = Long.compareUnsigned(time, complete) > 0;
    Optional<Moment<S>> moment = isNew ? Optional.of(moment(time)) : Optional.empty();
    pending.clear();
    if (isNew) {
      complete = time;
    }
    return moment;
  }

  /**
   * Between two transactions the database says that nothing else happened up to {@code time}. One
   * that is behind says nothing new, and is no disorder: PostgreSQL tells of any place that it
   * happens to read, of a resumed stream and of transactions that do not concern us too.
   *
   * @return whether that is further than what was known
   */
  public boolean progress(long time) {
    boolean further =
        complete != null
            && openAt == null
            && pending.isEmpty()
            && !disordered
            && Long.compareUnsigned(time, complete) > 0;
    if (further) {
      complete = time;
      closed = time;
    }
    return further;
  }

  /** Whether it is between two transactions, and complete up to exactly this time. */
  public boolean standsAt(long time) {
    return pending.isEmpty() && isCompleteAt(time);
  }

  /**
   * Something happened at a time, so everything before that was told.
   *
   * @return the moment that this completes
   * @throws DisorderException when this stream had told everything up to there
   */
  public Optional<Moment<S>> row(S source, long time, RowEvent event) {
    if (isOpenAt(time) && !disordered) { // everything before it was closed with its first row
      row(source, event);
      return Optional.empty();
    }
    Optional<Moment<S>> moment = closeBefore(time);
    if (isOpenAt(time) || (complete != null && Long.compareUnsigned(time, complete) > 0)) {
      openAt = time;
      row(source, event);
    }
    return moment;
  }

  /**
   * Everything before {@code time} was told; more may come at that time. The first one of a stream
   * may lie behind {@link #complete}, and says nothing then.
   *
   * @return the moment that this completes
   * @throws DisorderException when this stream had told everything up to there already, or nothing
   *     was ever complete
   */
  public Optional<Moment<S>> closeBefore(long time) {
    if (time == 0 ? closed != null : isBehind(time - 1)) {
      throw disorder("the stream went back to " + text(time), closed);
    }
    return time == 0 ? closeNothing() : closeThrough(time - 1);
  }

  /**
   * Everything was told, up to and including the last time there is.
   *
   * @return the moment that this completes
   */
  public Optional<Moment<S>> closeAll() {
    return closeThrough(-1);
  }

  /** The stream broke: what was told of the incomplete moment is forgotten. */
  public void cut() {
    pending.clear();
    openAt = null;
    snapshot = false;
    closed = null;
    disordered = false;
  }

  private Optional<Moment<S>> closeNothing() {
    requireOrder();
    return Optional.empty();
  }

  private Optional<Moment<S>> closeThrough(long time) {
    requireOrder();
    closed = time;
    Long at = openAt;
    if (at != null && Long.compareUnsigned(at, time) > 0) {
      if (!snapshot) {
        advance(time);
      }
      return Optional.empty();
    }
    Optional<Moment<S>> moment =
        at == null || (pending.isEmpty() && !snapshot) ? Optional.empty() : Optional.of(moment(at));
    if (snapshot) {
      complete = time;
    } else {
      advance(time);
    }
    pending.clear();
    openAt = null;
    snapshot = false;
    return moment;
  }

  private void advance(long time) {
    if (complete != null && Long.compareUnsigned(time, complete) > 0) {
      complete = time;
    }
  }

  private void requireOrder() {
    boolean untimed = openAt == null && !pending.isEmpty();
    if (disordered || untimed || (complete == null && !snapshot)) {
      throw disorder("a timestamp where none is due", closed);
    }
  }

  private boolean isClosed(long time) {
    return disordered || (closed != null && Long.compareUnsigned(time, closed) <= 0);
  }

  private boolean isBehind(long time) {
    return disordered || (closed != null && Long.compareUnsigned(time, closed) < 0);
  }

  private DisorderException disorder(String what, @Nullable Long after) {
    pending.clear();
    disordered = true;
    return new DisorderException(
        what + (after == null ? ", before anything else" : ", after all up to " + text(after)));
  }

  private Moment<S> moment(long time) {
    Map<S, List<RowEvent>> events = LinkedHashMap.newLinkedHashMap(pending.size());
    pending.forEach((source, told) -> events.put(source, told.events));
    return new Moment<>(time, snapshot, events);
  }

  private static String text(long time) {
    return Long.toUnsignedString(time);
  }
}
