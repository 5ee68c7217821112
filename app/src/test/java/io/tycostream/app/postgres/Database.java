package io.tycostream.app.postgres;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.change.Row;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A server under test, asked in the ordinary way. */
final class Database implements AutoCloseable {

  private final EmbeddedPostgres server;

  Database() {
    this(EmbeddedPostgres.Options.defaults().withFsync(true));
  }

  Database(EmbeddedPostgres.Options options) {
    server = EmbeddedPostgres.start(options);
  }

  EmbeddedPostgres server() {
    return server;
  }

  PostgresSettings settings(String slot) {
    return settings(slot, Duration.ofSeconds(10));
  }

  PostgresSettings settings(String slot, Duration queryTimeout) {
    return settings(slot, queryTimeout, server.port());
  }

  PostgresSettings settings(String slot, Duration queryTimeout, Duration heartbeat) {
    return settings(slot, queryTimeout, heartbeat, server.port());
  }

  /** Through another port, behind which something leads to the server. */
  PostgresSettings settings(String slot, Duration queryTimeout, int port) {
    return settings(slot, queryTimeout, Duration.ofMillis(200), port);
  }

  /** The same with another heartbeat. */
  PostgresSettings settings(String slot, Duration queryTimeout, Duration heartbeat, int port) {
    return new PostgresSettings(
        connection(server.user(), server.database(), port, queryTimeout, heartbeat),
        slot,
        slot + "_publication",
        OptionalLong.empty(),
        "");
  }

  private ConnectionSettings connection(
      String user, String database, int port, Duration queryTimeout, Duration heartbeat) {
    return new ConnectionSettings(
        new DatabaseEndpoint("PostgreSQL", server.host(), port, database, false, ""),
        user,
        "",
        "disable",
        Duration.ofSeconds(3),
        queryTimeout,
        heartbeat,
        Duration.ofSeconds(2),
        2,
        "tycostream-test");
  }

  /** The same for another user, in another database, or through another port. */
  PostgresSettings as(PostgresSettings settings, String user, String database, int port) {
    ConnectionSettings usual = settings.connection();
    return new PostgresSettings(
        connection(user, database, port, usual.queryTimeout(), usual.heartbeatInterval()),
        settings.slot(),
        settings.publication(),
        settings.maxSlotWal(),
        settings.historyId());
  }

  /** The same, with a limit for what the server may keep. */
  static PostgresSettings limited(PostgresSettings settings, long maxSlotWal) {
    return new PostgresSettings(
        settings.connection(),
        settings.slot(),
        settings.publication(),
        OptionalLong.of(maxSlotWal),
        settings.historyId());
  }

  /** Fills so many segments of the log, 1 MiB each when the server was made so. */
  void fillLog(int segments) throws SQLException {
    for (int i = 0; i < segments; i++) {
      execute("SELECT pg_logical_emit_message(false, '', repeat('x', 1000)), pg_switch_wal()");
    }
  }

  Connection connect() throws SQLException {
    Connection connection =
        DriverManager.getConnection(server.jdbcUrl() + "&preferQueryMode=simple");
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'; SET extra_float_digits = 3");
    }
    return connection;
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String ask(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "nothing";
    }
  }

  /** The rows that a query gives, by the text of their first column. */
  Map<String, Row> rows(String sql) throws SQLException {
    Map<String, Row> rows = new TreeMap<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        @Nullable String[] values = new @Nullable String[columns];
        for (int i = 0; i < columns; i++) {
          values[i] = row.getString(i + 1);
        }
        rows.put("[" + values[0] + "]", Row.of(values));
      }
    }
    return rows;
  }

  @Override
  public void close() {
    server.close();
  }
}
