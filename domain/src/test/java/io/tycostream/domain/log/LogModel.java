package io.tycostream.domain.log;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A log that forgets nothing, and knows by looking through everything what may have left. */
final class LogModel {

  /** A time in which positions grow within one history, up to and including entry {@code last}. */
  private record Era(Position start, Position end, long base, long last) {}

  private final HistoryLimits limits;
  private final List<LogEntry> entries = new ArrayList<>();
  private final List<Era> over = new ArrayList<>();
  private final Map<String, Long> clocks = new HashMap<>();
  private Position eraStart;
  private long eraBase;
  private Position now;
  private int floor;

  LogModel(HistoryLimits limits, Position start) {
    this.limits = limits;
    this.now = start;
    this.eraStart = start;
  }

  Position now() {
    return now;
  }

  /** A later moment of the present history. */
  Position later(int by) {
    return now.at(now.time() + by);
  }

  /** A later moment of an epoch that may be another one; each has its own clock. */
  Position later(String epoch, String print, int by) {
    long time = clocks.getOrDefault(epoch, 0L) + by;
    return new Position(epoch, time, print);
  }

  void progress(Position to) {
    now = to;
    clocks.put(to.epoch(), to.time());
  }

  Batch batch(Position to, int changes, boolean resync) {
    List<Change> list = new ArrayList<>();
    for (int i = 0; i < changes; i++) {
      list.add(new Change.Insert(Row.of(Integer.toString(i))));
    }
    return new Batch(now, to, list, resync);
  }

  void append(Batch batch, Instant at) {
    if (batch.resync()) {
      endEra(batch.position(), entries.size() + 1);
    }
    long before = entries.isEmpty() ? 0 : entries.getLast().totalChanges();
    entries.add(new LogEntry(entries.size() + 1, batch, before + batch.changes().size(), at));
    progress(batch.position());
    expire(at);
  }

  void resyncedWithoutDifference(Position to) {
    endEra(to, entries.size());
    progress(to);
  }

  private void endEra(Position next, long base) {
    over.add(new Era(eraStart, now, eraBase, entries.size()));
    eraStart = next;
    eraBase = base;
  }

  void expire(Instant at) {
    while (floor < entries.size()
        && (kept().stream().mapToLong(e -> e.batch().changes().size()).sum() > limits.maxEvents()
            || kept().stream().mapToLong(e -> e.batch().bytes()).sum() > limits.maxBytes()
            || kept().getFirst().appendedAt().isBefore(at.minus(limits.maxAge())))) {
      floor++;
    }
  }

  List<LogEntry> kept() {
    return entries.subList(floor, entries.size());
  }

  List<LogEntry> all() {
    return entries;
  }

  int floor() {
    return floor;
  }

  /** What a log with an endless memory for histories would say. */
  Lookup find(Position position) {
    if (position.isAheadOf(now)) {
      return new Lookup.Ahead();
    }
    List<Era> eras = new ArrayList<>(over);
    eras.add(new Era(eraStart, now, eraBase, entries.size()));
    boolean sameHistory = false;
    for (Era era : eras.reversed()) {
      if (position.sameHistory(era.start)) {
        sameHistory = true;
        if (!era.start.isAfter(position)) {
          return position.isAfter(era.end) ? new Lookup.Unknown() : within(era, position);
        }
      }
    }
    if (sameHistory) {
      return new Lookup.Expired();
    }
    return position.epoch().equals(now.epoch())
        ? new Lookup.OtherDefinition()
        : new Lookup.Unknown();
  }

  private Lookup within(Era era, Position position) {
    long next = era.base + 1;
    while (next <= era.last && !entries.get((int) next - 1).batch().position().isAfter(position)) {
      next++;
    }
    return next > floor ? new Lookup.Replay(next) : new Lookup.Expired();
  }
}
