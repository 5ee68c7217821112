package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which rows a SUBSCRIBE sends, in which order, and where it ends. */
class SubscribeTest {

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t = materialize.table("t", MzColumn.int4("id"), MzColumn.text("v"));
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
  void theFirstProgressIsTheAsOfAndComesBeforeTheSnapshot() throws SQLException {
    t.insert(5, "1", "a").advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS)");
    assertEquals("9\tt\t\\N\t\\N\t\\N\n", copy.next());
    assertEquals(List.of("9\tf\t1\t1\ta\n", "10\tt\t\\N\t\\N\t\\N\n"), copy.next(2));
  }

  @Test
  void theSnapshotIsCollapsedToTheAsOf() throws SQLException {
    t.insert(1, "1", "old").insert(2, "2", "b").advance(3);
    t.delete(3, "1", "old").insert(3, "1", "new").insert(4, "2", "b").advance(10);
    assertEquals(
        List.of("7\t1\t1\tnew\n", "7\t2\t2\tb\n"), client.subscribe("t AS OF 7 UP TO 8").rest());
  }

  @Test
  void withoutSnapshotUpdatesAtTheAsOfItselfAreNotSent() throws SQLException {
    t.insert(6, "6", "x").insert(7, "7", "x").insert(8, "8", "x").advance(10);
    assertEquals(
        List.of("8\t1\t8\tx\n"),
        client.subscribe("t WITH (SNAPSHOT = false) AS OF 7 UP TO 10").rest());
  }

  @Test
  void resumingOneBeforeTheFrontierSendsUpdatesAtExactlyTheFrontier() throws SQLException {
    t.insert(5, "1", "a").advance(10);
    t.insert(10, "2", "b").advance(20);
    assertEquals(
        List.of(
            "9\tt\t\\N\t\\N\t\\N\n",
            "10\tt\t\\N\t\\N\t\\N\n",
            "10\tf\t1\t2\tb\n",
            "20\tt\t\\N\t\\N\t\\N\n"),
        client.subscribe("t WITH (PROGRESS, SNAPSHOT = false) AS OF 9").next(4));
  }

  @Test
  void resumingAtTheFrontierLosesThem() throws SQLException {
    t.insert(5, "1", "a").advance(10);
    t.insert(10, "2", "b").advance(20);
    assertEquals(
        List.of("10\tt\t\\N\t\\N\t\\N\n", "20\tt\t\\N\t\\N\t\\N\n"),
        client.subscribe("t WITH (PROGRESS, SNAPSHOT = false) AS OF 10").next(2));
  }

  @Test
  void aBatchHasSeveralTimesAndOneProgressRow() throws SQLException {
    t.advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS) AS OF 9");
    t.insert(12, "2", "b").insert(11, "1", "a").insert(15, "3", "c").advance(16);
    assertEquals(
        List.of(
            "9\tt\t\\N\t\\N\t\\N\n",
            "10\tt\t\\N\t\\N\t\\N\n",
            "11\tf\t1\t1\ta\n",
            "12\tf\t1\t2\tb\n",
            "15\tf\t1\t3\tc\n",
            "16\tt\t\\N\t\\N\t\\N\n"),
        copy.next(6));
  }

  @Test
  void insideATimeRowsAreInTheOrderOfTheirBytesAndNotRetractionsFirst() throws SQLException {
    t.insert(1, "1", "z").advance(5);
    t.insert(5, "1", "a").delete(5, "1", "z").advance(6);
    assertEquals(
        List.of("5\t1\t1\ta\n", "5\t-1\t1\tz\n"),
        client.subscribe("t WITH (SNAPSHOT = false) AS OF 4 UP TO 6").rest());
  }

  @Test
  void aDiffIsAMultiplicityAndNeverZero() throws SQLException {
    t.write(1, 10_000_000, "1", "a").insert(1, "2", "b").delete(1, "2", "b").advance(2);
    t.write(2, -2, "1", "a").advance(3);
    assertEquals(
        List.of("1\t10000000\t1\ta\n", "2\t-2\t1\ta\n"),
        client.subscribe("t AS OF 1 UP TO 3").rest());
  }

  @Test
  void noSecondProgressIsSentForAnUpperThatIsTheAsOf() throws SQLException {
    t.advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS) AS OF 20");
    t.advance(20);
    t.advance(21);
    assertEquals(List.of("20\tt\t\\N\t\\N\t\\N\n", "21\tt\t\\N\t\\N\t\\N\n"), copy.next(2));
  }

  @Test
  void anAsOfInTheFutureIsSilentAfterItsProgress() throws SQLException {
    t.insert(1, "1", "a").advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS) AS OF 1000000");
    assertEquals("1000000\tt\t\\N\t\\N\t\\N\n", copy.next());
    t.advance(999_999);
    t.advance(1_000_000);
    assertTrue(copy.isEmptyNow());
    t.advance(1_000_001);
    assertEquals("1000000\tf\t1\t1\ta\n", copy.next());
  }

  @Test
  void atLeastPrefersTheSmallestTimeThatIsThere() throws SQLException {
    t.retainHistory(4).insert(1, "1", "a").advance(10);
    assertEquals(
        "6\tt\t\\N\t\\N\t\\N\n",
        client.subscribe("t WITH (PROGRESS) AS OF AT LEAST 2 UP TO 8").next());
    try (MzClient other = MzClient.of(materialize)) {
      assertEquals(
          "8\tt\t\\N\t\\N\t\\N\n",
          other.subscribe("t WITH (PROGRESS) AS OF AT LEAST 8 UP TO 9").next());
    }
  }

  @Test
  void upToEndsItWithoutALastProgress() throws SQLException {
    t.advance(10);
    t.insert(10, "1", "a").insert(12, "2", "b").advance(20);
    assertEquals(
        List.of("9\tt\t\\N\t\\N\t\\N\n", "10\tt\t\\N\t\\N\t\\N\n", "10\tf\t1\t1\ta\n"),
        client.subscribe("t WITH (PROGRESS) AS OF 9 UP TO 12").rest());
  }

  @Test
  void upToTheAsOfIsEmptyAndSaysSo() throws SQLException {
    t.insert(1, "1", "a").advance(10);
    assertEquals(List.of(), client.subscribe("t AS OF 5 UP TO 5").rest());
    assertTrue(client.notices().getLast().contains("guaranteed to be empty"));
  }

  @Test
  void aConstantViewIsAtTheEndOfTimeAndEnds() throws SQLException {
    materialize.constantView(
        "c", List.of(MzColumn.int4("n")), List.of(MzRow.of("1"), MzRow.of("2")));
    assertEquals(
        List.of(
            "18446744073709551615\tt\t\\N\t\\N\n",
            "18446744073709551615\tf\t1\t1\n",
            "18446744073709551615\tf\t1\t2\n"),
        client.subscribe("c WITH (PROGRESS)").rest());
  }

  @Test
  void anUpperFrontierThatBecomesEmptyEndsItWithoutProgress() throws SQLException {
    t.insert(1, "1", "a").advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS) AS OF 9");
    t.insert(15, "2", "b").end();
    assertEquals(
        List.of(
            "9\tt\t\\N\t\\N\t\\N\n",
            "9\tf\t1\t1\ta\n",
            "10\tt\t\\N\t\\N\t\\N\n",
            "15\tf\t1\t2\tb\n"),
        copy.rest());
  }

  @Test
  void timesAreUnsigned() throws SQLException {
    long late = Long.MIN_VALUE + 5;
    t.insert(late, "1", "a").advance(late + 1);
    t.retainHistory(MzTime.MAX);
    assertEquals(
        List.of("9223372036854775813\t1\t1\ta\n"),
        client.subscribe("t AS OF 9223372036854775813 UP TO 9223372036854775814").rest());
  }

  @Test
  void aSubscribeThatStartsLateMayGetAllThereIsAsOneBatch() throws SQLException {
    t.advance(10);
    t.insert(10, "1", "a").advance(20);
    t.insert(20, "2", "b").advance(30);
    materialize.historyInOneBatch(true);
    assertEquals(
        List.of(
            "9\tt\t\\N\t\\N\t\\N\n",
            "10\tf\t1\t1\ta\n",
            "20\tf\t1\t2\tb\n",
            "30\tt\t\\N\t\\N\t\\N\n"),
        client.subscribe("t WITH (PROGRESS) AS OF 9").next(4));
  }

  @Test
  void aRowBelongsToTheColumnsOfTheObject() throws SQLException {
    t.insert(1, "1", null).advance(2);
    List<String> forms =
        List.of(
            "COPY (SUBSCRIBE t AS OF 1 UP TO 2) TO STDOUT",
            "copy(subscribe to \"public\".\"t\" as of 1 up to 2)to stdout",
            "COPY ( SUBSCRIBE\nmaterialize.public.t WITH ( SNAPSHOT = true , PROGRESS = FALSE ) AS"
                + " OF '1' UP TO 2::mz_timestamp ) TO STDOUT WITH (FORMAT text)",
            "/* why */ COPY (SUBSCRIBE [u1 AS \"materialize\".\"public\".\"t\"] AS OF 1 UP TO 2) TO"
                + " STDOUT",
            "COPY (SUBSCRIBE (SELECT * FROM t) AS OF 1 UP TO 2) TO STDOUT");
    for (String form : forms) {
      assertEquals(List.of("1\t1\t1\t\\N\n"), client.copy(form).rest(), form);
    }
  }

  @Test
  void aStalledObjectIsSilentWhileOthersGoOn() throws SQLException {
    MzObject other = materialize.table("other", MzColumn.int4("n"));
    materialize.tick(10);
    MzClient.Copy stalled = client.subscribe("t WITH (PROGRESS, SNAPSHOT = false) AS OF 10");
    assertEquals("10\tt\t\\N\t\\N\t\\N\n", stalled.next());
    assertEquals("11\tt\t\\N\t\\N\t\\N\n", stalled.next());
    t.stall();
    materialize.tick(10);
    assertTrue(stalled.isEmptyNow());
    assertEquals(11, t.upper());
    assertEquals(21, other.upper());
    t.recover();
    materialize.tick(10);
    assertEquals("31\tt\t\\N\t\\N\t\\N\n", stalled.next());
  }

  @Test
  void aClusterWithoutReplicasFallsSilent() throws SQLException {
    t.advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS, SNAPSHOT = false) AS OF 9");
    assertEquals(2, copy.next(2).size());
    materialize.cluster(MaterializeSimulator.CLUSTER, 0);
    t.insert(10, "1", "a").advance(20);
    assertTrue(copy.isEmptyNow());
    materialize.cluster(MaterializeSimulator.CLUSTER, 1);
    assertEquals(List.of("10\tf\t1\t1\ta\n", "20\tt\t\\N\t\\N\t\\N\n"), copy.next(2));
  }

  @Test
  void aSubscribeEndsWithItsClient() throws SQLException {
    t.advance(10);
    try (MzClient other = MzClient.of(materialize)) {
      other.subscribe("t WITH (PROGRESS)").next();
      assertTrue(materialize.awaitCaughtUp(t, Duration.ofSeconds(10)));
      assertEquals(1, materialize.subscriptions());
      assertEquals(
          List.of("u0 quickstart {u1}"), client.rows("SELECT * FROM mz_internal.mz_subscriptions"));
      other.jdbc().abort(Runnable::run);
    }
    assertTrue(materialize.awaitSubscriptions(t, 0, Duration.ofSeconds(10)));
  }

  @Test
  void directlyItSendsRowsAndSaysThatTheClientMustNotBuffer() throws SQLException {
    t.insert(1, "1", "a").advance(10);
    client.jdbc().setAutoCommit(false);
    assertEquals(
        List.of("1 f 1 1 a"),
        client.rows("SUBSCRIBE t WITH (PROGRESS, SNAPSHOT) AS OF 1 UP TO 2").stream()
            .skip(1)
            .toList());
    try (var statement = client.jdbc().createStatement()) {
      client.jdbc().rollback();
      statement.setFetchSize(1);
      try (var rows = statement.executeQuery("SUBSCRIBE t AS OF 1")) {
        assertTrue(rows.next());
        assertEquals("1", rows.getString("mz_timestamp"));
        assertEquals(1, rows.getLong("mz_diff"));
        assertEquals("a", rows.getString("v"));
        assertTrue(statement.getWarnings().getMessage().startsWith("streaming SUBSCRIBE rows"));
      }
      client.jdbc().rollback();
    }
  }
}
