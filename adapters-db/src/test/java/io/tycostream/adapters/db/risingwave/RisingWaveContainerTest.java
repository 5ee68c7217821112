package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** Against a real RisingWave, where there is Docker. */
@Testcontainers(disabledWithoutDocker = true)
class RisingWaveContainerTest {

  private static final int PORT = 4566;

  @Container
  private static final GenericContainer<?> SERVER =
      new GenericContainer<>(DockerImageName.parse("risingwavelabs/risingwave:v2.5.0"))
          .withCommand("single_node")
          .withExposedPorts(PORT)
          .waitingFor(Wait.forListeningPort().withStartupTimeout(Duration.ofMinutes(3)));

  private static ConnectionSettings settings() {
    return new ConnectionSettings(
        new DatabaseEndpoint(
            "RisingWave", SERVER.getHost(), SERVER.getMappedPort(PORT), "dev", false, ""),
        "root",
        "",
        "disable",
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(1),
        Duration.ofSeconds(15),
        2,
        "tycostream test");
  }

  private static RisingWaveRelation relation(String name) {
    return new RisingWaveRelation(
        name,
        "public." + name,
        Optional.empty(),
        "tycostream_" + name,
        true,
        RisingWaveRelation.RETENTION,
        new SourceLimits(
            new HistoryLimits(1_000_000, Duration.ofMinutes(10), 1L << 30), 1_000_000, 1L << 30));
  }

  private static RisingWaveSource source(RisingWaveRelation relation) {
    return new RisingWaveSource(List.of(new RisingWaveSettings(settings(), "")), relation);
  }

  private static void execute(String... statements) throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static Connection connection() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/dev?user=root&preferQueryMode=simple"
            .formatted(SERVER.getHost(), SERVER.getMappedPort(PORT)));
  }

  private static Map<Row, Integer> rows(String sql) throws SQLException {
    Map<Row, Integer> rows = new HashMap<>();
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(sql)) {
      while (answer.next()) {
        @Nullable String[] values = new @Nullable String[answer.getMetaData().getColumnCount()];
        for (int i = 0; i < values.length; i++) {
          values[i] = answer.getString(i + 1);
        }
        rows.merge(Row.of(values), 1, Integer::sum);
      }
    }
    return rows;
  }

  @Test
  void shouldFollowATableAndResumeAndFillItsHistoryAfterARestart() throws Exception {
    execute(
        "CREATE TABLE books (id int PRIMARY KEY, title varchar, sold boolean)",
        "INSERT INTO books VALUES (1, 'one', true), (2, NULL, false)",
        "FLUSH");
    RisingWaveRelation books = relation("books");
    Counted counted = new Counted();
    RisingWaveSource source = source(books);
    ChangeStream stream = source.open(0, true, counted);
    follow(stream, counted, "SELECT * FROM books");
    execute(
        "UPDATE books SET title = 'uno' WHERE id = 1",
        "DELETE FROM books WHERE id = 2",
        "FLUSH",
        "INSERT INTO books VALUES (3, 'tab\ttab', NULL)",
        "FLUSH");
    follow(stream, counted, "SELECT * FROM books");
    stream.close();

    execute("INSERT INTO books VALUES (4, 'while away', true)", "FLUSH");
    ChangeStream resumed = source.open(0, false, counted);
    follow(resumed, counted, "SELECT * FROM books");
    long before = counted.complete;
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (counted.complete < before + 5_000 && System.nanoTime() < end) {
      boolean unused = resumed.poll(counted);
    }
    assertTrue(counted.complete >= before + 5_000, "the time of a quiet table goes on");
    resumed.close();

    Counted again = new Counted();
    ChangeStream restarted = source(books).open(0, true, again);
    follow(restarted, again, "SELECT * FROM books");
    restarted.close();
    assertEquals(counted.rows, again.rows);
    assertTrue(again.loadedAt < counted.complete - 5_000, "it began before the snapshot");
    assertEquals(
        List.of(), RisingWaveCheck.run(new RisingWaveSettings(settings(), ""), books).problems());
  }

  @Test
  void shouldFollowAMaterializedViewWithoutAKey() throws Exception {
    execute(
        "CREATE TABLE words (word varchar)",
        "CREATE MATERIALIZED VIEW lengths AS SELECT length(word) AS n FROM words",
        "INSERT INTO words VALUES ('a'), ('b'), ('cc')",
        "FLUSH");
    Counted counted = new Counted();
    ChangeStream stream = source(relation("lengths")).open(0, true, counted);
    follow(stream, counted, "SELECT * FROM lengths");
    execute("DELETE FROM words WHERE word = 'a'", "INSERT INTO words VALUES ('dd')", "FLUSH");
    follow(stream, counted, "SELECT * FROM lengths");
    stream.close();
  }

  /** Polls until the rows are those that a query gives. */
  private static void follow(ChangeStream stream, Counted counted, String sql) throws Exception {
    Map<Row, Integer> wanted = rows(sql);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!(counted.pending.isEmpty() && counted.rows.equals(wanted)) && System.nanoTime() < end) {
      boolean unused = stream.poll(counted);
    }
    assertEquals(wanted, counted.rows);
  }

  /** Counts the rows of whole moments. */
  private static final class Counted implements ChangeSink {

    private final Map<Row, Integer> rows = new HashMap<>();
    private final Map<Row, Integer> pending = new HashMap<>();
    private Optional<Relation> relation = Optional.empty();
    private String epoch = "";
    private long complete = -1;
    private long open = -1;
    private long loadedAt = -1;

    @Override
    public Optional<Checkpoint> complete() {
      return complete < 0 ? Optional.empty() : Optional.of(new Checkpoint(epoch, complete));
    }

    @Override
    public Optional<Relation> relation(String source) {
      return complete < 0 ? Optional.empty() : relation;
    }

    @Override
    public void snapshotStarted() {}

    @Override
    public void snapshotProgressed() {}

    @Override
    public void loading(String source, Relation loaded, Checkpoint at) {
      relation = Optional.of(loaded);
      epoch = at.epoch();
      loadedAt = at.time();
      rows.clear();
      pending.clear();
    }

    @Override
    public void resumed(long behind) {
      assertEquals(complete, behind);
      pending.clear();
    }

    @Override
    public void row(String source, long time, RowEvent event) {
      if (time != open) {
        closed(time);
        open = time;
      }
      RowEvent.Counted counted = (RowEvent.Counted) event;
      pending.merge(counted.row(), (int) counted.diff(), Integer::sum);
    }

    @Override
    public void closed(long before) {
      if (open < before) {
        pending.forEach((row, diff) ->
            rows.merge(row, diff, (a, b) -> a + b == 0 ? null : Integer.valueOf(a + b)));
        pending.clear();
      }
      complete = Math.max(complete, before - 1);
    }

    @Override
    public void loaded(String source, Relation loaded, Checkpoint at, List<Row> all) {
      throw new IllegalStateException();
    }

    @Override
    public void failed(String source, Failure failure) {
      throw new IllegalStateException(failure.message());
    }

    @Override
    public void row(String source, RowEvent event) {
      throw new IllegalStateException();
    }

    @Override
    public void commit(long time) {
      throw new IllegalStateException();
    }

    @Override
    public void progress(long time) {
      throw new IllegalStateException();
    }

    @Override
    public void completed() {
      throw new IllegalStateException();
    }
  }
}
