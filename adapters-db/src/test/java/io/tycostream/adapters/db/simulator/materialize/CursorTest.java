package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/** DECLARE, FETCH and CLOSE. */
class CursorTest {

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t = materialize.table("t", MzColumn.int4("id"), MzColumn.text("v"));
  private MzClient client;

  @BeforeEach
  void connect() throws SQLException {
    client = MzClient.of(materialize, "preferQueryMode", "simple");
  }

  @AfterEach
  void end() throws SQLException {
    client.close();
    materialize.close();
    assertEquals(List.of(), materialize.failures());
  }

  @Test
  void columnsAreInTheirFixedOrderWithTheirTypes() throws SQLException {
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t WITH (PROGRESS)");
    try (Statement statement = client.jdbc().createStatement();
        ResultSet rows = statement.executeQuery("FETCH 0 c")) {
      ResultSetMetaData columns = rows.getMetaData();
      assertEquals("mz_timestamp", columns.getColumnName(1));
      assertEquals("numeric", columns.getColumnTypeName(1));
      assertEquals(39, columns.getPrecision(1));
      assertEquals(0, columns.getScale(1));
      assertEquals("mz_progressed", columns.getColumnName(2));
      assertEquals("bool", columns.getColumnTypeName(2));
      assertEquals("mz_diff", columns.getColumnName(3));
      assertEquals("int8", columns.getColumnTypeName(3));
      assertEquals("int4", columns.getColumnTypeName(4));
      assertEquals("v", columns.getColumnName(5));
      assertFalse(rows.next());
    }
  }

  @Test
  void declareDoesNotLookAtTheAsOfButTheFirstFetchDoes() throws SQLException {
    t.retainHistory(1).advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1");
    assertEquals("22000", client.refused("FETCH 0 c").getSQLState());
    PSQLException aborted = client.refused("FETCH 0 c");
    assertEquals("25P02", aborted.getSQLState());
    assertEquals(
        "current transaction is aborted, commands ignored until end of transaction block",
        aborted.getServerErrorMessage().getMessage());
    client.run("ROLLBACK", "BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 9");
    assertEquals(List.of(), client.rows("FETCH 0 c"));
  }

  @Test
  void declareDoesLookAtNames() throws SQLException {
    client.run("BEGIN");
    assertEquals("XX000", client.refused("DECLARE c CURSOR FOR SUBSCRIBE nothing").getSQLState());
  }

  @Test
  void theFirstFetchChoosesTheAsOf() throws SQLException {
    t.advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t WITH (PROGRESS)");
    t.advance(20);
    assertEquals(List.of("19 t null null null"), client.rows("FETCH c"));
  }

  @Test
  void aFetchWithoutACountIsOfOneRow() throws SQLException {
    t.insert(1, "1", "a").insert(1, "2", "b").advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1");
    assertEquals(List.of("1 1 1 a"), client.rows("FETCH c"));
    assertEquals(List.of("1 1 2 b"), client.rows("FETCH FROM c"));
  }

  @Test
  void aFetchMayCutATimeAndTheRestComesWithTheNext() throws SQLException {
    t.insert(1, "1", "a").insert(1, "2", "b").insert(1, "3", "c").advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t WITH (PROGRESS) AS OF 1");
    assertEquals(
        List.of("1 t null null null", "1 f 1 1 a"), client.rows("FETCH 2 c WITH (timeout = '9s')"));
    assertEquals(
        List.of("1 f 1 2 b", "1 f 1 3 c", "10 t null null null"),
        client.rows("FETCH ALL FROM c WITH (timeout = '20ms')"));
  }

  @Test
  void aFetchWithoutATimeoutWaitsOnceForTheFirstBatch() throws Exception {
    t.advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 9");
    CompletableFuture<List<String>> rows =
        CompletableFuture.supplyAsync(() -> {
          try {
            return client.rows("FETCH ALL c");
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
    assertTrue(materialize.awaitCaughtUp(t, java.time.Duration.ofSeconds(10)));
    assertFalse(rows.isDone());
    t.insert(10, "1", "a").insert(11, "2", "b").advance(12);
    assertEquals(List.of("10 1 1 a", "11 1 2 b"), rows.get(10, TimeUnit.SECONDS));
  }

  @Test
  void aFetchWithATimeoutOfNothingPolls() throws SQLException {
    t.insert(1, "1", "a").advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1");
    assertEquals(List.of("1 1 1 a"), client.rows("FETCH ALL c WITH (timeout = '0s')"));
    assertEquals(List.of(), client.rows("FETCH ALL c WITH (timeout = '0s')"));
    t.insert(10, "2", "b").advance(11);
    assertEquals(List.of("10 1 2 b"), client.rows("FETCH 100 c WITH (timeout = '00:00:00')"));
  }

  @Test
  void aFetchOfAllWithATimeoutWaitsAllOfItOnALiveStream() throws SQLException {
    t.insert(1, "1", "a").advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1");
    long begin = System.nanoTime();
    assertEquals(List.of("1 1 1 a"), client.rows("FETCH ALL c WITH (timeout = '100ms')"));
    assertTrue(System.nanoTime() - begin >= 100_000_000);
  }

  @Test
  void onlyAFetchWithoutATimeoutProvesTheEnd() throws SQLException {
    t.insert(1, "1", "a").advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1 UP TO 5");
    assertEquals(List.of("1 1 1 a"), client.rows("FETCH ALL c WITH (timeout = '9s')"));
    assertEquals(List.of(), client.rows("FETCH ALL c WITH (timeout = '0s')"));
    assertEquals(List.of(), client.rows("FETCH ALL c"));
  }

  @Test
  void aTimeoutHasItsRange() throws SQLException {
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t");
    PSQLException tooLong = client.refused("FETCH c WITH (timeout = '25h')");
    assertEquals("timeout out of range: 90000s", tooLong.getServerErrorMessage().getMessage());
    assertEquals("XX000", tooLong.getSQLState());
    client.run("ROLLBACK", "BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t");
    assertEquals(
        "invalid TIMEOUT: cannot convert negative interval to duration",
        client.refused("FETCH c WITH (timeout = '-1s')").getServerErrorMessage().getMessage());
  }

  @Test
  void aCursorVanishesWithItsTransaction() throws SQLException {
    t.advance(10);
    client.run("DECLARE c CURSOR FOR SUBSCRIBE t");
    PSQLException gone = client.refused("FETCH c");
    assertEquals("34000", gone.getSQLState());
    assertEquals("cursor \"c\" does not exist", gone.getServerErrorMessage().getMessage());
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t WITH (PROGRESS)", "FETCH 0 c");
    assertEquals(1, materialize.subscriptions());
    client.run("COMMIT");
    assertEquals(0, materialize.subscriptions());
    client.run("BEGIN");
    assertEquals("34000", client.refused("FETCH c").getSQLState());
  }

  @Test
  void aClosedCursorIsGone() throws SQLException {
    t.advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t", "FETCH 0 c", "CLOSE c");
    assertEquals(0, materialize.subscriptions());
    assertEquals("34000", client.refused("CLOSE c").getSQLState());
  }

  @Test
  void aNameIsTakenOnceAndWithHoldIsRejected() throws SQLException {
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 0");
    assertEquals("42P03", client.refused("DECLARE c CURSOR FOR SUBSCRIBE t AS OF 0").getSQLState());
    client.run("ROLLBACK", "BEGIN");
    assertEquals(
        "XX000", client.refused("DECLARE c CURSOR WITH HOLD FOR SUBSCRIBE t").getSQLState());
  }

  @Test
  void aSubscribeIsTheOnlyReadOfItsTransactionUnlessItHasAnAsOf() throws SQLException {
    t.advance(10);
    client.run("BEGIN", "SELECT * FROM t", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 9");
    client.run("ROLLBACK", "BEGIN", "SELECT * FROM t");
    PSQLException error = client.refused("DECLARE c CURSOR FOR SUBSCRIBE t");
    assertEquals("25000", error.getSQLState());
    assertEquals(
        "SUBSCRIBE in transactions must be the only read statement",
        error.getServerErrorMessage().getMessage());
  }

  @Test
  void aDropIsHeardByTheNextFetch() throws SQLException {
    t.advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t WITH (PROGRESS)", "FETCH 0 c");
    materialize.drop(t);
    assertEquals("42704", client.refused("FETCH c").getSQLState());
    assertEquals(0, materialize.subscriptions());
  }

  @Test
  void anObjectThatIsDroppedBetweenDeclareAndFetchIsMissed() throws SQLException {
    t.advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t");
    materialize.drop(t);
    assertEquals("42704", client.refused("FETCH c").getSQLState());
  }

  @Test
  void theExtendedProtocolFetchesAsWell() throws SQLException {
    t.insert(1, "1", "a").insert(1, "2", "b").advance(10);
    try (MzClient extended = MzClient.of(materialize, "prepareThreshold", "0")) {
      extended.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1");
      try (PreparedStatement fetch = extended.jdbc().prepareStatement("FETCH 1 FROM c")) {
        assertEquals(List.of("1 1 1 a"), MzClient.rows(fetch.executeQuery()));
        assertEquals(List.of("1 1 2 b"), MzClient.rows(fetch.executeQuery()));
      }
    }
  }

  @Test
  void aFetchSizeAndTheCountOfAFetchDoNotGoTogether() throws SQLException {
    t.advance(10);
    for (String fetch : List.of("FETCH ALL c", "FETCH 10 c")) {
      try (MzClient extended = MzClient.of(materialize)) {
        extended.jdbc().setAutoCommit(false);
        extended.run("DECLARE c CURSOR FOR SUBSCRIBE t AS OF 9");
        try (Statement statement = extended.jdbc().createStatement()) {
          statement.setFetchSize(2);
          assertEquals(
              "0A000",
              assertThrows(PSQLException.class, () -> statement.executeQuery(fetch)).getSQLState());
        }
      }
    }
  }

  @Test
  void aFetchThatWaitsCanBeCancelled() throws Exception {
    t.advance(10);
    client.run("BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE t AS OF 9");
    try (Statement statement = client.jdbc().createStatement()) {
      CompletableFuture<String> answer =
          CompletableFuture.supplyAsync(() ->
              assertThrows(PSQLException.class, () -> statement.executeQuery("FETCH c"))
                  .getSQLState());
      assertTrue(materialize.awaitCaughtUp(t, java.time.Duration.ofSeconds(10)));
      statement.cancel();
      assertEquals("57014", answer.get(10, TimeUnit.SECONDS));
    }
  }
}
