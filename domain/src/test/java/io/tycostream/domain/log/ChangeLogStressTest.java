package io.tycostream.domain.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Readers on threads of their own against the one writer: each sees every entry whole and in order,
 * or learns that it has left.
 */
final class ChangeLogStressTest {

  private static final int ENTRIES = 1_000_000;
  private static final int READERS = 2;
  private static final Relation SHAPE =
      new Relation("t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 0, "p");

  /** What a reader came across: all entries are either seen or lost, and none is anything else. */
  private record Tally(long seen, long lost, long replays, long expired) {}

  @Test
  void everyEntryIsSeenWholeAndInOrderOrKnownToHaveLeft() throws Exception {
    // Small and uneven, so that readers are overtaken and blocks leave all the time.
    HistoryLimits limits = new HistoryLimits(1_300, Duration.ofDays(1), 1L << 40);
    ChangeLog log = new ChangeLog(limits, SHAPE, START);
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      List<Future<Tally>> readers = new ArrayList<>();
      for (int pace = 0; pace < READERS; pace++) {
        int askEvery = 10 + 90 * pace;
        readers.add(threads.submit(() -> read(log, askEvery)));
      }
      write(log);
      long seen = 0;
      long replays = 0;
      for (Future<Tally> reader : readers) {
        Tally tally = reader.get();
        assertEquals(ENTRIES, tally.seen + tally.lost);
        seen += tally.seen;
        replays += tally.replays;
      }
      assertTrue(seen > 1_000 && replays > 10, "the readers came too late to see anything");
    }
  }

  private static void write(ChangeLog log) {
    Position at = START;
    for (int i = 1; i <= ENTRIES; i++) {
      Position next = at.at(i);
      Change change = new Change.Insert(Row.of(Integer.toString(i)));
      log.append(new Batch(at, next, List.of(change), false), Instant.EPOCH);
      at = next;
    }
  }

  private static Tally read(ChangeLog log, int askEvery) {
    long seen = 0;
    long lost = 0;
    long replays = 0;
    long expired = 0;
    long next = 1;
    while (next <= ENTRIES) {
      long head = log.head();
      Optional<LogEntry> entry = log.entry(next);
      if (entry.isPresent()) {
        assertWhole(next, entry.get());
        seen++;
        if (seen % askEvery == 0) {
          if (isFound(log, next)) {
            replays++;
          } else {
            expired++;
          }
        }
        next++;
      } else if (next <= head) {
        long floor = log.floor();
        assertTrue(floor >= next, "entry " + next + " was neither there nor had it left");
        lost += floor + 1 - next;
        next = floor + 1;
      } else {
        Thread.onSpinWait();
      }
    }
    return new Tally(seen, lost, replays, expired);
  }

  private static void assertWhole(long index, LogEntry entry) {
    assertEquals(index, entry.index());
    assertEquals(index, entry.totalChanges());
    assertEquals(index, entry.batch().position().time());
    assertEquals(1, entry.batch().changes().size());
    Change.Insert insert = (Change.Insert) entry.batch().changes().getFirst();
    assertEquals(index, Long.parseLong(String.valueOf(insert.row().value(0))));
  }

  private static boolean isFound(ChangeLog log, long index) {
    Position position = START.at(index);
    Lookup lookup = log.find(position, position);
    if (lookup instanceof Lookup.Expired) {
      assertTrue(log.floor() > index, "expired, and still there: " + index);
      return false;
    }
    assertEquals(new Lookup.Replay(index + 1), lookup);
    return true;
  }
}
