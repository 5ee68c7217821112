package io.tycostream.app.web;

import io.tycostream.adapters.db.demo.SampleTrading;
import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.DatabaseControls;
import io.tycostream.app.demo.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A gateway as the demo runs it, on a PostgreSQL of its own; its workload can be paused. */
final class DemoGateway implements AutoCloseable {

  static final List<String> SOURCES = List.of("trades", "positions", "prices");

  private final EmbeddedPostgres postgres;
  private final GatewayServer server;
  private SampleTrading trading;

  DemoGateway() {
    postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
    trading = SampleTrading.start(SampleTrading.Settings.defaults(postgres.jdbcUrl()));
    server =
        GatewayServer.start(configuration(postgres), Optional.of(new DatabaseControls(postgres)));
  }

  /** The page with this source picked. */
  String page(String source) {
    return "http://localhost:%d/#%s".formatted(server.port(), source);
  }

  void ensureDatabaseRuns() {
    if (!postgres.running()) {
      postgres.start();
    }
  }

  void pauseWorkload() {
    trading.close();
  }

  void resumeWorkload() {
    trading = SampleTrading.start(SampleTrading.Settings.defaults(postgres.jdbcUrl()));
  }

  /** The rows of a table: column → text, as the protocol writes it. */
  Set<Map<String, String>> rows(String table) throws SQLException {
    // The simple mode hands out PostgreSQL's own texts.
    try (Connection connection =
            DriverManager.getConnection(postgres.jdbcUrl() + "&preferQueryMode=simple");
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      Set<Map<String, String>> rows = new HashSet<>();
      try (ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
        while (row.next()) {
          rows.add(row(row));
        }
      }
      return rows;
    }
  }

  private static Map<String, String> row(ResultSet row) throws SQLException {
    ResultSetMetaData columns = row.getMetaData();
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String text = String.valueOf(row.getString(i));
      boolean time = columns.getColumnTypeName(i).equals("timestamptz");
      texts.put(columns.getColumnName(i), time ? text.replace(' ', 'T').replace("+00", "Z") : text);
    }
    return texts;
  }

  @Override
  public void close() {
    server.close();
    trading.close();
    postgres.close();
  }

  private static Configuration configuration(EmbeddedPostgres postgres) {
    return Configuration.onLoopback(
        0,
        Configuration.Database.onLoopback(
            "demo", postgres.port(), postgres.database(), postgres.user()),
        SOURCES.toArray(String[]::new));
  }
}
