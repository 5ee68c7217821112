package io.tycostream.app.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever happens to stream and server, the tables end up, and stay meanwhile, as they are. */
class PostgresFollowingTest {

  private static final String SLOT = "following";
  private static final List<PostgresTable> TABLES =
      List.of(
          new PostgresTable("everything", "public.everything", Optional.empty()),
          new PostgresTable("wallets", "public.wallets", Optional.empty()),
          new PostgresTable("vaults", "public.vaults", Optional.empty()),
          new PostgresTable("vaults-again", "public.vaults", Optional.of(List.of("id"))));

  private static Database database;

  private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
  private RecordingSink sink;
  private Follower follower;

  @BeforeAll
  static void startServer() {
    database = new Database();
  }

  @AfterAll
  static void stopServer() {
    database.close();
  }

  @BeforeEach
  void createTables() throws SQLException {
    database.execute(
        "DROP TABLE IF EXISTS everything, wallets, vaults; DROP DOMAIN IF EXISTS price;"
            + " DROP TYPE IF EXISTS mood");
    database.execute(Workload.TABLES);
    sink = new RecordingSink(this::requireAllMoney);
    follower = new Follower(new PostgresSource(database.settings(SLOT), TABLES), sink);
  }

  @AfterEach
  void endWriters() throws Exception {
    follower.close();
    writers.shutdown();
    assertTrue(writers.awaitTermination(30, TimeUnit.SECONDS));
    if (!database.server().running()) {
      database.server().start();
    }
  }

  @Test
  void shouldJoinSnapshotAndStreamWithoutAHoleWhileOthersWrite() throws Exception {
    Future<?> one = write(1, 300);
    Future<?> two = write(2, 300);
    follower.until(() -> sink.snapshots() == 1 && one.isDone() && two.isDone());
    one.get();
    two.get();
    requireAllRows();
    assertTrue(sink.commits() > 0, "nothing came through the stream");
    // The writers truncate: a snapshot that this falls into is not taken for the table's rows.
    assertTrue(
        follower.failures().stream().allMatch(each -> each.message().contains("emptied")),
        follower.failures().toString());
    assertEquals(0, sink.repeated());
  }

  @Test
  void shouldGoOnExactlyAfterTheWalsenderWasTerminated() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    Future<?> writer = write(3, 400);
    for (int cut = 1; cut <= 3; cut++) {
      int opened = follower.opened();
      int commits = sink.commits();
      follower.until(() -> sink.commits() > commits + 10);
      database.execute(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
              + SLOT
              + "'");
      follower.until(() -> follower.opened() > opened);
    }
    follower.until(writer::isDone);
    writer.get();
    requireAllRows();
    assertEquals(1, sink.snapshots());
    assertTrue(follower.sawOnly(FailureKind.NETWORK), follower.failures().toString());
  }

  @Test
  void shouldStandOnceItHasCaughtUpWithWhatWasWrittenMeanwhile() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    assertTrue(follower.stands(), "all rows were read");
    follower.cut();
    write(8, 300).get(30, TimeUnit.SECONDS);
    long written = Long.parseLong(database.ask("SELECT pg_current_wal_flush_lsn() - '0/0'"));
    follower.until(() -> {
      boolean caughtUp = sink.complete().filter(at -> at.time() >= written).isPresent();
      assertTrue(caughtUp || !follower.stands(), "changes are missing, and it says it is live");
      return caughtUp && follower.stands();
    });
    requireAllRows();
    assertEquals(2, follower.opened());
  }

  @Test
  void shouldGoOnExactlyAfterTheServerWasKilled() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    for (int crash = 1; crash <= 2; crash++) {
      int commits = sink.commits();
      int opened = follower.opened();
      Future<?> writer = writeUntilCut(4 + crash);
      follower.until(() -> sink.commits() > commits + 50);
      database.server().kill();
      database.server().start();
      follower.until(() -> follower.opened() > opened && writer.isDone());
      writer.get();
    }
    write(6, 50).get(30, TimeUnit.SECONDS);
    requireAllRows();
    assertEquals(1, sink.snapshots());
    assertTrue(follower.sawOnly(FailureKind.NETWORK), follower.failures().toString());
  }

  @Test
  void shouldReadAnewWhenTheSlotWasDroppedMeanwhile() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    follower.cut();
    whenSlotIsFree("SELECT pg_drop_replication_slot('" + SLOT + "')");
    write(7, 20).get(30, TimeUnit.SECONDS);
    follower.until(() -> sink.snapshots() == 2);
    requireAllRows();
    assertEquals(FailureKind.HISTORY_LOST, follower.failures().getFirst().kind());
  }

  @Test
  void shouldReadAnewWhenTheSlotWasMovedMeanwhile() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    follower.cut();
    write(8, 20).get(30, TimeUnit.SECONDS);
    whenSlotIsFree(
        "SELECT pg_replication_slot_advance('" + SLOT + "', pg_current_wal_flush_lsn())");
    follower.until(() -> sink.snapshots() == 2);
    requireAllRows();
    assertEquals(FailureKind.HISTORY_LOST, follower.failures().getFirst().kind());
  }

  @Test
  void shouldReadAnewWhenATableChangesItsColumns() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    database.execute("ALTER TABLE wallets ADD COLUMN owner text DEFAULT 'me'");
    write(9, 5).get(30, TimeUnit.SECONDS);
    follower.until(() -> sink.snapshots() == 2);
    requireMatch("wallets", "SELECT id, amount, owner FROM wallets");
    assertEquals(FailureKind.HISTORY_LOST, follower.failures().getFirst().kind());
    assertTrue(follower.failures().getFirst().message().contains("public.wallets"));
  }

  @Test
  void shouldReadAnewWhenATableLeftThePublicationMeanwhile() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    follower.cut();
    database.execute("ALTER PUBLICATION following_publication DROP TABLE wallets");
    write(10, 5).get(30, TimeUnit.SECONDS);
    follower.until(() -> sink.snapshots() == 2);
    requireAllRows();
    assertTrue(follower.failures().stream().anyMatch(f -> f.kind() == FailureKind.HISTORY_LOST));
  }

  @Test
  void shouldMoveOnWhileTheTablesAreQuiet() throws Exception {
    follower.until(() -> sink.snapshots() == 1);
    long time = sink.complete().orElseThrow().time();
    database.execute(
        "CREATE TABLE IF NOT EXISTS unrelated (i int4); INSERT INTO unrelated VALUES (1)");
    follower.until(() -> sink.complete().orElseThrow().time() - time > 0);
    assertEquals(0, sink.commits());
    long reached = sink.complete().orElseThrow().time();
    BooleanSupplier acknowledged =
        () -> {
          try {
            return "t"
                .equals(
                    database.ask(
                        "SELECT confirmed_flush_lsn - '0/0' >= "
                            + reached
                            + " FROM pg_replication_slots WHERE slot_name = '"
                            + SLOT
                            + "'"));
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        };
    follower.until(acknowledged);
  }

  private Future<?> write(long seed, int transactions) {
    return writers.submit(() -> {
      try (Connection connection = database.connect()) {
        new Workload(seed).run(connection, transactions);
      }
      return null;
    });
  }

  /** Writes until the server goes away. */
  private Future<?> writeUntilCut(long seed) {
    return writers.submit(() -> {
      try (Connection connection = database.connect()) {
        new Workload(seed).run(connection, Integer.MAX_VALUE);
      } catch (SQLException e) {
        assertTrue(
            e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57"), e::toString);
      }
    });
  }

  private void whenSlotIsFree(String sql) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!"nothing"
        .equals(
            database.ask(
                "SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '"
                    + SLOT
                    + "'"))) {
      assertFalse(System.nanoTime() > deadline, "the slot stays active");
    }
    database.execute(sql);
  }

  private void requireAllMoney() {
    // Both tables are complete or none is: a state between the two halves of a transfer is not
    // seen.
    assertEquals(Workload.MONEY, money("wallets") + money("vaults"));
    assertEquals(sink.rows("vaults"), sink.rows("vaults-again"));
  }

  private int money(String source) {
    return sink.rows(source).values().stream()
        .mapToInt(row -> Integer.parseInt(String.valueOf(row.value(1))))
        .sum();
  }

  private void requireAllRows() throws Exception {
    requireMatch("everything", Workload.EVERYTHING);
    requireMatch("wallets", "SELECT id, amount FROM wallets");
    requireMatch("vaults", "SELECT id, amount FROM vaults");
  }

  private void requireMatch(String source, String query) throws Exception {
    long end = Long.parseLong(database.ask("SELECT (pg_current_wal_insert_lsn() - '0/0')::int8"));
    // Something for the stream to come past, in case that nothing else is written any more.
    database.execute("SELECT pg_logical_emit_message(true, 'tycostream-test', 'end')");
    follower.until(() -> Long.compareUnsigned(sink.complete().orElseThrow().time(), end) >= 0);
    Map<String, Row> expected = database.rows(query);
    assertEquals(expected, sink.rows(source));
  }
}
