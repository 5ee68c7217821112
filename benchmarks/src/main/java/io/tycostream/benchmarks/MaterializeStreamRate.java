package io.tycostream.benchmarks;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.materialize.MaterializeRelation;
import io.tycostream.adapters.db.materialize.MaterializeSettings;
import io.tycostream.adapters.db.materialize.MaterializeSource;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.ChangeStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * How many rows a second come through {@code COPY (SUBSCRIBE …)}: decoded, closed, applied to the
 * view and appended to the log, all on the way that they take in a gateway.
 *
 * <p>The rival, in turns with the same rows, is a bare loop over the driver's {@code readFromCopy}
 * that looks at nothing but whether it is at the end. Both read from the simulated Materialize of
 * the tests, which may be the limit of either: what counts is the ratio.
 */
public final class MaterializeStreamRate {

  private static final int KEYS = 10_000;
  private static final int UPDATES_A_TIME = 500;
  private static final int WARM_UP_ROUNDS = 2;

  private final MaterializeSimulator database;
  private final MzObject table;
  private final long begin;
  private long rows;

  private MaterializeStreamRate(MaterializeSimulator database, int times) {
    this.database = database;
    this.begin = 1_700_000_000_000L;
    database.clock(begin);
    table =
        database.table("ticks", MzColumn.int4("id"), MzColumn.numeric("price"), MzColumn.text("n"));
    table.retainHistory(Duration.ofDays(1).toMillis());
    String[] prices = new String[KEYS];
    for (int id = 0; id < KEYS; id++) {
      prices[id] = "0";
      write(begin, 1, id, prices[id]);
    }
    table.advance(begin + 1);
    for (int time = 1; time <= times; time++) {
      for (int update = 0; update < UPDATES_A_TIME; update++) {
        int id = (time * 7919 + update * 13) % KEYS;
        if (prices[id].equals("" + time)) {
          continue; // one update of a row at a time
        }
        write(begin + time, -1, id, prices[id]);
        prices[id] = "" + time;
        write(begin + time, 1, id, prices[id]);
      }
      table.advance(begin + time + 1);
    }
  }

  private void write(long time, long diff, int id, String price) {
    rows++;
    table.write(time, diff, "" + id, price + ".25", "a note that goes with the price " + price);
  }

  /**
   * Measures and prints a table.
   *
   * @param args moments of 500 updates, default 1,000; rounds, default 9
   */
  public static void main(String[] args) throws Exception {
    int times = args.length > 0 ? Integer.parseInt(args[0]) : 1_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
    try (MaterializeSimulator database = MaterializeSimulator.start()) {
      new MaterializeStreamRate(database, times).run(rounds);
    }
    System.exit(0);
  }

  private void run(int rounds) throws Exception {
    double[] ours = new double[rounds];
    double[] bare = new double[rounds];
    for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
      double bareRate = rows / bare();
      double ourRate = rows / ours();
      if (round >= 0) {
        bare[round] = bareRate;
        ours[round] = ourRate;
      }
    }
    Arrays.sort(ours);
    Arrays.sort(bare);
    System.out.printf(Locale.ROOT, "%,d rows, %d rounds; rows a second%n%n", rows, rounds);
    System.out.println("| | median | slowest | fastest | ratio of medians |");
    System.out.println("| --- | ---: | ---: | ---: | ---: |");
    print("tycostream: into the view and the log", ours, bare);
    print("rival: bare readFromCopy", bare, bare);
  }

  private static void print(String name, double[] sorted, double[] rival) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %,.0f | %,.0f | %,.0f | %.2f |%n",
        name,
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1],
        sorted[sorted.length / 2] / rival[rival.length / 2]);
  }

  /** Seconds from the statement to the last line. */
  private double bare() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", "materialize");
    properties.setProperty("preferQueryMode", "simple");
    byte[] end =
        (Long.toUnsignedString(table.upper()) + "\tt\t").getBytes(StandardCharsets.US_ASCII);
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), properties)) {
      long start = System.nanoTime();
      CopyOut copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut(
                  "COPY (SUBSCRIBE public.ticks WITH (PROGRESS) AS OF AT LEAST "
                      + begin
                      + ") TO STDOUT");
      boolean ended = false;
      while (!ended) {
        byte[] line = copy.readFromCopy();
        ended = line == null || startsWith(line, end);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      connection.abort(Runnable::run);
      return seconds;
    }
  }

  private static boolean startsWith(byte[] line, byte[] start) {
    return line.length >= start.length
        && Arrays.equals(line, 0, start.length, start, 0, start.length);
  }

  /** Seconds from the opening until all is applied; the few milliseconds of the opening count. */
  private double ours() throws Exception {
    MaterializeSource changes =
        new MaterializeSource(
            List.of(settings()),
            new MaterializeRelation("t", "public.ticks", List.of("id"), Duration.ofDays(1)));
    Source source = new Source("t", SourceLimits.DEFAULT, Instant.EPOCH);
    Intake intake = new Intake(List.of(source), Instant.EPOCH);
    long start = System.nanoTime();
    try (ChangeStream stream = changes.open(0, true, intake)) {
      while (intake.complete().filter(at -> at.time() + 1 == table.upper()).isEmpty()) {
        stream.poll(intake);
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private MaterializeSettings settings() {
    return new MaterializeSettings(
        new ConnectionSettings(
            new DatabaseEndpoint(
                "Materialize",
                database.server().host(),
                database.server().port(),
                "materialize",
                false,
                ""),
            "materialize",
            "",
            "disable",
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofSeconds(15),
            2,
            "benchmark"),
        Optional.empty(),
        "");
  }
}
