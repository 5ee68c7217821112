package io.tycostream.benchmarks;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.StreamException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyDual;

/**
 * How many row changes a second come from PostgreSQL's replication stream into a source: decoded,
 * collected to whole transactions, applied to the rows and appended to the log.
 *
 * <p>The rival reads the very same transactions, in the same run, from a slot of its own, with the
 * same driver, and only counts messages: the least that anybody needs who reads such a stream.
 *
 * <p>In each round the rows are written first, while nobody reads; then one reads, then the other,
 * in turns who is first. The server decodes as it is read, so both wait for it alike.
 */
public final class PostgresStreamRate {

  private static final int ROWS_PER_TRANSACTION = 50;
  private static final int KEYS = 200_000;

  private final int transactions;
  private final int rounds;

  private PostgresStreamRate(int transactions, int rounds) {
    this.transactions = transactions;
    this.rounds = rounds;
  }

  /**
   * Measures and prints a table.
   *
   * @param args transactions of 50 row changes in a round, default 6000; rounds, default 9
   */
  public static void main(String[] args) throws Exception {
    int transactions = args.length > 0 ? Integer.parseInt(args[0]) : 6_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
    new PostgresStreamRate(transactions, rounds).run();
    System.exit(0);
  }

  private void run() throws Exception {
    List<Double> ours = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
        Connection writer = DriverManager.getConnection(postgres.jdbcUrl())) {
      execute(
          writer,
          "CREATE TABLE trades (id int8 PRIMARY KEY, symbol text, price numeric, quantity int4,"
              + " at timestamptz, note text)");
      Source source = new Source("trades", SourceLimits.DEFAULT, Instant.now());
      Intake intake = new Intake(List.of(source), Instant.now());
      intake.beginStream(true);
      PostgresSource changes =
          new PostgresSource(
              settings(postgres),
              List.of(new PostgresTable("trades", "public.trades", Optional.empty())));
      try (ChangeStream stream = changes.open(0, true, intake);
          Connection replication = replication(postgres)) {
        CopyDual copy = start(replication);
        for (int round = -1; round < rounds; round++) {
          long end = write(writer, round + 1);
          double one;
          double other;
          if (round % 2 == 0) {
            one = seconds(() -> follow(stream, intake, end));
            other = seconds(() -> count(copy, end));
          } else {
            other = seconds(() -> count(copy, end));
            one = seconds(() -> follow(stream, intake, end));
          }
          if (round >= 0) { // the first one warms up
            ours.add(changesOf() / one);
            bare.add(changesOf() / other);
          }
        }
      }
    }
    print(ours, bare);
  }

  private double changesOf() {
    return (double) transactions * ROWS_PER_TRANSACTION;
  }

  private interface Reading {
    void perform() throws SQLException, StreamException;
  }

  private static double seconds(Reading reading) throws SQLException, StreamException {
    long start = System.nanoTime();
    reading.perform();
    return (System.nanoTime() - start) / 1e9;
  }

  /** Inserts and updates, about half and half, and some deletes; returns where they end. */
  private long write(Connection writer, int round) throws SQLException {
    execute(
        writer,
        """
        DO $$
        BEGIN
          FOR t IN 1..%1$d LOOP
            INSERT INTO trades
              SELECT k, 'SYM' || k %% 97, (k %% 9973) / 100.0, k, now(), 'some words of the usual length'
              FROM (SELECT DISTINCT ((%2$d::int8 * %1$d + t) * 7919 + i * 104729) %% %3$d AS k
                FROM generate_series(1, %4$d) i) keys
              ON CONFLICT (id) DO UPDATE SET price = trades.price + 1, at = now();
            COMMIT;
          END LOOP;
        END $$
        """
            .formatted(transactions, round, KEYS, ROWS_PER_TRANSACTION));
    try (Statement statement = writer.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT (pg_current_wal_insert_lsn() - '0/0')::int8")) {
      row.next();
      long end = row.getLong(1);
      execute(writer, "SELECT pg_logical_emit_message(true, 'benchmark', 'end')");
      return end;
    }
  }

  private static void follow(ChangeStream stream, Intake intake, long end) throws StreamException {
    while (Long.compareUnsigned(intake.complete().map(Checkpoint::time).orElse(0L), end) < 0) {
      intake.at(Instant.now());
      stream.poll(intake);
    }
  }

  /** Reads up to the end, counts, and acknowledges about once a second, as any reader has to. */
  private static void count(CopyDual copy, long end) throws SQLException {
    long complete = 0;
    long rows = 0;
    long told = System.nanoTime();
    while (Long.compareUnsigned(complete, end) < 0) {
      byte[] frame = copy.readFromCopy(false);
      if (frame == null) {
        continue;
      }
      ByteBuffer message = ByteBuffer.wrap(frame);
      if (message.get(0) == 'k') {
        complete = message.getLong(1);
      } else if (message.get(25) == 'C') {
        complete = message.getLong(35); // behind flags and the commit's own place
      } else {
        rows++;
      }
      if (System.nanoTime() - told > 1_000_000_000L) {
        told = System.nanoTime();
        tell(copy, complete);
      }
    }
    tell(copy, complete);
    if (rows == 0) {
      throw new IllegalStateException("nothing was read");
    }
  }

  private static void tell(CopyDual copy, long complete) throws SQLException {
    byte[] status =
        ByteBuffer.allocate(34)
            .put((byte) 'r')
            .putLong(complete)
            .putLong(complete)
            .putLong(complete)
            .putLong(0)
            .put((byte) 0)
            .array();
    copy.writeToCopy(status, 0, status.length);
    copy.flushCopy();
  }

  private static Connection replication(EmbeddedPostgres postgres) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "14");
    return DriverManager.getConnection(postgres.jdbcUrl(), properties);
  }

  private static CopyDual start(Connection replication) throws SQLException {
    try (Statement statement = replication.createStatement()) {
      statement.execute("CREATE_REPLICATION_SLOT bare LOGICAL pgoutput NOEXPORT_SNAPSHOT");
    }
    return replication
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyDual(
            "START_REPLICATION SLOT bare LOGICAL 0/0 (proto_version '1', publication_names"
                + " 'tycostream')");
  }

  private static PostgresSettings settings(EmbeddedPostgres postgres) {
    return new PostgresSettings(
        new ConnectionSettings(
            new DatabaseEndpoint(
                "PostgreSQL", postgres.host(), postgres.port(), postgres.database(), false, ""),
            postgres.user(),
            "",
            "disable",
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60),
            2,
            "benchmark"),
        "ours",
        "tycostream",
        OptionalLong.empty(),
        "");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void print(List<Double> ours, List<Double> bare) {
    double one = median(ours);
    double other = median(bare);
    System.out.printf("%nrow changes a second, median of %d rounds%n", ours.size());
    System.out.printf("  tycostream, into a source    %,12.0f%n", one);
    System.out.printf("  rival: a bare reader         %,12.0f%n", other);
    System.out.printf("  ratio                        %12.2f%n", one / other);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
