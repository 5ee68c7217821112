package io.tycostream.domain.frontier;

import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a stream is complete, and what it told of the one moment that is not complete yet.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@link #complete} only goes forward, in unsigned order, except through {@link #startAt}.
 *   <li>A moment comes out once, whole, and only if it is after all that came out before.
 *   <li>After {@link #cut} nothing of an incomplete moment is left: the database tells it again.
 * </ol>
 *
 * <p>Owned by one thread.
 *
 * @param <S> what names a source
 */
public final class Frontier<S> {

  private final Map<S, List<RowEvent>> pending = new LinkedHashMap<>();
  private final Map<S, Long> pendingBytes = new HashMap<>();
  private long complete;

  /**
   * Everything up to {@code time} is applied, from a snapshot; what was told before is forgotten.
   */
  public void startAt(long time) {
    cut();
    complete = time;
  }

  /** The inclusive time to resume behind, unsigned. */
  public long complete() {
    return complete;
  }

  /** About how much memory the incomplete moment takes for one source, in bytes. */
  public long pendingBytes(S source) {
    return pendingBytes.getOrDefault(source, 0L);
  }

  /** Something happened in the moment that is being told. */
  public void row(S source, RowEvent event) {
    pending.computeIfAbsent(source, first -> new ArrayList<>()).add(event);
    pendingBytes.merge(source, event.bytes(), Long::sum);
  }

  /** Forgets what was told of one source in the moment that is being told. */
  public void forget(S source) {
    pending.remove(source);
    pendingBytes.remove(source);
  }

  /**
   * The moment that was being told is complete.
   *
   * @param time of the moment, unsigned
   * @return the moment, or nothing when it was applied before: a database may tell again what it
   *     told already
   */
  public Optional<Moment<S>> commit(long time) {
    boolean isNew = Long.compareUnsigned(time, complete) > 0;
    Optional<Moment<S>> moment =
        isNew ? Optional.of(new Moment<>(time, pending)) : Optional.empty();
    cut();
    if (isNew) {
      complete = time;
    }
    return moment;
  }

  /**
   * Between two moments the database says that nothing else happened up to {@code time}.
   *
   * @return whether that is further than what was known
   */
  public boolean progress(long time) {
    if (!pending.isEmpty() || Long.compareUnsigned(time, complete) <= 0) {
      return false;
    }
    complete = time;
    return true;
  }

  /** Whether it is between two moments, and complete up to exactly this time. */
  public boolean standsAt(long time) {
    return pending.isEmpty() && time == complete;
  }

  /** The stream broke: what was told of the incomplete moment is forgotten. */
  public void cut() {
    pending.clear();
    pendingBytes.clear();
  }
}
