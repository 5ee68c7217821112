package io.tycostream.adapters.db.simulator.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.wire.WireServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client of RisingWave sees, by plain SQL. */
class RisingWaveSimulatorTest {

  private static final String TABLE = "public.t";

  private final RisingWaveSimulator database = new RisingWaveSimulator();
  private final WireServer server = WireServer.listening(database);
  private Connection connection;
  private Statement statement;

  @BeforeEach
  void begin() throws SQLException {
    database.create(TABLE, SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "varchar"));
    connection =
        DriverManager.getConnection(
            "jdbc:postgresql://%s:%d/dev?user=root&preferQueryMode=simple"
                .formatted(server.host(), server.port()));
    statement = connection.createStatement();
  }

  @AfterEach
  void end() throws SQLException {
    connection.close();
    server.close();
    assertEquals(List.of(), server.failures());
  }

  private void subscribe() throws SQLException {
    statement.execute(
        "CREATE SUBSCRIPTION \"public\".\"s\" FROM \"public\".\"t\" WITH (retention = '60"
            + " seconds')");
  }

  private void refused(String sql, String text) {
    SQLException error = assertThrows(SQLException.class, () -> statement.execute(sql));
    assertTrue(error.getMessage().contains(text), error.getMessage());
  }

  /** Id and operation of what a FETCH brings. */
  private List<String> fetch(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (ResultSet answer = statement.executeQuery(sql)) {
      while (answer.next()) {
        rows.add(answer.getString("id") + " " + answer.getString("op"));
      }
    }
    return rows;
  }

  @Test
  void aSubscriptionNeedsARetention() {
    refused(
        "CREATE SUBSCRIPTION \"public\".\"s\" FROM \"public\".\"t\"",
        "Subscription retention time not set");
  }

  @Test
  void aCursorBeginsWhereItIsTold() throws SQLException {
    subscribe();
    long one = database.commit(c -> c.put(TABLE, "1", "a"));
    long two = database.commit(c -> c.put(TABLE, "2", "b"));
    database.advance(Duration.ofSeconds(1));
    statement.execute("DECLARE a SUBSCRIPTION CURSOR FOR s FULL");
    statement.execute("DECLARE b SUBSCRIPTION CURSOR FOR s SINCE begin()");
    statement.execute("DECLARE c SUBSCRIPTION CURSOR FOR s SINCE " + two);
    statement.execute("DECLARE d SUBSCRIPTION CURSOR FOR s SINCE " + (two + 1));
    statement.execute("DECLARE e SUBSCRIPTION CURSOR FOR s");
    assertEquals(List.of("1 Insert", "2 Insert"), fetch("FETCH 9 FROM a"));
    assertEquals(List.of("1 Insert", "2 Insert"), fetch("FETCH 9 FROM b"));
    assertEquals(List.of("2 Insert"), fetch("FETCH 9 FROM c"));
    assertEquals(List.of(), fetch("FETCH 9 FROM d"));
    assertEquals(List.of(), fetch("FETCH 9 FROM e WITH (timeout = '500ms')"));
    assertEquals(List.of(), fetch("FETCH 9 FROM e WITH (timeout = '1s')"));
    database.advance(Duration.ofSeconds(1));
    database.commit(c -> c.put(TABLE, "1", "z"));
    for (String cursor : List.of("a", "b", "c", "d", "e")) {
      assertEquals(List.of("1 UpdateDelete"), fetch("FETCH NEXT FROM " + cursor));
      assertEquals(List.of("1 UpdateInsert"), fetch("FETCH NEXT FROM " + cursor));
    }
    assertTrue(one < two);
  }

  @Test
  void aCursorCannotBeginAnywhere() throws SQLException {
    subscribe();
    refused("DECLARE c SUBSCRIPTION CURSOR FOR x FULL", "subscription not found: x");
    refused(
        "DECLARE c SUBSCRIPTION CURSOR FOR s SINCE " + (database.now() + 60_000),
        "rw_timestamp is too large");
    refused(
        "DECLARE c SUBSCRIPTION CURSOR FOR s SINCE " + (database.now() - 61_000),
        "rw_timestamp is too small");
    statement.execute("DECLARE c SUBSCRIPTION CURSOR FOR s FULL");
    refused("DECLARE c SUBSCRIPTION CURSOR FOR s FULL", "cursor `c` already exists");
    statement.execute("CLOSE c");
    refused("CLOSE c", "cursor `c` don't exists");
    refused("FETCH 1 FROM c", "Cannot find cursor `c`");
  }

  @Test
  void aLogThatIsGoneIsNoticedOnlyWhenItWasExpected() throws SQLException {
    subscribe();
    long one = database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", "a"));
    long two = database.commit(c -> c.put(TABLE, "1", "b"));
    database.commit(c -> c.put(TABLE, "1", "c"));
    statement.execute("DECLARE silent SUBSCRIPTION CURSOR FOR s SINCE " + one);
    statement.execute("DECLARE loud SUBSCRIPTION CURSOR FOR s SINCE " + one);
    assertEquals(List.of("1 Insert"), fetch("FETCH 1 FROM loud"));
    database.truncateLog(TABLE, two);
    assertEquals(List.of("1 UpdateDelete", "1 UpdateInsert"), fetch("FETCH 9 FROM silent"));
    assertEquals(List.of("2 Insert"), fetch("FETCH 1 FROM loud")); // was there already
    refused("FETCH 9 FROM loud", "data may have been recycled");
    refused("FETCH 9 FROM loud", "Cursor is in invalid state");
  }

  @Test
  void aCursorThatIsNotFetchedExpires() throws SQLException {
    subscribe();
    statement.execute("DECLARE c SUBSCRIPTION CURSOR FOR s FULL");
    database.advance(Duration.ofSeconds(61));
    refused("FETCH 1 FROM c", "exceeded its maximum lifetime");
  }

  @Test
  void rowsThatWereReadComeThoughTheSubscriptionIsGone() throws SQLException {
    subscribe();
    database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", "a"));
    statement.execute("DECLARE c SUBSCRIPTION CURSOR FOR s FULL");
    assertEquals(List.of("1 Insert"), fetch("FETCH 1 FROM c"));
    statement.execute("DROP SUBSCRIPTION s");
    assertEquals(List.of("2 Insert"), fetch("FETCH 1 FROM c"));
    refused("FETCH 1 FROM c", "subscription not found: s");
  }

  @Test
  void theStateTellsWhereTheSnapshotIs() throws SQLException {
    subscribe();
    long at = database.commit(c -> c.put(TABLE, "1", "a"));
    statement.execute("DECLARE c SUBSCRIPTION CURSOR FOR s FULL");
    try (ResultSet answer = statement.executeQuery("SHOW SUBSCRIPTION CURSORS")) {
      assertTrue(answer.next());
      assertEquals("c", answer.getString(1));
      assertEquals("s", answer.getString(2));
      String state = answer.getString(3);
      String epoch = Long.toString(RisingWaveSimulator.epoch(at));
      assertTrue(state.startsWith("Fetch { from_snapshot: true, rw_timestamp: " + epoch), state);
    }
  }
}
