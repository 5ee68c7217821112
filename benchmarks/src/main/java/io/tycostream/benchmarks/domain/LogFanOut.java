package io.tycostream.benchmarks.domain;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.LogEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A batch of five changes is appended, and each of 1,000 readers takes it.
 *
 * <p>Ours is the shared log with a number per reader. The rivals give each reader a queue of its
 * own: of copies of the batch, as a gateway has that makes messages per client, and of references
 * to it, which is the least that any queue can do but neither bounds nor finds anything. A third
 * benchmark appends for nobody.
 */
@State(Scope.Thread)
public class LogFanOut {

  private static final int READERS = 1_000;

  /** As many as there are in the log of a lively source. */
  private static final HistoryLimits LIMITS =
      new HistoryLimits(50_000, Duration.ofMinutes(10), 1L << 30);

  private static final Relation SHAPE =
      new Relation("t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 0, "p");

  private final List<Change> changes = IntStream.range(0, 5).mapToObj(LogFanOut::update).toList();
  private final ChangeLog log = new ChangeLog(LIMITS, SHAPE, START);
  private final long[] cursors = new long[READERS];
  private final List<Queue<Batch>> queues = new ArrayList<>();
  private Position at = START;

  private static Change update(int i) {
    return new Change.Update(
        Row.of(Integer.toString(i), "open", "100.25"),
        Row.of(Integer.toString(i), "open", "100.5"));
  }

  /** A log that is full, and queues that are empty. */
  @Setup
  public void fill() {
    for (int i = 0; i < LIMITS.maxEvents() / changes.size() + 1; i++) {
      log.append(nextBatch(), Instant.EPOCH);
    }
    for (int i = 0; i < READERS; i++) {
      cursors[i] = log.head() + 1;
      queues.add(new ArrayDeque<>());
    }
  }

  private Batch nextBatch() {
    Position next = at.at(at.time() + 1);
    Batch batch = new Batch(at, next, changes, false);
    at = next;
    return batch;
  }

  /** One log, and a number per reader. */
  @Benchmark
  public void tycostream(Blackhole blackhole) {
    log.append(nextBatch(), Instant.EPOCH);
    for (int i = 0; i < READERS; i++) {
      Optional<LogEntry> entry = log.entry(cursors[i]);
      if (entry.isPresent()) {
        cursors[i]++;
        blackhole.consume(entry.get().batch());
      }
    }
  }

  /** A queue per reader, and a copy of the batch in each. */
  @Benchmark
  public void queuesOfCopies(Blackhole blackhole) {
    Batch batch = nextBatch();
    for (Queue<Batch> queue : queues) {
      List<Change> copy = new ArrayList<>(batch.changes());
      queue.add(new Batch(batch.after(), batch.position(), copy, false));
    }
    takeAll(blackhole);
  }

  /** A queue per reader, and the same batch in each. */
  @Benchmark
  public void queuesOfReferences(Blackhole blackhole) {
    Batch batch = nextBatch();
    for (Queue<Batch> queue : queues) {
      queue.add(batch);
    }
    takeAll(blackhole);
  }

  private void takeAll(Blackhole blackhole) {
    for (Queue<Batch> queue : queues) {
      blackhole.consume(queue.remove());
    }
  }

  /** The writer's share of ours: nobody reads. */
  @Benchmark
  public LogEntry appendAlone() {
    return log.append(nextBatch(), Instant.EPOCH);
  }
}
