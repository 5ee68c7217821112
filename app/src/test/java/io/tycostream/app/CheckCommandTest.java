package io.tycostream.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.app.demo.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CheckCommandTest {

  private record Outcome(int exitCode, String out, String err) {}

  private static EmbeddedPostgres postgres;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws SQLException {
    postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
    execute("CREATE TABLE trades (id int PRIMARY KEY, price int)");
    execute("INSERT INTO trades SELECT n, n FROM generate_series(1, 500) n");
    execute("CREATE TABLE notes (text text)");
    execute("ANALYZE trades");
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @Test
  void shouldSayWhatAGoodConfigurationIsAboutAndChangeNothing() throws Exception {
    Outcome outcome = check(configuration(postgres.port(), "trades: "));
    String where = "PostgreSQL 127.0.0.1:" + postgres.port() + "/postgres";
    assertEquals(
        """
        database main
          %s: version 18.6, wal_level logical
          source trades: public.trades, key id, about 500 rows, will be published
          source trades: history: 1,000,000 events, 10 min, 256 MiB; how many seconds that is, is \
        not known: no changes seen in 3 s
        no mistakes found
        """
            .formatted(where),
        outcome.out);
    assertEquals("", outcome.err);
    assertEquals(0, outcome.exitCode);
    assertEquals(0, count("SELECT count(*) FROM pg_publication"));
    assertEquals(0, count("SELECT count(*) FROM pg_replication_slots"));
  }

  @Test
  void shouldSayHowManySecondsTheHistoryIsAtThePresentRate() throws Exception {
    execute("CREATE TABLE busy (id int PRIMARY KEY, n int)");
    execute("INSERT INTO busy VALUES (1, 0)");
    AtomicBoolean over = new AtomicBoolean();
    CountDownLatch writing = new CountDownLatch(1);
    try (ExecutorService writer = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> written =
          writer.submit(() -> {
            // The server counts what its sessions tell it, once in a second unless it is forced.
            while (!over.get()) {
              execute("UPDATE busy SET n = n + 1; SELECT pg_stat_force_next_flush()");
              writing.countDown();
            }
            return true;
          });
      assertTrue(writing.await(30, TimeUnit.SECONDS));
      Outcome outcome =
          check(configuration(postgres.port(), "busy: {history: {max-events: 1000}}"));
      over.set(true);
      written.get(30, TimeUnit.SECONDS);
      Matcher told =
          Pattern.compile(
                  "  source busy: history: 1,000 events, 10 min, 256 MiB ≈ ([0-9,]+) s at"
                      + " ([0-9,.]+) changes/s\n")
              .matcher(outcome.out);
      assertTrue(told.find(), outcome.out);
      double rate = Double.parseDouble(told.group(2).replace(",", ""));
      double seconds = Double.parseDouble(told.group(1).replace(",", ""));
      assertTrue(rate > 0);
      assertEquals(
          Math.min(600, 1000 / rate), seconds, 1 + seconds / 10, "as far as it is rounded");
      assertEquals(0, outcome.exitCode);
    }
  }

  @Test
  void shouldListAllThatIsWrongWithTables() throws Exception {
    Outcome outcome =
        check(
            configuration(
                postgres.port(), "trades: {key: [price]}, notes: , orders: {relation: a.orders}"));
    String where = "  main: PostgreSQL 127.0.0.1:" + postgres.port() + "/postgres: ";
    assertEquals(
        """
        tycostream: this configuration would not work:
        %1$ssource notes: public.notes has no primary key (a deferrable one does not count): add \
        one, or ALTER TABLE … REPLICA IDENTITY FULL and configure key, which may be [] for none
        %1$ssource orders: there is no table a.orders: create it, or correct relation
        %1$ssource trades: public.trades has the key column price, which may be NULL: SET NOT NULL \
        on it
        """
            .formatted(where),
        outcome.err);
    assertEquals(2, outcome.exitCode);
  }

  @Test
  void shouldSayThatNobodyAnswers() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Outcome outcome = check(configuration(port, "trades: "));
    assertTrue(
        outcome.err.contains(
            "main: PostgreSQL 127.0.0.1:" + port + "/postgres: connecting failed:"),
        outcome.err);
    assertEquals(2, outcome.exitCode);
  }

  @Test
  void shouldSayThatTheServerKeepsTooLittle() throws Exception {
    EmbeddedPostgres.Options options =
        EmbeddedPostgres.Options.defaults()
            .withSetting("wal_level", "replica")
            .withSetting("max_wal_senders", "2");
    try (EmbeddedPostgres other = EmbeddedPostgres.start(options)) {
      Outcome outcome = check(configuration(other.port(), "trades: "));
      assertTrue(
          outcome.err.contains(
              "the setting wal_level is replica: set wal_level = logical in postgresql.conf and"
                  + " restart the server"),
          outcome.err);
      assertEquals(2, outcome.exitCode);
    }
  }

  @Test
  void shouldListTheMistakesOfTheFileWithoutConnecting() throws Exception {
    Outcome outcome = check(configuration(1, "trades: {kye: [id]}") + "prot: 1\n");
    assertEquals("", outcome.out);
    assertEquals(
        """
        tycostream: %s cannot be used:
          sources.trades.kye is not a known key; the nearest one is key
          prot is not a known key; the nearest one is auth
        """
            .formatted(folder.resolve("tycostream.yaml")),
        outcome.err);
    assertEquals(2, outcome.exitCode);
  }

  @Test
  void shouldWantAFile() {
    assertEquals(2, run().exitCode);
    Outcome outcome = run("--config", folder.resolve("missing.yaml").toString());
    assertTrue(outcome.err.contains("there is no such file"), outcome.err);
    assertEquals(2, outcome.exitCode);
  }

  private Outcome check(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("tycostream.yaml"), yaml);
    return run("--config", file.toString());
  }

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        new CommandLine(new CheckCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(args);
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  private static String configuration(int port, String sources) {
    return """
    databases:
      main:
        endpoints: [{host: 127.0.0.1, port: %d}]
        connect-timeout: 5s
    sources: {%s}
    """
        .formatted(port, sources);
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int count(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }
}
