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
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection that ends, or falls silent, in the middle of a message. */
class PostgresCutTest {

  private static final int CUTS = 40;

  private Database database;
  private FaultProxy proxy;
  private PostgresSource source;
  private RecordingSink sink;

  @BeforeEach
  void startServer() throws Exception {
    database = new Database();
    database.execute(Workload.TABLES);
    proxy = new FaultProxy(database.server().host(), database.server().port());
    source =
        new PostgresSource(
            database.settings("cut", Duration.ofSeconds(5), proxy.port()),
            List.of(new PostgresTable("everything", "public.everything", Optional.empty())));
    sink = new RecordingSink();
  }

  @AfterEach
  void stopServer() throws Exception {
    proxy.close();
    database.close();
  }

  @Test
  void shouldGoOnExactlyWhereverTheConnectionIsCut() throws Exception {
    Random random = new Random(20);
    try (Follower follower = new Follower(source, sink)) {
      follower.until(() -> follower.opened() == 1);
      for (int cut = 1; cut <= CUTS; cut++) {
        int failures = follower.failures().size();
        // Opening takes some 15 KB of it, so that some cuts come before the stream stands again.
        proxy.resetAfter(1 + random.nextInt(80_000));
        while (follower.failures().size() == failures) {
          try (var connection = database.connect()) {
            new Workload(random.nextLong()).run(connection, 3);
          }
          long end = end();
          follower.until(() -> isAt(end) || follower.failures().size() > failures);
        }
      }
      long end = end();
      follower.until(() -> isAt(end));
      assertEquals(database.rows(Workload.EVERYTHING), sink.rows("everything"));
      assertEquals(1, sink.snapshots());
      assertTrue(follower.failures().size() >= CUTS);
      assertTrue(follower.sawOnly(FailureKind.NETWORK), follower.failures().toString());
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
