package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.e2e.FaultProxy;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A connection that ends, or falls silent, in the middle of a message. */
class PostgresCutTest {

  private static final Duration HEARTBEAT = Duration.ofMillis(100);
  private static final Duration SILENCE = Duration.ofMillis(1_500);

  private Database database;
  private FaultProxy proxy;
  private PostgresSource source;
  private RecordingSink sink;
  private LedgerSink ledger;
  private long written;

  @BeforeEach
  void startServer() throws Exception {
    database = new Database();
    database.execute(Workload.TABLES);
    database.execute("CREATE TABLE ledger (number int8 PRIMARY KEY)");
    proxy = new FaultProxy(database.server().host(), database.server().port());
    source =
        new PostgresSource(
            database.settings("cut", Duration.ofSeconds(1), HEARTBEAT, proxy.port()),
            List.of(
                new PostgresTable("everything", "public.everything", Optional.empty()),
                new PostgresTable("ledger", "public.ledger", Optional.empty())));
    sink = new RecordingSink();
    ledger = new LedgerSink(sink, "ledger");
  }

  @AfterEach
  void stopServer() throws Exception {
    proxy.close();
    database.close();
  }

  @Test
  void shouldGoOnExactlyWhereverTheConnectionIsCut() throws Exception {
    cut(40, 20);
  }

  @Test
  void shouldGoOnExactlyWhateverGoesWrong() throws Exception {
    storm(Duration.ofSeconds(10), 0, 20);
  }

  /**
   * All times are a tenth of the usual ones, or less: three minutes stand for half an hour. More,
   * until there have been hundreds of cuts.
   */
  @Test
  @Tag("long")
  void shouldGoOnExactlyThroughHalfAnHourOfFaults() throws Exception {
    long seed = Long.getLong("cut.seed", System.nanoTime());
    storm(Duration.ofMinutes(3), Integer.getInteger("cut.cuts", 500), seed);
  }

  /** What goes wrong beside cuts at random bytes. */
  private enum Fault {
    /** Half open at a random byte: silence. */
    FREEZE,
    TURN_AWAY,
    TERMINATE,
    STOP_FAST,
    CRASH
  }

  /** Out of so many faults one is not a cut. */
  private static final int CUTS = 16;

  private void storm(Duration time, int cuts, long seed) throws Exception {
    Random random = new Random(seed);
    String replay = "-Dcut.seed=" + seed;
    long end = System.nanoTime() + time.toNanos();
    int cut = 0;
    Map<Fault, Integer> reached = new EnumMap<>(Fault.class);
    try (Follower follower = new Follower(source, ledger)) {
      follower.limitSilence(SILENCE);
      follower.until(() -> follower.opened() == 1);
      while (System.nanoTime() < end || cut < cuts) {
        int failures = follower.failures().size();
        if (random.nextInt(CUTS) == 0) {
          Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
          reached.merge(fault, 1, Integer::sum);
          goWrong(fault, random, follower);
        } else {
          cut++;
          proxy.resetAfter(1 + random.nextInt(80_000));
        }
        while (follower.failures().size() == failures) {
          writeAndFollow(random.nextLong(), follower, failures);
        }
      }
      long last = end();
      follower.until(() -> isAt(last));
      assertEquals(database.rows(Workload.EVERYTHING), sink.rows("everything"), replay);
      assertEquals(written, ledger.last(), replay);
      assertEquals(0, ledger.lost(), replay);
      assertEquals(0, ledger.repeated(), replay);
      assertEquals(0, sink.repeated(), replay);
      assertEquals(1, sink.snapshots(), replay);
      assertTrue(follower.sawOnly(FailureKind.NETWORK), follower.failures().toString());
      assertTrue(cuts == 0 || reached.size() == Fault.values().length, reached::toString);
      System.out.print(
          String.format(
              "proof: PostgreSQL for %d s at a tenth of the usual times, %d cuts at random bytes"
                  + " and %s: %d transactions, %d lost, %d repeated (%s)%n",
              time.toSeconds(), cut, reached, written, ledger.lost(), ledger.repeated(), replay));
    }
  }

  private void writeAndFollow(long seed, Follower follower, int failures) throws Exception {
    try (Connection connection = database.connect()) {
      write(connection, seed);
    }
    long end = end();
    follower.until(() -> isAt(end) || follower.failures().size() > failures);
  }

  /** Written before it, and not followed: it comes in the middle of something. */
  private void goWrong(Fault fault, Random random, Follower follower) throws Exception {
    try (Connection connection = database.connect()) {
      write(connection, random.nextLong());
    }
    switch (fault) {
      case FREEZE -> proxy.freezeAfter(1 + random.nextInt(20_000));
      case TURN_AWAY -> {
        proxy.turnAway(true);
        proxy.reset();
        int failures = follower.failures().size();
        follower.until(() -> follower.failures().size() > failures + 3);
        proxy.turnAway(false);
      }
      case TERMINATE -> {
        follower.until(follower::stands); // else there may be nobody
        database.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                + " WHERE active_pid IS NOT NULL");
      }
      case STOP_FAST -> restart(follower, () -> database.server().stop());
      case CRASH -> restart(follower, () -> database.server().kill());
    }
  }

  /** The stream is followed meanwhile: a server that stops in order waits for it. */
  private void restart(Follower follower, Runnable end) throws Exception {
    CompletableFuture<Void> restarted =
        CompletableFuture.runAsync(() -> {
          end.run();
          database.server().start();
        });
    follower.until(restarted::isDone);
    restarted.get();
  }

  private void cut(int cuts, long seed) throws Exception {
    Random random = new Random(seed);
    String replay = "-Dcut.seed=" + seed + " -Dcut.cuts=" + cuts;
    int inside = 0;
    try (Follower follower = new Follower(source, ledger);
        Connection connection = database.connect()) {
      follower.until(() -> follower.opened() == 1);
      for (int cut = 1; cut <= cuts; cut++) {
        int failures = follower.failures().size();
        // Opening takes some 15 KB of it, so that some cuts come before the stream stands again.
        proxy.resetAfter(1 + random.nextInt(80_000));
        while (follower.failures().size() == failures) {
          write(connection, random.nextLong());
          long end = end();
          follower.until(() -> isAt(end) || follower.failures().size() > failures);
        }
        inside += ledger.wasInside() ? 1 : 0;
      }
      long end = end();
      follower.until(() -> isAt(end));
      assertEquals(database.rows(Workload.EVERYTHING), sink.rows("everything"), replay);
      assertEquals(written, ledger.last(), replay);
      assertEquals(0, ledger.lost(), replay);
      assertEquals(0, ledger.repeated(), replay);
      assertEquals(0, sink.repeated(), replay);
      assertEquals(1, sink.snapshots(), replay);
      assertTrue(follower.failures().size() >= cuts, replay);
      assertTrue(follower.sawOnly(FailureKind.NETWORK), follower.failures().toString());
      System.out.print(
          String.format(
              "proof: PostgreSQL cut at %d random bytes, %d times inside a transaction: %d"
                  + " transactions, %d lost, %d repeated (%s)%n",
              cuts, inside, written, ledger.lost(), ledger.repeated(), replay));
    }
  }

  /** Some transactions, each with its number in the ledger. */
  private void write(Connection connection, long seed) throws SQLException {
    Workload workload = new Workload(seed);
    try (Statement statement = connection.createStatement()) {
      for (int i = 0; i < 3; i++) {
        workload.run(connection, 1);
        written++;
        statement.execute(
            "BEGIN; INSERT INTO ledger VALUES (%d); UPDATE everything SET small = %d; COMMIT"
                .formatted(written, written % 1000));
      }
    }
  }

  /** Where the server's log ends, with something written behind it. */
  private long end() throws SQLException {
    long end = Long.parseLong(database.ask("SELECT pg_current_wal_insert_lsn() - '0/0'"));
    database.execute("SELECT pg_logical_emit_message(true, 'tycostream-test', 'end')");
    return end;
  }

  private boolean isAt(long end) {
    return Long.compareUnsigned(sink.complete().orElseThrow().time(), end) >= 0;
  }

  @Test
  void shouldNotWaitForTheRestOfAMessageForEver() throws Exception {
    try (ChangeStream stream = source.open(0, true, sink)) {
      proxy.freezeAfter(9_000);
      database.execute(
          "INSERT INTO everything (id, big) VALUES (1, repeat('x', 5000)), (2, repeat('x', 5000))");
      CompletableFuture<StreamException> end =
          CompletableFuture.supplyAsync(() ->
              assertThrows(
                  StreamException.class,
                  () -> {
                    while (true) {
                      stream.poll(sink);
                    }
                  }));
      StreamException e = end.get(10, TimeUnit.SECONDS);
      assertEquals(FailureKind.NETWORK, e.failure().kind(), e.getMessage());
      assertEquals(0, sink.commits());
    }
  }
}
