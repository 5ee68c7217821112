package io.tycostream.benchmarks.domain;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.source.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A moment of five changes is applied to a source, and each of 1,000 cursors, as subscriptions have
 * them, takes the batch: what {@link LogFanOut} measures of the log alone, with all that decides
 * what a client is told next.
 */
@State(Scope.Thread)
public class CursorFanOut {

  private static final int READERS = 1_000;
  private static final Instant NOW = Instant.EPOCH;

  /** As {@link LogFanOut} has it. */
  private static final HistoryLimits LIMITS =
      new HistoryLimits(50_000, Duration.ofMinutes(10), 1L << 30);

  private static final Relation SHAPE =
      new Relation(
          "t",
          "1",
          List.of(new Column("id", "int4"), new Column("state", "text"), new Column("n", "int8")),
          List.of("id"));

  private final Source source = new Source("t", new SourceLimits(LIMITS, 1_000, 1L << 30), NOW);
  private final List<Cursor> cursors = new ArrayList<>();
  private long time = 1;

  /** A log that is full, and cursors that have read it. */
  @Setup
  public void fill() {
    List<Row> rows = IntStream.range(0, 5).mapToObj(id -> row(id, 0)).toList();
    source.load(SHAPE, new Position("e", time, SHAPE.print()), rows, NOW);
    for (int i = 0; i < LIMITS.maxEvents() / rows.size() + 1; i++) {
      apply();
    }
    for (int i = 0; i < READERS; i++) {
      Cursor cursor =
          new Cursor(source, Terms.whole(Optional.empty()), NOW, Duration.ofSeconds(1), () -> {});
      while (!(cursor.next(NOW) instanceof Delivery.Nothing)) {
        // All rows, and where the source is.
      }
      cursors.add(cursor);
    }
  }

  private void apply() {
    time++;
    List<RowEvent> events = new ArrayList<>();
    for (int id = 0; id < 5; id++) {
      events.add(new RowEvent.Upserted(Optional.empty(), row(id, time)));
    }
    source.apply(time, events, NOW);
  }

  private static Row row(int id, long n) {
    return Row.of(Integer.toString(id), "open", Long.toString(n));
  }

  /** A moment, and what each subscription makes of it. */
  @Benchmark
  public void tycostream(Blackhole blackhole) {
    apply();
    for (Cursor cursor : cursors) {
      Delivery delivery = cursor.next(NOW);
      if (!(delivery instanceof Delivery.Next)) {
        throw new IllegalStateException("not the batch: " + delivery);
      }
      blackhole.consume(delivery);
    }
  }

  /** The source's share of it: nobody reads. */
  @Benchmark
  public void applyAlone() {
    apply();
  }
}
