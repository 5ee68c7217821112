package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.wire.Authentication;
import io.tycostream.adapters.db.simulator.wire.Report;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/** Code and text of every error, when it comes, and whether the connection outlives it. */
class MaterializeErrorsTest {

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
  void lostHistoryNamesItsConstraints() throws SQLException {
    t.advance(1_700_000_001_000L);
    PSQLException error = client.refusedCopy("t AS OF 1699999999999");
    expect("22000", "could not find a valid timestamp for the query", error);
    assertEquals(
        """
        Constraints:
        lower:
          (Storage inputs: [u1]): [1700000000000 (2023-11-14 22:13:20.000)]
        upper:
          (Query's AS OF): [1699999999999 (2023-11-14 22:13:19.999)]
        """,
        error.getServerErrorMessage().getDetail());
    assertTrue(client.jdbc().isValid(5));
  }

  @Test
  void lostHistoryOnceHadAnotherCode() {
    materialize.generation(Generation.OLD);
    t.retainHistory(1).advance(10);
    PSQLException error = client.refusedCopy("t AS OF 5");
    assertEquals("XX000", error.getSQLState());
    assertTrue(
        error
            .getServerErrorMessage()
            .getMessage()
            .startsWith("Timestamp (5) is not valid for all inputs: [("));
    assertNull(error.getServerErrorMessage().getDetail());
  }

  @Test
  void crossedBoundsHaveTheCodeOfLostHistoryAndAreNone() {
    expect(
        "22000",
        "subscription lower bound (`AS OF`) is greater than its upper bound (`UP TO`): 10 > 5",
        client.refusedCopy("t AS OF 10 UP TO 5"));
  }

  @Test
  void aDropIsToldInTheWordsOfItsGeneration() throws SQLException {
    t.advance(10);
    expect("42704", "relation 'materialize.public.t' was dropped", dropped());
    materialize.generation(Generation.OLD);
    materialize.table("t", MzColumn.int4("id")).advance(20);
    expect(
        "XX000",
        "subscribe has been terminated because underlying relation \"materialize.public.t\" was"
            + " dropped",
        dropped());
    assertTrue(client.jdbc().isValid(5));
  }

  @Test
  void aDroppedClusterIsToldLikewise() throws SQLException {
    t.advance(10);
    for (Generation generation : Generation.values()) {
      materialize.generation(generation);
      materialize.cluster("foo", 1);
      client.run("SET cluster = foo");
      MzClient.Copy copy = client.subscribe("t WITH (PROGRESS)");
      assertEquals(1, copy.next(1).size());
      materialize.dropCluster("foo");
      PSQLException error = assertThrows(PSQLException.class, copy::rest);
      expect(
          generation == Generation.OLD ? "XX000" : "42704",
          generation == Generation.OLD
              ? "subscribe has been terminated because underlying cluster \"foo\" was dropped"
              : "cluster 'foo' was dropped",
          error);
    }
  }

  @Test
  void aRecreatedObjectHasAnotherId() throws SQLException {
    t.insert(1, "1").advance(10);
    MzObject again = materialize.recreate(t, List.of(MzColumn.int4("id"), MzColumn.text("v")));
    assertFalse(again.id().equals(t.id()));
    expect(
        "XX000", "invalid id u1", client.refusedCopy("[u1 AS \"materialize\".\"public\".\"t\"]"));
    again.insert(10, "1", "x").advance(20);
    assertEquals(List.of("19\t1\t1\tx\n"), client.subscribe("t UP TO 20").rest());
  }

  @Test
  void anUnknownObjectIsXx000AndNot42P01() {
    expect("XX000", "unknown catalog item 'foo'", client.refusedCopy("foo"));
    expect("XX000", "unknown catalog item 'public.foo'", client.refusedCopy("public.foo"));
    expect("XX000", "invalid id u9", client.refusedCopy("[u9 AS \"a\".\"b\".\"c\"]"));
    expect("3F000", "unknown schema 'nowhere'", client.refusedCopy("nowhere.t"));
  }

  @Test
  void someObjectsCannotBeSubscribedTo() {
    materialize.create("materialize", "public", "s", "sink", List.of(MzColumn.int4("id")));
    expect(
        "XX000",
        "'materialize.public.s' cannot be subscribed to because it is a sink",
        client.refusedCopy("s"));
  }

  @Test
  void aTimeIsANonNegativeWholeNumber() {
    for (String time : List.of("-1", "1.5", "NULL", "'x'", "18446744073709551616")) {
      expect(
          "XX000",
          "AS OF or UP TO should be castable to a (non-null) mz_timestamp value",
          client.refusedCopy("t AS OF " + time));
    }
    for (String time : List.of("now()", "mz_now()")) {
      expect(
          "XX000",
          "calling an unmaterializable function in AS OF or UP TO not yet supported",
          client.refusedCopy("t AS OF " + time));
    }
  }

  @Test
  void aClusterWithoutReplicasRefusesAtTheStart() {
    materialize.cluster(MaterializeSimulator.CLUSTER, 0);
    PSQLException error = client.refusedCopy("t");
    expect("0A000", "CLUSTER \"quickstart\" has no replicas available to service request", error);
    assertFalse(error.getServerErrorMessage().getHint().isEmpty());
  }

  @Test
  void anEvaluationErrorPoisonsEveryRetryUntilTheDataChanges() throws SQLException {
    t.advance(10);
    t.poison("division by zero");
    for (int i = 0; i < 2; i++) {
      MzClient.Copy copy = client.subscribe("t WITH (PROGRESS)");
      assertEquals("9\tt\t\\N\t\\N\n", copy.next());
      expect("XX000", "Evaluation error: division by zero", copy.failure());
    }
    t.heal();
    assertEquals(2, client.subscribe("t WITH (PROGRESS)").next(2).size());
  }

  @Test
  void aBatchThatIsTooLargeIsRefusedEveryTime() throws SQLException {
    t.insert(1, "123456").advance(10);
    materialize.maxResultSize(5);
    for (int i = 0; i < 2; i++) {
      PSQLException error = client.subscribe("t").failure();
      expect("XX000", "total result exceeds max size of 5 B", error);
    }
  }

  @Test
  void anyErrorCanComeInTheMiddle() throws SQLException {
    t.advance(10);
    for (Report report :
        List.of(
            MaterializeErrors.fellBehind("130 MiB", "128 MiB"),
            MaterializeErrors.cancelled(),
            MaterializeErrors.noPrivilege("TABLE \"t\""))) {
      MzClient.Copy copy = client.subscribe("t WITH (PROGRESS)");
      assertEquals(2, copy.next(2).size());
      materialize.failStreams(report);
      expect(report.sqlState(), report.message(), copy.failure());
      assertTrue(client.jdbc().isValid(5));
    }
  }

  @Test
  void anyErrorCanComeAtTheStart() throws SQLException {
    t.advance(10);
    materialize.failNextStart(MaterializeErrors.noPrivilege("TABLE \"t\""));
    expect("42501", "permission denied for TABLE \"t\"", client.refusedCopy("t"));
    assertEquals(1, client.subscribe("t WITH (PROGRESS)").next(1).size());
  }

  @Test
  void anyStatementCanFail() throws SQLException {
    materialize.failNextStatement("mz_version", MaterializeErrors.statementTimeout());
    client.run("SELECT 1");
    expect(
        "57014",
        "canceling statement due to statement timeout",
        client.refused("SELECT mz_version()"));
    client.run("SELECT mz_version()");
  }

  @Test
  void anExpiredLoginEndsStreamsAtOnceAndOthersWithTheirNextMessage() throws SQLException {
    t.advance(10);
    try (MzClient stream = MzClient.of(materialize)) {
      MzClient.Copy copy = stream.subscribe("t WITH (PROGRESS)");
      assertEquals(2, copy.next(2).size());
      materialize.expireAuthentication();
      // pgjdbc reads the error, waits for ReadyForQuery, finds the end and forgets the error.
      PSQLException error = copy.failure();
      assertEquals("08006", error.getSQLState());
      assertNull(error.getServerErrorMessage());
      assertEquals("08006", lost(stream));
    }
    expect("28000", "authentication expired", client.refused("SELECT 1"));
    assertTrue(client.jdbc().isClosed());
  }

  @Test
  void anIdleTransactionIsEndedUnlessThatIsSwitchedOff() throws SQLException {
    try (MzClient off = MzClient.of(materialize);
        MzClient outside = MzClient.of(materialize)) {
      off.run("SET idle_in_transaction_session_timeout = 0", "BEGIN");
      client.run("BEGIN");
      materialize.expireIdleTransactions();
      expect(
          "25P03",
          "terminating connection due to idle-in-transaction timeout",
          client.refused("SELECT 1"));
      off.run("SELECT 1");
      outside.run("SELECT 1");
    }
  }

  @Test
  void loginsAreRefusedForManyReasons() throws SQLException {
    for (Report report :
        List.of(
            MaterializeErrors.upstreamNotAvailable(),
            MaterializeErrors.tooManyConnections(),
            MaterializeErrors.loginBlocked(),
            MaterializeErrors.sessionDenied(),
            MaterializeErrors.tlsRequired(),
            MaterializeErrors.unknownRole("tester"))) {
      materialize.faults().refuse(report);
      expect(report.sqlState(), report.message(), refusedLogin());
    }
    materialize.faults().admit();
    expect("42501", "unauthorized login to user 'mz_system'", refusedLogin("user", "mz_system"));
    materialize.server().authentication(new Authentication.Cleartext(Map.of("tester", "right")));
    expect("28P01", "invalid password", refusedLogin("password", "wrong"));
    MzClient.of(materialize, "password", "right").close();
  }

  @Test
  void aRestartCutsWithoutAWordAndDataStays() throws SQLException {
    t.insert(1, "1").advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS)");
    assertEquals(3, copy.next(3).size());
    materialize.restart();
    PSQLException lost = copy.failure();
    assertEquals("08006", lost.getSQLState());
    assertNull(lost.getServerErrorMessage());
    t.insert(10, "2").advance(20);
    try (MzClient again = MzClient.of(materialize)) {
      assertEquals(
          List.of("10\t1\t2\n"),
          again.subscribe("t WITH (SNAPSHOT = false) AS OF 9 UP TO 20").rest());
    }
  }

  private PSQLException dropped() throws SQLException {
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS)");
    assertEquals(2, copy.next(2).size());
    materialize.drop(materialize.object("t"));
    return copy.failure();
  }

  private static String lost(MzClient stream) {
    return stream.refused("SELECT 1").getSQLState();
  }

  private PSQLException refusedLogin(String... settings) {
    return assertThrows(PSQLException.class, () -> MzClient.of(materialize, settings));
  }

  private static void expect(String sqlState, String message, PSQLException error) {
    assertEquals(sqlState, error.getSQLState());
    assertEquals(message, error.getServerErrorMessage().getMessage());
  }
}
