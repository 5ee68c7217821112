package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.LogEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The log's writer and its readers on real threads: what is appended and rung for, each reader gets
 * once and in order, or it learns that it has left; and nobody sleeps while there is something to
 * read.
 *
 * <p>Readers go to sleep as couriers do, with the same {@link Sleeper} and {@link Bell}, but
 * without a time to wake up by themselves. The writer writes a burst and then waits until all
 * readers have come to the end of it. Most bursts are of a single entry, so that nearly each one
 * finds everybody falling asleep, and a wake-up that is lost leaves a reader behind for good; some
 * are longer than the log, so that readers are overtaken.
 */
final class HandOffStressTest {

  private static final int READERS = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Relation SHAPE =
      new Relation("t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 0, "p");
  private static final List<Change> CHANGES = List.of(new Change.Insert(Row.of("v")));

  /** Less than is written between two rings of a long burst. */
  private static final HistoryLimits LIMITS =
      new HistoryLimits(300, Duration.ofDays(1), Long.MAX_VALUE);

  private final ChangeLog log = new ChangeLog(LIMITS, SHAPE, START);
  private final Bell bell = new Bell();
  private final List<Reader> readers = new ArrayList<>();
  private volatile boolean over;

  @Test
  void everyoneGetsEverythingAndNobodyOversleeps() throws InterruptedException {
    handOff(2_000_000);
  }

  @Test
  @Tag("long")
  void everyoneGetsEverythingAndNobodyOversleepsForLong() throws InterruptedException {
    handOff(100_000_000);
  }

  private void handOff(long handOffs) throws InterruptedException {
    long entries = Math.ceilDiv(handOffs, READERS);
    for (int i = 0; i < READERS; i++) {
      readers.add(new Reader(i, entries));
    }
    readers.forEach(reader -> reader.thread.start());
    long bursts = 0;
    try {
      Position at = START;
      for (long written = 0; written < entries; bursts++) {
        long burst = burst(bursts);
        long end = Math.min(entries, written + burst);
        long ringEvery = Math.ceilDiv(burst, 8);
        while (written < end) {
          written++;
          Position next = at.at(written);
          log.append(new Batch(at, next, CHANGES, false), Instant.EPOCH);
          if (written == end || written % ringEvery == 0) {
            bell.ring();
          }
          at = next;
        }
        awaitAll(written);
      }
    } finally {
      over = true;
      for (Reader reader : readers) {
        reader.sleeper.wake();
        assertTrue(reader.thread.join(PATIENCE), () -> reader + " did not end");
      }
    }
    long seen = readers.stream().mapToLong(reader -> reader.seen).sum();
    long lost = readers.stream().mapToLong(reader -> reader.lost).sum();
    long sleeps = readers.stream().mapToLong(reader -> reader.sleeps).sum();
    System.out.print(
        String.format(
            "proof: hand-off: %,d entries × %d readers = %,d hand-offs in %,d bursts: %,d seen, %,d"
                + " announced as lost, %,d sleeps%n",
            entries, READERS, entries * READERS, bursts, seen, lost, sleeps));
    assertEquals(entries * READERS, seen + lost);
    assertTrue(lost > 0, "nobody was ever overtaken");
    assertTrue(sleeps > bursts, "hardly anybody ever slept");
  }

  /** How many entries are written before the writer waits for all readers. */
  private static long burst(long number) {
    if (number % 1_000 == 999) {
      return 3_000;
    }
    return number % 10 == 9 ? 200 : 1;
  }

  @SuppressWarnings("ThreadPriorityCheck") // to go on at once, while the readers are falling asleep
  private void awaitAll(long index) {
    for (Reader reader : readers) {
      long start = System.nanoTime();
      while (reader.reached < index) {
        if (reader.failure != null) {
          throw new AssertionError(reader + " failed", reader.failure);
        }
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          throw new AssertionError(reader + " sleeps though entry " + index + " is there");
        }
        Thread.yield();
      }
    }
  }

  /** What a courier does with one cursor, but for what it sends. */
  private final class Reader {
    private final long last;
    private final int bite;
    private final Thread thread;
    private final Sleeper sleeper;
    private final Bell.Rope rope;

    private long next = 1;
    private long seen;
    private long lost;
    private long sleeps;
    private volatile long reached;
    private volatile @Nullable Throwable failure;

    /**
     * @param number every other one is a virtual thread, and each reads a little more at a time
     * @param last the entry to stop behind
     */
    Reader(int number, long last) {
      this.last = last;
      this.bite = 1 + 5 * number;
      Thread.Builder builder = number % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform();
      this.thread = builder.name("reader " + number).unstarted(this::run);
      this.sleeper = new Sleeper(thread);
      this.rope = new Bell.Rope(sleeper::wake);
    }

    private void run() {
      try {
        while (!over && next <= last) {
          if (!read()
              && sleeper.sleepUnless(
                  () -> bell.hangOn(rope), () -> over || read(), () -> Long.MAX_VALUE)) {
            sleeps++;
          }
        }
      } catch (RuntimeException | AssertionError e) {
        failure = e;
      }
    }

    /** Reads on, not more than a bite. */
    private boolean read() {
      long before = next;
      while (next < before + bite) {
        Optional<LogEntry> entry = log.entry(next);
        if (entry.isPresent()) {
          assertEquals(next, entry.get().index());
          assertEquals(next, entry.get().totalChanges());
          assertEquals(next, entry.get().batch().position().time());
          seen++;
          next++;
        } else if (next <= log.floor()) {
          long from = log.floor() + 1;
          lost += from - next;
          next = from;
        } else {
          break;
        }
      }
      reached = next - 1;
      return next > before;
    }

    @Override
    public String toString() {
      return thread.getName() + " at " + reached;
    }
  }
}
