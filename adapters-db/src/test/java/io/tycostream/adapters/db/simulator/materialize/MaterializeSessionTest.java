package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Start-up, settings and transactions. */
class MaterializeSessionTest {

  private final MaterializeSimulator materialize = MaterializeSimulator.start();

  @AfterEach
  void end() {
    materialize.close();
    assertEquals(List.of(), materialize.failures());
  }

  @Test
  void theParametersAreThoseOfMaterialize() throws SQLException {
    try (MzClient client = MzClient.of(materialize, "ApplicationName", "app")) {
      PGConnection connection = client.jdbc().unwrap(PGConnection.class);
      assertEquals("9.5.0", connection.getParameterStatus("server_version"));
      assertEquals("v26.24.0 (abcdef012)", connection.getParameterStatus("mz_version"));
      assertEquals("quickstart", connection.getParameterStatus("cluster"));
      assertEquals("app", connection.getParameterStatus("application_name"));
      assertTrue(
          connection
              .getParameterStatuses()
              .keySet()
              .containsAll(
                  List.of(
                      "client_encoding",
                      "DateStyle",
                      "integer_datetimes",
                      "standard_conforming_strings",
                      "TimeZone",
                      "IntervalStyle",
                      "cluster_replica",
                      "default_cluster_replication_factor",
                      "database",
                      "search_path")));
    }
  }

  @Test
  void theWelcomeCanBeSwitchedOff() throws SQLException {
    try (MzClient client = MzClient.of(materialize)) {
      assertTrue(client.notices().getFirst().startsWith("connected to"));
    }
    try (MzClient client = MzClient.of(materialize, "options", "-c welcome_message=off")) {
      assertEquals(List.of(), client.notices());
    }
  }

  @Test
  void settingsCanBeGivenAtTheStartAndBadOnesAreNotices() throws SQLException {
    materialize.cluster("big", 1);
    try (MzClient client =
        MzClient.of(materialize, "options", "--cluster=big -c welcome_message=off -c nonsense=1")) {
      assertEquals(List.of("big"), client.rows("SHOW cluster"));
      assertEquals(1, client.notices().size());
      assertTrue(client.notices().getFirst().contains("nonsense"));
    }
  }

  @Test
  void settingsCanBeChangedAndShown() throws SQLException {
    try (MzClient client = MzClient.of(materialize)) {
      client.run(
          "SET application_name = 'x y'",
          "SET cluster TO other",
          "SET idle_in_transaction_session_timeout = 0");
      assertEquals(List.of("x y"), client.rows("SHOW application_name"));
      assertEquals("other", client.jdbc().unwrap(PGConnection.class).getParameterStatus("cluster"));
      client.run("RESET cluster");
      assertEquals(List.of("quickstart"), client.rows("SHOW cluster"));
      assertEquals("42704", client.refused("SET nonsense = 1").getSQLState());
      assertEquals("42704", client.refused("SHOW nonsense").getSQLState());
    }
  }

  @Test
  void theClusterIsNotChangedInATransaction() throws SQLException {
    try (MzClient client = MzClient.of(materialize)) {
      client.run("BEGIN");
      assertEquals("25001", client.refused("SET cluster = other").getSQLState());
      assertEquals("25P02", client.refused("SELECT 1").getSQLState());
      client.run("COMMIT", "SET cluster = other");
      assertEquals(List.of("other"), client.rows("SHOW cluster"));
    }
  }

  @Test
  void anUnknownClusterIsNoticedByTheSubscribe() throws SQLException {
    materialize.table("t", MzColumn.int4("id"));
    try (MzClient client = MzClient.of(materialize)) {
      client.run("SET cluster = nowhere");
      assertEquals(
          "unknown cluster 'nowhere'",
          client.refusedCopy("t").getServerErrorMessage().getMessage());
    }
  }

  @Test
  void aCopyInATransactionIsPossible() throws SQLException {
    MzObject t = materialize.table("t", MzColumn.int4("id"));
    t.insert(1, "1").advance(2);
    try (MzClient client = MzClient.of(materialize)) {
      client.jdbc().setAutoCommit(false);
      assertEquals(List.of("1\t1\t1\n"), client.subscribe("t AS OF 1 UP TO 2").rest());
      client.jdbc().commit();
      assertTrue(materialize.statements().contains("BEGIN"));
    }
  }

  @Test
  void severalEndpointsShowTheSameData() throws SQLException {
    MzObject t = materialize.table("t", MzColumn.int4("id"));
    t.insert(1, "1").advance(2);
    var second = materialize.endpoint();
    materialize.server().stopListening();
    try (MzClient client = MzClient.of(second)) {
      assertEquals(List.of("1"), client.rows("SELECT * FROM t"));
    }
    assertFalse(second.port() == materialize.server().port());
  }
}
