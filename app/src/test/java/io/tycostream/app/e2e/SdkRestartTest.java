package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program in a process of its own keeps its place in files, is stopped or killed again and again
 * while transactions flow, and started again: what it wrote down is what the database committed,
 * each transaction whole and in order. Stopped it repeats nothing; killed at most the batch that it
 * had in hand.
 *
 * <p>The seed can be given: {@code -Dchaos.seed=…}.
 */
class SdkRestartTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SIGTERM = 128 + 15;
  private static final int SIGKILL = 128 + 9;

  @TempDir private Path folder;

  /** How a run of the program ends. */
  private enum End {
    STOPPED,
    KILLED
  }

  /** Something that the program wrote down, which it had been told. */
  private record Line(String word, String position, List<Long> ids) {

    static Line of(String text) {
      String[] parts = text.split("\t", -1);
      assertEquals(3, parts.length, text);
      assertTrue(
          List.of(LedgerProgram.ROWS, LedgerProgram.EXACT).contains(parts[0]), "it says " + text);
      List<Long> ids =
          parts[2].isEmpty()
              ? List.of()
              : Arrays.stream(parts[2].split(" ", -1)).map(Long::valueOf).sorted().toList();
      return new Line(parts[0], parts[1], ids);
    }
  }

  @Test
  void shouldMissNothingAndRepeatNothingButTheBatchInHandOfAKilledProgram() throws Exception {
    follow(3, 5);
  }

  @Test
  @Tag("long")
  void shouldDoSoHoweverOften() throws Exception {
    follow(25, 40);
  }

  private void follow(int stops, int kills) throws Exception {
    long seed = Long.getLong("chaos.seed", System.nanoTime());
    String replay = "seed " + seed;
    Random random = new Random(seed);
    List<End> ends = new ArrayList<>(Collections.nCopies(stops - 1, End.STOPPED));
    ends.addAll(Collections.nCopies(kills, End.KILLED));
    Collections.shuffle(ends, random);
    // Whoever is killed before it has its first rows begins with rows again.
    ends.addFirst(End.STOPPED);
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
        Writer writer = new Writer(postgres.jdbcUrl(), random.nextLong());
        GatewayServer gateway =
            GatewayServer.start(
                Configuration.onLoopback(
                    0,
                    Configuration.Database.onLoopback(
                        "main", postgres.port(), postgres.database(), postgres.user()),
                    LedgerProgram.SOURCE),
                Optional.empty())) {
      String address = "http://127.0.0.1:" + gateway.port();
      writer.start();
      for (int run = 0; run < ends.size(); run++) {
        end(ends.get(run), start(address, run), run, run == 0 ? 2 : lines(random));
      }
      writer.finish();
      List<Long> committed = writer.rows();
      int last = ends.size();
      Process process = start(address, last);
      try {
        Await.until(
            "the program is at the end, " + replay,
            PATIENCE,
            () -> !process.isAlive() || hasCome(committed.getLast()));
      } finally {
        end(End.STOPPED, process, last, 0);
      }
      ends.add(End.STOPPED);
      int repeated = compare(committed, ends, replay);
      System.out.print(
          String.format(
              "proof: a program stopped %d times and killed %d times during %,d transactions: each"
                  + " told in order, none missed, none told again after a stop, %d times the batch"
                  + " in hand after a kill (%s)%n",
              stops, kills, writer.committed(), repeated, replay));
    }
  }

  /** Half of the runs end in the midst of what they missed, and the others about when it is in. */
  private static int lines(Random random) {
    return random.nextInt(random.nextBoolean() ? 12 : 250);
  }

  private Process start(String address, int run) throws IOException {
    return new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            LedgerProgram.class.getName(),
            address,
            folder.resolve("positions").toString(),
            told(run).toString())
        .redirectErrorStream(true)
        .redirectOutput(output(run).toFile())
        .start();
  }

  private Path told(int run) {
    return folder.resolve("told-" + run);
  }

  private Path output(int run) {
    return folder.resolve("output-" + run);
  }

  /** Ends it when it has written some lines, wherever it is then. */
  private void end(End end, Process process, int run, int lines) throws Exception {
    try {
      Await.until(
          "run " + run + " is told " + lines + " times",
          PATIENCE,
          () -> !process.isAlive() || (Files.exists(told(run)) && lines(run).size() >= lines));
      assertTrue(process.isAlive(), () -> "it ended by itself: " + said(run));
      switch (end) {
        case STOPPED -> process.destroy();
        case KILLED -> process.destroyForcibly();
      }
      assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), () -> said(run));
      assertEquals(end == End.STOPPED ? SIGTERM : SIGKILL, process.exitValue(), () -> said(run));
    } finally {
      process.destroyForcibly();
    }
  }

  private String said(int run) {
    try {
      return Files.readString(output(run));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Whole lines: a killed program may have written half of its last one. */
  private List<Line> lines(int run) throws IOException {
    String text = Files.readString(told(run));
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(Line::of).toList();
  }

  private boolean hasCome(long id) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      int runs =
          (int) files.filter(file -> file.getFileName().toString().startsWith("told-")).count();
      for (int run = 0; run < runs; run++) {
        if (lines(run).stream().anyMatch(line -> line.ids().contains(id))) {
          return true;
        }
      }
      return false;
    }
  }

  /** How often the batch in hand was told again. */
  private int compare(List<Long> committed, List<End> ends, String replay) throws IOException {
    List<Long> seen = new ArrayList<>();
    int repeated = 0;
    @Nullable Line before = null;
    // Whether the last run that was told anything was killed: then its last line may come again.
    boolean inHand = false;
    for (int run = 0; run < ends.size(); run++) {
      List<Line> lines = lines(run);
      for (int i = 0; i < lines.size(); i++) {
        Line line = lines.get(i);
        String where = "line " + i + " of run " + run + " after " + before + ", " + replay;
        if (i == 0 && inHand && line.equals(before)) {
          repeated++;
          continue;
        }
        assertEquals(before == null ? LedgerProgram.ROWS : LedgerProgram.EXACT, line.word(), where);
        assertFalse(line.ids().isEmpty(), where);
        int upTo = seen.size() + line.ids().size();
        assertTrue(upTo <= committed.size(), where);
        assertEquals(committed.subList(seen.size(), upTo), line.ids(), where);
        assertTrue(
            upTo == committed.size() || Writer.begins(committed.get(upTo)),
            "whole transactions, " + where);
        seen.addAll(line.ids());
        before = line;
      }
      inHand = lines.isEmpty() ? inHand : ends.get(run) == End.KILLED;
    }
    assertEquals(committed, seen, replay);
    return repeated;
  }

  /** Enters a few rows with each transaction, all the time. */
  private static final class Writer implements AutoCloseable {

    private static final long PAUSE_NANOS = Duration.ofMillis(10).toNanos();

    /** Ids of a transaction are its number times this and what follows. */
    private static final int ROOM = 10;

    private static final int MOST = 3;

    private final String jdbcUrl;
    private final Random random;
    private final Thread thread = Thread.ofVirtual().name("writer").unstarted(this::run);
    private final AtomicLong committed = new AtomicLong();
    private volatile boolean finished;
    private volatile @Nullable SQLException failure;

    Writer(String jdbcUrl, long seed) throws SQLException {
      this.jdbcUrl = jdbcUrl;
      this.random = new Random(seed);
      try (Connection connection = DriverManager.getConnection(jdbcUrl);
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE ledger (id int8 PRIMARY KEY)");
        enter(statement);
      }
    }

    /** Whether a transaction's first row has this id. */
    static boolean begins(long id) {
      return id % ROOM == 0;
    }

    void start() {
      thread.start();
    }

    long committed() {
      return committed.get();
    }

    private void run() {
      try (Connection connection = DriverManager.getConnection(jdbcUrl);
          Statement statement = connection.createStatement()) {
        while (!finished) {
          enter(statement);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      } catch (SQLException e) {
        failure = e;
      }
    }

    private void enter(Statement statement) throws SQLException {
      long first = (committed.get() + 1) * ROOM;
      String values =
          LongStream.range(first, first + 1 + random.nextInt(MOST))
              .mapToObj(id -> "(" + id + ")")
              .reduce((a, b) -> a + "," + b)
              .orElseThrow();
      statement.execute("INSERT INTO ledger VALUES " + values);
      committed.incrementAndGet();
    }

    void finish() throws SQLException, InterruptedException {
      finished = true;
      thread.join();
      if (failure != null) {
        throw failure;
      }
    }

    /** What the database has in the end, in the order of the transactions. */
    List<Long> rows() throws SQLException {
      try (Connection connection = DriverManager.getConnection(jdbcUrl);
          Statement statement = connection.createStatement();
          ResultSet result = statement.executeQuery("SELECT id FROM ledger ORDER BY id")) {
        List<Long> ids = new ArrayList<>();
        while (result.next()) {
          ids.add(result.getLong(1));
        }
        return ids;
      }
    }

    @Override
    public void close() {
      finished = true;
    }
  }
}
