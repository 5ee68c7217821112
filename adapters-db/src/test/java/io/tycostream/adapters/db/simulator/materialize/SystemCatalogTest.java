package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.wire.Column;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the catalogue and the functions answer. */
class SystemCatalogTest {

  private static final String RELATION =
      """
      /* tycostream:relation */
      SELECT o.id, o.type, s.name AS schema, o.name AS name
      FROM mz_catalog.mz_objects o
      JOIN mz_catalog.mz_schemas s ON s.id = o.schema_id
      JOIN mz_catalog.mz_databases d ON d.id = s.database_id
      """;

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t =
      materialize.materializedView("t", MzColumn.int4("id").notNull(), MzColumn.uint8("v"));
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
  void theEnvironmentAndTheVersion() throws SQLException {
    materialize.environment("env-2");
    assertEquals(
        List.of("env-2 v26.24.0 (abcdef012)"),
        client.rows(
            "/* tycostream:environment */ SELECT mz_environment_id() AS environment, mz_version()"
                + " AS version"));
    assertEquals(List.of("env-2"), client.rows("SELECT mz_environment_id()"));
    assertEquals(
        List.of("v26.24.0 (abcdef012) env-2"),
        client.rows("select mz_version() v, mz_environment_id() as e".replace(" v,", " AS v,")));
  }

  @Test
  void theClockIsUnsigned() throws SQLException {
    materialize.clock(MzTime.MAX - 1);
    assertEquals(
        List.of("18446744073709551614"),
        client.rows("/* tycostream:now */ SELECT mz_now()::text AS now"));
    assertEquals(List.of("18446744073709551614"), client.rows("SELECT mz_now()"));
    assertEquals("now", column("/* tycostream:now */ SELECT mz_now()::text AS now", 1));
  }

  @Test
  void anObjectIsFoundByItsName() throws SQLException {
    materialize.create("materialize", "other", "t", "table", List.of(MzColumn.int4("x")));
    materialize.create("elsewhere", "public", "t", "view", List.of(MzColumn.int4("x")));
    String named = RELATION + "WHERE s.name = 'public' AND o.name = 't'";
    assertEquals(
        List.of("u1 materialized-view public t"),
        client.rows(named + " AND d.name = 'materialize'"));
    assertEquals(2, client.rows(named).size());
    assertEquals(List.of(), client.rows(RELATION + "WHERE s.name = 'public' AND o.name = 'x'"));
    assertEquals(
        List.of("u2"),
        client.rows(
            "/* tycostream:relation */ SELECT o.id FROM mz_objects AS o WHERE s.name = 'other'"));
  }

  @Test
  void literalsMayBeParameters() throws SQLException {
    for (int i = 0; i < 8; i++) {
      try (PreparedStatement query =
          client
              .jdbc()
              .prepareStatement(
                  RELATION + "WHERE s.name = ? AND o.name = ? AND d.name = 'materialize'")) {
        query.setString(1, "public");
        query.setString(2, "t");
        assertEquals(List.of("u1 materialized-view public t"), MzClient.rows(query.executeQuery()));
        query.setString(2, "it's not there");
        assertEquals(List.of(), MzClient.rows(query.executeQuery()));
      }
    }
  }

  @Test
  void columnsComeInTheirOrder() throws SQLException {
    String sql =
        "/* tycostream:columns */ SELECT c.name, c.type_oid, c.type, c.nullable FROM"
            + " mz_catalog.mz_columns c WHERE c.id = 'u1' ORDER BY position";
    try (MzClient binary = MzClient.of(materialize);
        PreparedStatement query = binary.jdbc().prepareStatement(sql)) {
      for (int i = 0; i < 8; i++) {
        try (ResultSet rows = query.executeQuery()) {
          assertTrue(rows.next());
          assertEquals("id", rows.getString("name"));
          assertEquals(23, rows.getLong("type_oid"));
          assertEquals("integer", rows.getString("type"));
          assertEquals(false, rows.getBoolean("nullable"));
          assertTrue(rows.next());
          assertEquals(16464, rows.getInt("type_oid"));
          assertEquals(true, rows.getBoolean("nullable"));
        }
      }
    }
    assertEquals(
        List.of("id 1 f", "v 2 t"),
        client.rows("SELECT name, position, nullable FROM mz_catalog.mz_columns WHERE id = 'u1'"));
    assertEquals(List.of("id f integer ", "v t uint8 "), client.rows("SHOW COLUMNS FROM t"));
  }

  @Test
  void columnsOfAnObjectAreAlsoThoseOfItsSelect() throws SQLException {
    try (Statement statement = client.jdbc().createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM t LIMIT 0")) {
      assertEquals(2, rows.getMetaData().getColumnCount());
      assertEquals("id", rows.getMetaData().getColumnName(1));
      assertEquals("int4", rows.getMetaData().getColumnTypeName(1));
    }
  }

  @Test
  void frontiersAreUnsignedAndNullWhenEmpty() throws SQLException {
    String sql =
        "/* tycostream:frontiers */ SELECT read_frontier, write_frontier FROM"
            + " mz_internal.mz_frontiers WHERE object_id = 'u1'";
    t.retainHistory(5).advance(-10);
    assertEquals(List.of("18446744073709551601 18446744073709551606"), client.rows(sql));
    t.end();
    assertEquals(List.of("18446744073709551601 null"), client.rows(sql));
  }

  @Test
  void indexesAreThoseOfTheObject() throws SQLException {
    String sql =
        "/* tycostream:indexes */ SELECT i.name AS name, c.name AS cluster FROM"
            + " mz_catalog.mz_indexes i JOIN mz_catalog.mz_clusters c ON c.id = i.cluster_id WHERE"
            + " i.on_id = 'u1'";
    assertEquals(List.of(), client.rows(sql));
    t.index("t_idx", "quickstart");
    assertEquals(List.of("t_idx quickstart"), client.rows(sql));
    assertEquals(List.of("t_idx"), client.rows("SELECT name FROM mz_indexes WHERE on_id = 'u1'"));
    t.dropIndex("t_idx");
    assertEquals(List.of(), client.rows(sql));
  }

  @Test
  void retentionAndHydration() throws SQLException {
    t.retainHistory(3_600_000);
    assertEquals(
        List.of("FOR 3600000"),
        client.rows(
            "SELECT strategy, value FROM mz_internal.mz_history_retention_strategies WHERE id ="
                + " 'u1'"));
    assertEquals(
        List.of("t"),
        client.rows(
            "SELECT hydrated FROM mz_internal.mz_hydration_statuses WHERE object_id = 'u1'"));
  }

  @Test
  void whatIsNotUnderstoodIsAnError() {
    for (String sql :
        List.of(
            "SELECT o.id FROM mz_objects o JOIN mz_schemas s ON s.id = o.schema_id",
            "SELECT id FROM mz_objects WHERE name = 'a' OR name = 'b'",
            "SELECT count(*) FROM t",
            "CREATE TABLE x (a int)")) {
      assertEquals("0A000", client.refused(sql).getSQLState(), sql);
    }
    assertEquals("XX000", client.refused("SELECT nonsense FROM mz_objects").getSQLState());
    assertEquals(
        "XX000", client.refused("SELECT id FROM mz_objects WHERE nonsense = 'x'").getSQLState());
  }

  @Test
  void aTestCanAnswerMore() throws SQLException {
    materialize.answer(
        "test:lag",
        CatalogRows.of(
            List.of(Column.text("object"), new Column("lag", Column.INT8)),
            () -> List.of(List.of("u1", "7"), List.of("u2", "8"))));
    assertEquals(
        List.of("8"),
        client.rows("/* test:lag */ SELECT lag FROM whatever w WHERE w.object = 'u2'"));
  }

  @Test
  void rowsOfAnObjectAtATime() throws SQLException {
    t.write(1, 2, "1", "a").advance(2);
    t.delete(2, "1", "a").advance(3);
    assertEquals(List.of("1 a"), client.rows("SELECT * FROM t"));
    assertEquals(List.of("1 a", "1 a"), client.rows("SELECT * FROM public.t AS OF 1"));
    t.compact(2);
    assertEquals("22000", client.refused("SELECT * FROM t AS OF 1").getSQLState());
  }

  private String column(String sql, int index) throws SQLException {
    try (Statement statement = client.jdbc().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.getMetaData().getColumnName(index);
    }
  }
}
