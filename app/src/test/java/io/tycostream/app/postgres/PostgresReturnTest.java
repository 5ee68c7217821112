package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.Await;
import io.tycostream.domain.Step;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Generation;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.source.SourceState;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A source that failed alone comes back when its table is well again, and no other notices. */
class PostgresReturnTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Database database;
  private Source broken;
  private Source other;
  private UpstreamDriver driver;
  private final Queue<String> told = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void startServer() throws Exception {
    database = new Database();
    database.execute(
        """
        CREATE TABLE broken (id int4 NOT NULL, v int4); ALTER TABLE broken REPLICA IDENTITY FULL;
        CREATE TABLE other (id int4 PRIMARY KEY, v int4);
        INSERT INTO broken VALUES (1, 0), (2, 0);
        INSERT INTO other VALUES (1, 0);
        """);
    broken = new Source("broken", SourceLimits.DEFAULT, Instant.now());
    other = new Source("other", SourceLimits.DEFAULT, Instant.now());
    UpstreamSettings usual = UpstreamSettings.DEFAULT;
    driver =
        new UpstreamDriver(
            "db",
            new PostgresSource(
                database.settings("return"),
                List.of(
                    new PostgresTable("broken", "public.broken", Optional.of(List.of("id"))),
                    new PostgresTable("other", "public.other", Optional.empty()))),
            List.of(broken, other),
            new UpstreamSettings(
                usual.backoff(),
                usual.maxRetries(),
                usual.openLimit(),
                usual.readLimit(),
                usual.silenceLimit(),
                usual.stallAfter(),
                usual.alertAfter(),
                Duration.ofMillis(300)),
            new Apart(),
            InstantSource.system());
    driver.start();
    await(
        "both are live", () -> is(broken, SourceCondition.LIVE) && is(other, SourceCondition.LIVE));
  }

  @AfterEach
  void stopServer() {
    driver.close();
    database.close();
  }

  private final class Apart implements UpstreamObserver {
    @Override
    public void stepped(
        String name,
        UpstreamState from,
        UpstreamEvent event,
        Step<UpstreamState, UpstreamEffect> step) {
      if (event instanceof UpstreamEvent.StreamFailed(Failure failure, double chance)) {
        told.add("the stream: " + failure.message());
      }
    }

    @Override
    public void sourceFailed(String name, String source, Failure failure) {
      told.add(source + " failed");
    }

    @Override
    public void sourceReturned(String name, String source) {
      told.add(source + " returned");
    }
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Await.until(what, PATIENCE, condition);
  }

  private static boolean is(Source source, SourceCondition condition) {
    return source.state().condition() == condition;
  }

  private static List<LogEntry> entries(Source source) {
    Generation generation = source.generation().orElseThrow();
    List<LogEntry> entries = new ArrayList<>();
    for (long at = generation.log().floor() + 1; at <= generation.log().head(); at++) {
      entries.add(generation.log().entry(at).orElseThrow());
    }
    return entries;
  }

  /** The rows that the log leads to, from those that the source began with. */
  private static Map<String, String> rows(Source source, String... beginning) {
    Map<String, String> rows = new TreeMap<>();
    for (String id : beginning) {
      rows.put(id, "0");
    }
    for (LogEntry entry : entries(source)) {
      for (Change change : entry.batch().changes()) {
        switch (change) {
          case Change.Insert(var row) ->
              assertEquals(null, rows.put("" + row.value(0), "" + row.value(1)));
          case Change.Delete(var before) ->
              assertEquals("" + before.value(1), rows.remove("" + before.value(0)));
          case Change.Update(var before, var row) ->
              assertEquals("" + before.value(1), rows.put("" + row.value(0), "" + row.value(1)));
        }
      }
    }
    return rows;
  }

  private Map<String, String> present(String table) throws SQLException {
    Map<String, String> rows = new TreeMap<>();
    database
        .rows("SELECT id, v FROM " + table)
        .values()
        .forEach(row -> rows.put("" + row.value(0), "" + row.value(1)));
    return rows;
  }

  @Test
  void shouldComeBackByItselfWhileChangesFlowAndTheOtherIsNotTouched() throws Exception {
    database.execute("INSERT INTO broken VALUES (1, 7)"); // the key is not unique any more
    await("it has failed alone", () -> told.contains("broken failed"));
    await("the other is live", () -> is(other, SourceCondition.LIVE));
    Instant failedSince = broken.state().since();
    Set<Long> resyncs = new TreeSet<>();
    entries(other).stream().filter(e -> e.batch().resync()).forEach(e -> resyncs.add(e.index()));
    int states = other.stateHistory().states().size();
    told.clear();

    AtomicBoolean enough = new AtomicBoolean();
    CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(() -> write(enough));
    await("it was tried in vain", () -> told.size() >= 2);
    assertEquals(Set.of("broken failed"), Set.copyOf(told));
    assertEquals(failedSince, broken.state().since());
    assertTrue(is(broken, SourceCondition.FAILED));
    assertTrue(broken.state().reason().orElseThrow().contains("key"), broken.state()::toString);

    database.execute("DELETE FROM broken WHERE v = 7");
    await("it has come back", () -> told.contains("broken returned"));
    await("it says so", () -> is(broken, SourceCondition.LIVE));
    enough.set(true);
    int written = writer.get(30, TimeUnit.SECONDS);
    assertTrue(written > 10, "nothing was written meanwhile");
    for (Source source : List.of(broken, other)) {
      Map<String, String> there = present(source.name());
      String[] beginning = source == broken ? new String[] {"1", "2"} : new String[] {"1"};
      await(source.name() + " is equal", () -> rows(source, beginning).equals(there));
      assertEquals(there.size(), source.figures().orElseThrow().rows());
    }
    assertEquals(
        resyncs,
        new TreeSet<>(
            entries(other).stream()
                .filter(entry -> entry.batch().resync())
                .map(LogEntry::index)
                .toList()),
        "the other one was resynchronized");
    assertEquals(states, other.stateHistory().states().size(), "the other one lost its stream");
    assertFalse(told.stream().anyMatch(line -> line.startsWith("the stream")), told::toString);
    assertEquals(1, entries(broken).stream().filter(e -> e.batch().resync()).count());

    database.execute("INSERT INTO broken VALUES (1, 8)");
    await("it fails like before", () -> is(broken, SourceCondition.FAILED));
  }

  /** Both tables in one transaction, over and over. */
  private int write(AtomicBoolean enough) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      int n = 10;
      while (!enough.get()) {
        n++;
        statement.execute(
            """
            BEGIN; INSERT INTO broken VALUES (%d, %d); UPDATE broken SET v = v + 1 WHERE id = 2;
            DELETE FROM broken WHERE id = %d; INSERT INTO other VALUES (%d, %d);
            UPDATE other SET v = %d WHERE id = 1; COMMIT
            """
                .formatted(n, n, n - 5, n, n, n));
      }
      return n;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldSayWhatHindersItToReadATableAgainAndGoOnWithTheOthers() throws Exception {
    database.execute("INSERT INTO broken VALUES (1, 7)");
    await("it has failed alone", () -> told.contains("broken failed"));
    await("the other is live", () -> is(other, SourceCondition.LIVE));
    int states = other.stateHistory().states().size();
    // Neither can be made while this one holds a transaction open that writes.
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN; LOCK TABLE broken; DELETE FROM broken WHERE v = 7");
      await(
          "it says so",
          () -> broken.state().reason().filter(r -> r.contains("pg_stat_activity")).isPresent());
      statement.execute("COMMIT");
    }
    await("it has come back", () -> is(broken, SourceCondition.LIVE));
    assertEquals(states, other.stateHistory().states().size());
    assertEquals(Optional.empty(), Optional.of(broken.state()).flatMap(SourceState::reason));
  }
}
