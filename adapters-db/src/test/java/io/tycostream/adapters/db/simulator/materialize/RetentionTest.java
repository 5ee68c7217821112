package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How far back one can read. */
class RetentionTest {

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t = materialize.table("t", MzColumn.int4("id"));
  private MzClient client;

  @BeforeEach
  void connect() throws SQLException {
    client = MzClient.of(materialize);
  }

  @AfterEach
  void end() throws SQLException {
    client.close();
    materialize.close();
    assertEquals(List.of(), materialize.failures());
  }

  @Test
  void withoutRetentionASecondIsKept() throws SQLException {
    t.advance(10_000);
    assertEquals(9_000, t.since());
    assertEquals("22000", client.refusedCopy("t AS OF 8999").getSQLState());
    assertEquals(1, client.subscribe("t WITH (PROGRESS) AS OF 9000").next(1).size());
  }

  @Test
  void theWindowSlidesWithTheUpperAlsoWhenThatJumps() {
    t.retainHistory(60_000).advance(100_000);
    assertEquals(40_000, t.since());
    t.advance(1_000_000);
    assertEquals(940_000, t.since());
  }

  @Test
  void aLargerWindowDoesNotBringHistoryBack() {
    t.retainHistory(10).advance(100);
    t.retainHistory(50).advance(110);
    assertEquals(90, t.since());
    t.advance(150);
    assertEquals(100, t.since());
    t.retainHistory(10);
    assertEquals(140, t.since());
  }

  @Test
  void anIndexOnTheClusterCountsWhateverTheObjectKeeps() throws SQLException {
    t.retainHistory(3_600_000).advance(100_000);
    t.index("t_idx", "quickstart");
    var error = client.refusedCopy("t AS OF 98999");
    assertEquals("22000", error.getSQLState());
    assertTrue(
        error.getServerErrorMessage().getDetail().contains("(Indexed inputs: [(quickstart, u2)])"));
    materialize.cluster("bare", 1);
    client.run("SET cluster = bare");
    assertEquals(1, client.subscribe("t WITH (PROGRESS) AS OF 98999").next(1).size());
  }

  @Test
  void anIndexMayKeepHistoryToo() throws SQLException {
    t.retainHistory(3_600_000).advance(100_000);
    t.index("t_idx", "quickstart", 50_000);
    assertEquals("22000", client.refusedCopy("t AS OF 49999").getSQLState());
    assertEquals(1, client.subscribe("t WITH (PROGRESS) AS OF 50000").next(1).size());
  }

  @Test
  void aRunningSubscribeHoldsWhatItHasNotBeenGivenYet() throws SQLException {
    t.advance(10);
    try (MzClient reader = MzClient.of(materialize)) {
      MzClient.Copy copy = reader.subscribe("t WITH (PROGRESS) AS OF 9");
      assertEquals(2, copy.next(2).size());
      materialize.cluster("quickstart", 0);
      t.insert(10, "1").advance(20);
      t.compact(20);
      assertEquals(10, t.since());
      materialize.cluster("quickstart", 1);
      assertEquals(List.of("10\tf\t1\t1\n", "20\tt\t\\N\t\\N\n"), copy.next(2));
      assertEquals(20, t.since());
      // It has read all, yet cannot come back where it was: nobody held that.
      assertEquals("22000", client.refusedCopy("t AS OF 19").getSQLState());
    }
    assertTrue(materialize.awaitSubscriptions(t, 0, Duration.ofSeconds(10)));
  }

  @Test
  void aRecreatedObjectHasNoHistory() throws SQLException {
    t.advance(10_000);
    materialize.recreate(t);
    assertEquals("22000", client.refusedCopy("t AS OF 9998").getSQLState());
  }
}
