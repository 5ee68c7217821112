package io.tycostream.benchmarks;

import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How long it takes until rows flow again once the database is back: from the moment when it can be
 * reached to the moment when a row that was written after it is in the source.
 *
 * <p>Some of that is the wait between two attempts, which nobody can know to be too long; it is
 * measured too, and what is more than it is what counts. The database is cut off (its walsender is
 * terminated) and killed in turns, with the default settings.
 */
public final class PostgresRecovery {

  private final int rounds;
  private final Source source = new Source("ticks", SourceLimits.DEFAULT, Instant.now());

  /** The wait that was begun last, in nanoseconds. */
  private volatile long lastWait;

  private volatile boolean live;

  private PostgresRecovery(int rounds) {
    this.rounds = rounds;
  }

  /**
   * Measures and prints a table.
   *
   * @param args rounds of each fault, default 15
   */
  public static void main(String[] args) throws Exception {
    new PostgresRecovery(args.length > 0 ? Integer.parseInt(args[0]) : 15).run();
    System.exit(0);
  }

  private record Recovery(long totalNanos, long waitNanos) {}

  private void run() throws Exception {
    List<Recovery> cut = new ArrayList<>();
    List<Recovery> killed = new ArrayList<>();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults())) {
      execute(postgres, "CREATE TABLE ticks (id int4 PRIMARY KEY)");
      try (UpstreamDriver driver = driver(postgres)) {
        driver.start();
        await(() -> live);
        for (int round = 0; round < 2 * rounds; round++) {
          boolean kill = round % 2 == 1;
          // Lives longer than the wait before it, so that it counts as a new outage.
          pause(Duration.ofMillis(500));
          lastWait = 0;
          if (kill) {
            postgres.kill();
            await(() -> !live);
            postgres.start();
          } else {
            execute(
                postgres,
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active");
          }
          long back = System.nanoTime();
          int id = round;
          execute(postgres, "INSERT INTO ticks VALUES (" + id + ")");
          await(() -> source.figures().map(Source.Figures::rows).orElse(0) == id + 1);
          (kill ? killed : cut).add(new Recovery(System.nanoTime() - back, lastWait));
        }
      }
    }
    System.out.printf("%nmilliseconds, median of %d%n", rounds);
    print("cut off", cut);
    print("killed and started again", killed);
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

  private UpstreamDriver driver(EmbeddedPostgres postgres) {
    PostgresSettings settings =
        new PostgresSettings(
            new ConnectionSettings(
                new DatabaseEndpoint(
                    "PostgreSQL", postgres.host(), postgres.port(), postgres.database(), false, ""),
                postgres.user(),
                "",
                "disable",
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofSeconds(15),
                4,
                "benchmark"),
            "recovery",
            "tycostream",
            OptionalLong.empty(),
            "");
    return new UpstreamDriver(
        "benchmark",
        new PostgresSource(
            settings, List.of(new PostgresTable("ticks", "public.ticks", Optional.empty()))),
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

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
