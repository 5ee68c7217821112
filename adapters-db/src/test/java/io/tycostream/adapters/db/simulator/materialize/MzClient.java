package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.adapters.db.simulator.wire.WireServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.util.PSQLException;

/** A plain pgjdbc client. Nothing that it waits for takes longer than 10 seconds. */
final class MzClient implements AutoCloseable {

  /** A COPY that is being read. */
  record Copy(CopyOut out) {

    /** The next row with its newline; null after the last. */
    @Nullable String next() throws SQLException {
      byte[] bytes = out.readFromCopy();
      return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    List<String> next(int count) throws SQLException {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String line = next();
        assertNotNull(line, () -> "ended after " + lines);
        lines.add(line);
      }
      return lines;
    }

    /** All up to the end. */
    List<String> rest() throws SQLException {
      List<String> lines = new ArrayList<>();
      for (String line = next(); line != null; line = next()) {
        lines.add(line);
      }
      return lines;
    }

    PSQLException failure() {
      return assertThrows(PSQLException.class, out::readFromCopy);
    }

    boolean isEmptyNow() throws SQLException {
      return out.readFromCopy(false) == null;
    }
  }

  private final Connection connection;

  private MzClient(Connection connection) {
    this.connection = connection;
  }

  static MzClient of(MaterializeSimulator materialize, String... settings) throws SQLException {
    return of(materialize.server(), settings);
  }

  static MzClient of(WireServer server, String... settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "tester");
    properties.setProperty("socketTimeout", "10");
    for (int i = 0; i < settings.length; i += 2) {
      properties.setProperty(settings[i], settings[i + 1]);
    }
    return new MzClient(
        DriverManager.getConnection(
            "jdbc:postgresql://" + server.host() + ":" + server.port() + "/materialize",
            properties));
  }

  Connection jdbc() {
    return connection;
  }

  Copy copy(String sql) throws SQLException {
    return new Copy(connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql));
  }

  /** {@code COPY (SUBSCRIBE …) TO STDOUT}. */
  Copy subscribe(String rest) throws SQLException {
    return copy("COPY (SUBSCRIBE " + rest + ") TO STDOUT");
  }

  PSQLException refusedCopy(String rest) {
    return assertThrows(PSQLException.class, () -> subscribe(rest));
  }

  void run(String... statements) throws SQLException {
    for (String sql : statements) {
      try (Statement statement = connection.createStatement()) {
        boolean unused = statement.execute(sql);
      }
    }
  }

  PSQLException refused(String sql) {
    return assertThrows(PSQLException.class, () -> run(sql));
  }

  /** Each row's values apart by blanks, a NULL as null. */
  List<String> rows(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      return rows(found);
    }
  }

  static List<String> rows(ResultSet found) throws SQLException {
    List<String> rows = new ArrayList<>();
    while (found.next()) {
      List<String> values = new ArrayList<>();
      for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
        values.add(String.valueOf(found.getString(i)));
      }
      rows.add(String.join(" ", values));
    }
    return rows;
  }

  /** The texts of all notices on the connection. */
  List<String> notices() throws SQLException {
    List<String> notices = new ArrayList<>();
    for (SQLWarning w = connection.getWarnings(); w != null; w = w.getNextWarning()) {
      notices.add(w.getMessage());
    }
    return notices;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
