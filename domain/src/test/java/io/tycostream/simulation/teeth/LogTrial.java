package io.tycostream.simulation.teeth;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.Lookup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** The smallest of trials: a log, and somebody who remembers all of it and asks for positions. */
final class LogTrial {

  private static final int STEPS = 30;
  private static final HistoryLimits LIMITS =
      new HistoryLimits(8, Duration.ofSeconds(20), Long.MAX_VALUE);
  private static final Relation SHAPE =
      new Relation("t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 0, "p");

  private LogTrial() {}

  private record Kept(Position position, Instant at) {}

  static Optional<String> violation(long seed) {
    SplittableRandom chance = new SplittableRandom(seed);
    ChangeLog log = new ChangeLog(LIMITS, SHAPE, START);
    List<Kept> all = new ArrayList<>();
    Position at = START;
    Instant now = Instant.EPOCH;
    for (int step = 0; step < STEPS; step++) {
      now = now.plusSeconds(chance.nextInt(6));
      Position next = at.at(at.time() + 1 + chance.nextInt(3));
      log.append(new Batch(at, next, List.of(new Change.Insert(Row.of("v"))), false), now);
      all.add(new Kept(next, now));
      at = next;
      Position asked = at.at(chance.nextLong(at.time() + 2));
      Lookup found = log.find(asked, at);
      Lookup expected = expected(all, asked, now);
      if (!found.equals(expected)) {
        return Optional.of(
            "step " + step + ", position " + asked + ": " + found + " and not " + expected);
      }
    }
    return Optional.empty();
  }

  private static Lookup expected(List<Kept> all, Position asked, Instant now) {
    if (asked.isAfter(all.getLast().position())) {
      return new Lookup.Ahead();
    }
    int floor = (int) Math.max(0, all.size() - LIMITS.maxEvents());
    while (all.get(floor).at().isBefore(now.minus(LIMITS.maxAge()))) {
      floor++;
    }
    int next = 0;
    while (next < all.size() && !all.get(next).position().isAfter(asked)) {
      next++;
    }
    return next < floor ? new Lookup.Expired() : new Lookup.Replay(next + 1);
  }
}
