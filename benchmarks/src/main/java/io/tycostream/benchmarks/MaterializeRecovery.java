package io.tycostream.benchmarks;

import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.materialize.MaterializeRelation;
import io.tycostream.adapters.db.materialize.MaterializeSettings;
import io.tycostream.adapters.db.materialize.MaterializeSource;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * How long it takes until rows flow again once Materialize is back: from the moment when it can be
 * reached to the moment when a row that was written after it is in the source.
 *
 * <p>As {@link PostgresRecovery}, before the simulated Materialize of the tests: all connections
 * are cut without a word, and it is away for 0.3 s and back, in turns, with the default settings.
 * What the database itself takes to begin a dataflow is not in it.
 */
public final class MaterializeRecovery {

  private static final long START = 1_700_000_000_000L;

  private final int rounds;
  private final Source source = new Source("ticks", SourceLimits.DEFAULT, Instant.now());

  /** The wait that was begun last, in nanoseconds. */
  private volatile long lastWait;

  private volatile boolean live;

  private MaterializeRecovery(int rounds) {
    this.rounds = rounds;
  }

  /**
   * Measures and prints a table.
   *
   * @param args rounds of each fault, default 15
   */
  public static void main(String[] args) {
    new MaterializeRecovery(args.length > 0 ? Integer.parseInt(args[0]) : 15).run();
    System.exit(0);
  }

  private record Recovery(long totalNanos, long waitNanos) {}

  private void run() {
    List<Recovery> cut = new ArrayList<>();
    List<Recovery> away = new ArrayList<>();
    try (MaterializeSimulator database = MaterializeSimulator.start()) {
      database.clock(START);
      MzObject table = database.table("ticks", MzColumn.int4("id"));
      table.retainHistory(Duration.ofDays(1).toMillis());
      table.advance(START + 1);
      try (UpstreamDriver driver = driver(database)) {
        driver.start();
        await(() -> live);
        for (int round = 0; round < 2 * rounds; round++) {
          boolean leaves = round % 2 == 1;
          // Lives longer than the wait before it, so that it counts as a new outage.
          pause(Duration.ofSeconds(2));
          lastWait = 0;
          if (leaves) {
            database.stop();
            await(() -> !live);
            pause(Duration.ofMillis(300));
            database.resume();
          } else {
            database.restart();
          }
          long back = System.nanoTime();
          int id = round;
          table.insert(table.upper(), Integer.toString(id)).advance(table.upper() + 1);
          await(() -> source.figures().map(Source.Figures::rows).orElse(0) == id + 1);
          (leaves ? away : cut).add(new Recovery(System.nanoTime() - back, lastWait));
          await(() -> live);
        }
      }
    }
    System.out.printf("%nmilliseconds, median of %d%n", rounds);
    print("cut off", cut);
    print("away for 0.3 s", away);
  }

  private static void print(String fault, List<Recovery> recoveries) {
    double total = median(recoveries.stream().mapToLong(Recovery::totalNanos).toArray());
    double wait = median(recoveries.stream().mapToLong(Recovery::waitNanos).toArray());
    double more = median(recoveries.stream().mapToLong(r -> r.totalNanos - r.waitNanos).toArray());
    System.out.printf(
        "  %-26s until rows flow %7.1f   last wait before an attempt %7.1f   more than it %7.1f%n",
        fault, total / 1e6, wait / 1e6, more / 1e6);
  }

  private static double median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private UpstreamDriver driver(MaterializeSimulator database) {
    MaterializeSettings settings =
        new MaterializeSettings(
            new ConnectionSettings(
                new DatabaseEndpoint(
                    "Materialize",
                    database.server().host(),
                    database.server().port(),
                    MaterializeSimulator.DATABASE,
                    false,
                    ""),
                "materialize",
                "",
                "disable",
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofSeconds(15),
                4,
                "benchmark"),
            Optional.of(MaterializeSimulator.CLUSTER),
            "");
    MaterializeRelation relation =
        new MaterializeRelation("ticks", "public.ticks", List.of("id"), Duration.ofMinutes(10));
    return new UpstreamDriver(
        "benchmark",
        new MaterializeSource(List.of(settings), relation),
        List.of(source),
        UpstreamSettings.DEFAULT,
        (name, from, event, step) -> {
          if (step.state() instanceof UpstreamState.Waiting waiting
              && !(from instanceof UpstreamState.Waiting)) {
            lastWait = Duration.between(Instant.now(), waiting.until()).toNanos();
          }
          live = step.state() instanceof UpstreamState.Live;
        },
        InstantSource.system());
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    while (!condition.holds()) {
      LockSupport.parkNanos(100_000);
    }
  }

  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    await(() -> System.nanoTime() > end);
  }
}
