package io.tycostream.domain.log;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * All tails of a log, as segments that follow each other: what leaves the log goes to the nearest
 * tail before it alone, and what somebody missed is the segments from his own on. So an entry is
 * merged once and its rows are kept once, however many readers are busy.
 *
 * <p>Guarded as the log's writer is.
 */
final class Tails {

  private final Relation shape;
  private final long maxBytes;
  private final NavigableMap<Long, Tail> segments = new TreeMap<>();
  private long bytes;

  /**
   * @param maxBytes of all together; over it the oldest segment is given up
   */
  Tails(Relation shape, long maxBytes) {
    this.shape = shape;
    this.maxBytes = maxBytes;
  }

  /** About how much memory all of them take. */
  long bytes() {
    return bytes;
  }

  /** The tail behind an entry; a new one, if nothing has left behind it yet. */
  Tail hold(long index) {
    Tail tail = segments.computeIfAbsent(index, from -> new Tail(shape, from));
    tail.hold();
    return tail;
  }

  /** Whether everything that has left behind an entry is kept. */
  boolean keeps(long index) {
    return segments.containsKey(index)
        && segments.tailMap(index).values().stream().noneMatch(Tail::broken);
  }

  /** One holder less. What is still of use to those who are further back is kept for them. */
  void letGo(Tail tail) {
    if (!tail.letGo()) {
      return;
    }
    segments.remove(tail.from());
    bytes -= tail.bytes();
    Map.Entry<Long, Tail> before = segments.lowerEntry(tail.from());
    if (before != null) {
      if (tail.broken()) {
        breakOff(before.getValue());
      } else {
        add(before.getValue(), tail.changes(), tail.resync());
      }
    }
  }

  /** An entry leaves the log. */
  void take(LogEntry entry) {
    Map.Entry<Long, Tail> nearest = segments.lowerEntry(entry.index());
    if (nearest != null) {
      add(nearest.getValue(), entry.batch().changes(), entry.batch().resync());
      for (Tail oldest : segments.values()) {
        if (bytes <= maxBytes) {
          return;
        }
        breakOff(oldest);
      }
    }
  }

  /** What has left behind a tail. */
  Tail.Net since(Tail tail) {
    if (!keeps(tail.from())) {
      return new Tail.Net(List.of(), true, true);
    }
    List<List<Change>> parts = new ArrayList<>();
    boolean resync = false;
    for (Tail segment : segments.tailMap(tail.from()).values()) {
      parts.add(segment.changes());
      resync |= segment.resync();
    }
    return new Tail.Net(parts, resync, false);
  }

  /** About how much memory what has left behind a tail takes, in bytes. */
  long bytesSince(Tail tail) {
    return segments.tailMap(tail.from()).values().stream().mapToLong(Tail::bytes).sum();
  }

  private void add(Tail tail, List<Change> changes, boolean resync) {
    long before = tail.bytes();
    tail.take(changes, resync);
    bytes += tail.bytes() - before;
  }

  private void breakOff(Tail tail) {
    bytes -= tail.bytes();
    tail.breakOff();
  }
}
