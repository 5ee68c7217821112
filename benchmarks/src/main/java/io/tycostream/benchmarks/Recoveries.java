package io.tycostream.benchmarks;

import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/**
 * How long it takes until rows flow again once a database is back: from the moment when it can be
 * reached to the moment when a row that was written after it is in the source {@code ticks}, which
 * has no other rows.
 *
 * <p>Some of that is the wait between two attempts, which nobody can know to be too long; it is
 * measured too, and what is more than it is what counts.
 */
final class Recoveries {

  /** Something that is done to a database. */
  interface Action {
    void perform() throws Exception;
  }

  /** Writes the row with an id, committed when it returns. */
  interface Writing {
    void write(int id) throws Exception;
  }

  /**
   * What happens to the connection.
   *
   * @param ending after which the database can be reached again
   */
  record Fault(String name, Action beginning, Action ending) {}

  private record Recovery(long totalNanos, long waitNanos) {}

  private final int rounds;
  private final Duration life;
  private final Source source = new Source("ticks", SourceLimits.DEFAULT, Instant.now());

  /** The wait that was begun last, in nanoseconds. */
  private volatile long lastWait;

  private volatile boolean live;

  /**
   * @param rounds of each fault
   * @param life of a connection before a fault: longer than the wait before it, so that it counts
   *     as a new outage
   */
  Recoveries(int rounds, Duration life) {
    this.rounds = rounds;
    this.life = life;
  }

  /** With the default settings. */
  static ConnectionSettings connection(DatabaseEndpoint endpoint, String user) {
    return new ConnectionSettings(
        endpoint,
        user,
        "",
        "disable",
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(1),
        Duration.ofSeconds(15),
        4,
        "benchmark");
  }

  /** Measures, the faults in turns, and prints a table. */
  void measure(ChangeSource changes, Writing writing, List<Fault> faults) throws Exception {
    Map<Fault, List<Recovery>> recoveries = new LinkedHashMap<>();
    try (UpstreamDriver driver = driver(changes)) {
      driver.start();
      await(() -> live);
      int rows = 0;
      for (int round = 0; round < rounds; round++) {
        for (Fault fault : faults) {
          Recovery recovery = measure(fault, writing, ++rows);
          recoveries.computeIfAbsent(fault, first -> new ArrayList<>()).add(recovery);
        }
      }
    }
    System.out.printf("%nmilliseconds, median of %d%n", rounds);
    recoveries.forEach(Recoveries::print);
  }

  private Recovery measure(Fault fault, Writing writing, int rows) throws Exception {
    long end = System.nanoTime() + life.toNanos();
    await(() -> System.nanoTime() > end);
    lastWait = 0;
    fault.beginning.perform();
    fault.ending.perform();
    long back = System.nanoTime();
    writing.write(rows);
    await(() -> source.figures().map(Source.Figures::rows).orElse(0) == rows);
    Recovery recovery = new Recovery(System.nanoTime() - back, lastWait);
    await(() -> live);
    return recovery;
  }

  /** A fault that lasts until the driver has noticed, and for a while then. */
  Action noticed(Action beginning, Duration longer) {
    return () -> {
      beginning.perform();
      await(() -> !live);
      long end = System.nanoTime() + longer.toNanos();
      await(() -> System.nanoTime() > end);
    };
  }

  private UpstreamDriver driver(ChangeSource changes) {
    return new UpstreamDriver(
        "benchmark",
        changes,
        List.of(source),
        UpstreamSettings.DEFAULT,
        (database, from, event, step) -> {
          if (step.state() instanceof UpstreamState.Waiting waiting
              && !(from instanceof UpstreamState.Waiting)) {
            lastWait = Duration.between(Instant.now(), waiting.until()).toNanos();
          }
          live = step.state() instanceof UpstreamState.Live;
        },
        InstantSource.system());
  }

  private static void print(Fault fault, List<Recovery> recoveries) {
    System.out.printf(
        "  %-26s until rows flow %7.1f   last wait before an attempt %7.1f   more than it %7.1f%n",
        fault.name,
        median(recoveries, Recovery::totalNanos),
        median(recoveries, Recovery::waitNanos),
        median(recoveries, recovery -> recovery.totalNanos - recovery.waitNanos));
  }

  private static double median(List<Recovery> recoveries, ToLongFunction<Recovery> nanos) {
    long[] sorted = recoveries.stream().mapToLong(nanos).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] / 1e6;
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(100_000);
    }
  }
}
