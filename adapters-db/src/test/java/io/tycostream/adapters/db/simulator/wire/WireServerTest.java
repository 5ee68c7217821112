package io.tycostream.adapters.db.simulator.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.util.PSQLException;

/** The protocol, as pgjdbc sees it. */
class WireServerTest {

  private final ScriptedBackend backend = new ScriptedBackend();
  private final WireServer server = WireServer.listening(backend);

  @AfterEach
  void end() {
    server.close();
    assertEquals(List.of(), server.failures());
  }

  @Test
  void aClientIsWelcomed() throws SQLException {
    try (Connection connection = connect()) {
      assertEquals("welcome tester", connection.getWarnings().getMessage());
      assertTrue(connection.isValid(5));
      assertEquals(
          "9.5.0", connection.unwrap(PGConnection.class).getParameterStatus("server_version"));
    }
  }

  @Test
  void rowsComeOverBothProtocols() throws SQLException {
    for (String mode : List.of("simple", "extended")) {
      try (Connection connection = connect("preferQueryMode", mode);
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("ROWS 2")) {
        assertTrue(rows.next());
        assertEquals(1, rows.getInt("n"));
        assertEquals("row 1", rows.getString("t"));
        assertTrue(rows.next());
        assertFalse(rows.next());
      }
    }
  }

  @Test
  void aStatementMayBeRunAgainAndAgain() throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement("ROWS 1")) {
      for (int i = 0; i < 12; i++) {
        try (ResultSet rows = statement.executeQuery()) {
          assertTrue(rows.next());
          assertEquals(1, rows.getInt(1));
        }
      }
    }
  }

  @Test
  void parametersArriveAsText() throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement("ECHO ?")) {
      statement.setString(1, "ä'b");
      assertEquals("ä'b", only(statement.executeQuery()));
      statement.setNull(1, java.sql.Types.VARCHAR);
      assertNull(only(statement.executeQuery()));
    }
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement("ECHO ?")) {
      statement.setLong(1, -7);
      assertEquals("-7", only(statement.executeQuery()));
    }
  }

  @Test
  void aQueryMayHoldSeveralStatements() throws SQLException {
    try (Connection connection = connect("preferQueryMode", "simple");
        Statement statement = connection.createStatement()) {
      assertFalse(statement.execute("SET a ';'; ROWS 1 -- ;\n;ROWS 2"));
      assertTrue(statement.getMoreResults());
      assertTrue(statement.getMoreResults());
      assertFalse(statement.getMoreResults());
    }
  }

  @Test
  void anErrorHasAllItsParts() throws SQLException {
    try (Connection connection = connect()) {
      CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("BREAK");
      assertEquals("1\n", text(copy.readFromCopy()));
      PSQLException error = assertThrows(PSQLException.class, copy::readFromCopy);
      assertEquals("42704", error.getSQLState());
      assertEquals("gone", error.getServerErrorMessage().getMessage());
      assertEquals("a detail", error.getServerErrorMessage().getDetail());
      assertEquals("a hint", error.getServerErrorMessage().getHint());
      assertEquals("ERROR", error.getServerErrorMessage().getSeverity());
      assertTrue(connection.isValid(5));
    }
  }

  @Test
  void anErrorFailsTheTransaction() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      String before = only(statement.executeQuery("ENDED"));
      assertThrows(PSQLException.class, () -> statement.execute("NONSENSE"));
      connection.rollback();
      assertEquals(
          Integer.parseInt(before) + 1, Integer.parseInt(only(statement.executeQuery("ENDED"))));
    }
  }

  @Test
  void aPortalIsSuspendedAfterAsManyRowsAsWereAskedFor() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.setFetchSize(2);
      List<Integer> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery("ROWS 5")) {
        while (rows.next()) {
          found.add(rows.getInt(1));
        }
      }
      assertEquals(List.of(1, 2, 3, 4, 5), found);
      try (ResultSet rows = statement.executeQuery("ROWS 5")) {
        assertTrue(rows.next());
      }
      connection.commit();
      assertTrue(connection.isValid(5));
    }
  }

  @Test
  void aCopyEndsWithItsCount() throws SQLException {
    try (Connection connection = connect()) {
      CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY 2");
      assertEquals(2, copy.getFieldCount());
      assertEquals(0, copy.getFormat());
      assertEquals("1\trow 1\n", text(copy.readFromCopy()));
      assertEquals("2\trow 2\n", text(copy.readFromCopy()));
      assertNull(copy.readFromCopy());
      assertEquals(2, copy.getHandledRowCount());
      assertEquals("nearly done", last(connection));
    }
  }

  @Test
  void aClientThatCancelsIsAnswered() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      CompletableFuture<String> answer =
          CompletableFuture.supplyAsync(() ->
              assertThrows(PSQLException.class, () -> statement.execute("WAIT")).getSQLState());
      assertTrue(backend.waiting.await(10, TimeUnit.SECONDS));
      statement.cancel();
      assertEquals("57014", answer.get(10, TimeUnit.SECONDS));
      assertTrue(connection.isValid(5));
    }
  }

  @Test
  void aClientThatIsGoneIsNoticedWhileItsStatementRuns() throws Exception {
    try (RawClient client = RawClient.connected(server)) {
      client.readUntil('Z');
      client.query("WAIT");
      assertTrue(backend.waiting.await(10, TimeUnit.SECONDS));
    }
    assertTrue(backend.noticedGone.await(10, TimeUnit.SECONDS));
    assertTrue(backend.closed.await(10, TimeUnit.SECONDS));
  }

  @Test
  void passwordsAreChecked() throws SQLException {
    for (Authentication how :
        List.of(
            new Authentication.Cleartext(Map.of("tester", "right")),
            new Authentication.ScramSha256(Map.of("tester", "right")))) {
      server.authentication(how);
      try (Connection connection = connect("password", "right")) {
        assertTrue(connection.isValid(5));
      }
      assertEquals("28P01", refused("password", "wrong"));
    }
    server.authentication(new Authentication.Cleartext(Map.of("other", "right")));
    assertEquals("28000", refused("password", "right"));
  }

  @Test
  void aClientMayBeToldToGo() throws SQLException {
    try (Connection connection = connect()) {
      server.connections().getFirst().tell(Report.fatal("25P03", "idle"));
      try (Statement statement = connection.createStatement()) {
        assertEquals(
            "25P03",
            assertThrows(PSQLException.class, () -> statement.execute("SET a")).getSQLState());
      }
    }
  }

  private String refused(String... settings) {
    return assertThrows(PSQLException.class, () -> connect(settings)).getSQLState();
  }

  private Connection connect(String... settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "tester");
    properties.setProperty("socketTimeout", "10");
    for (int i = 0; i < settings.length; i += 2) {
      properties.setProperty(settings[i], settings[i + 1]);
    }
    return DriverManager.getConnection(
        "jdbc:postgresql://" + server.host() + ":" + server.port() + "/db", properties);
  }

  private static String only(ResultSet rows) throws SQLException {
    try (rows) {
      assertTrue(rows.next());
      return rows.getString(1);
    }
  }

  private static String last(Connection connection) throws SQLException {
    java.sql.SQLWarning warning = connection.getWarnings();
    while (warning.getNextWarning() != null) {
      warning = warning.getNextWarning();
    }
    return warning.getMessage();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
