package io.tycostream.adapters.db.simulator.materialize;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All updates of one collection, and its two frontiers: everything before the upper (write
 * frontier) is complete, nothing before the since (read frontier) can be read any more.
 *
 * <p>No update is ever forgotten here: a since only forbids. That is how the expected state is
 * known at any time. Not thread-safe.
 */
final class TimeLine {

  /** RETAIN HISTORY's default: one second. */
  static final long DEFAULT_WINDOW = 1_000;

  private final NavigableMap<Long, NavigableMap<MzRow, Long>> updates =
      new TreeMap<>(Long::compareUnsigned);
  private final NavigableSet<Long> uppers = new TreeSet<>(Long::compareUnsigned);
  private long upper;
  private long since;
  private long allowed;
  private long window = DEFAULT_WINDOW;
  private boolean ended;

  /** Its first time is {@code start}: nothing can be read before. */
  TimeLine(long start) {
    upper = start;
    since = start;
    allowed = start;
  }

  void write(long time, MzRow row, long diff) {
    if (ended || MzTime.before(time, upper)) {
      throw new IllegalArgumentException(
          "time " + MzTime.text(time) + " is closed: upper is " + MzTime.text(upper));
    }
    NavigableMap<MzRow, Long> rows = updates.computeIfAbsent(time, t -> new TreeMap<>());
    if (rows.merge(row, diff, Long::sum) == 0) {
      rows.remove(row);
    }
  }

  /** Everything before {@code to} is complete: a batch ends here. */
  void advance(long to) {
    if (ended || !MzTime.before(upper, to)) {
      throw new IllegalArgumentException(
          MzTime.text(to) + " is not after the upper " + MzTime.text(upper));
    }
    upper = to;
    uppers.add(to);
    slide();
  }

  /** Nothing will ever be written any more: the upper frontier is empty. */
  void end() {
    ended = true;
  }

  /** The window of RETAIN HISTORY, from now on. */
  void retain(long milliseconds) {
    window = milliseconds;
    slide();
  }

  /** Nothing before {@code time} may be read any more, as far as no reader holds it. */
  void compact(long time) {
    allowed = MzTime.max(allowed, time);
  }

  /** Brings since as near to where it may be as readers, who hold it at {@code held}, allow. */
  void release(Optional<Long> held) {
    long target = held.isPresent() ? MzTime.min(held.get(), allowed) : allowed;
    since = MzTime.max(since, target);
  }

  long upper() {
    return upper;
  }

  long since() {
    return since;
  }

  long window() {
    return window;
  }

  boolean ended() {
    return ended;
  }

  /** The next end of a batch after {@code time}. */
  Optional<Long> upperAfter(long time) {
    return Optional.ofNullable(uppers.higher(time));
  }

  /** The rows at {@code time}, inclusive, each with how often it is there. */
  NavigableMap<MzRow, Long> state(long time) {
    NavigableMap<MzRow, Long> state = new TreeMap<>();
    for (NavigableMap<MzRow, Long> rows : updates.headMap(time, true).values()) {
      rows.forEach((row, diff) -> {
        if (state.merge(row, diff, Long::sum) == 0) {
          state.remove(row);
        }
      });
    }
    return state;
  }

  /** Updates in the order in which they are sent. */
  List<Update> changes(long from, boolean inclusive, long to, boolean toInclusive) {
    if (MzTime.before(to, from)) {
      return List.of();
    }
    List<Update> found = new ArrayList<>();
    updates
        .subMap(from, inclusive, to, toInclusive)
        .forEach(
            (time, rows) -> rows.forEach((row, diff) -> found.add(new Update(time, row, diff))));
    return Collections.unmodifiableList(found);
  }

  private void slide() {
    allowed = MzTime.max(allowed, MzTime.earlier(upper, window));
  }
}
