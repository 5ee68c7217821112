package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server must be for its changes to be followed.
 *
 * @param version as {@code server_version_num}: 140000 and more
 */
record Server(int version, String versionText, String walLevel, boolean standby) {

  private static final int OLDEST = 140_000;

  static Server read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('server_version_num')::int4,"
                    + " current_setting('server_version'), current_setting('wal_level'),"
                    + " pg_is_in_recovery()")) {
      row.next();
      return new Server(row.getInt(1), row.getString(2), row.getString(3), row.getBoolean(4));
    }
  }

  /** What somebody has to change, one sentence each. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (version < OLDEST) {
      problems.add("the server is PostgreSQL " + versionText + ": 14 or newer is needed");
    }
    if (!"logical".equals(walLevel)) {
      problems.add(
          "the setting wal_level is "
              + walLevel
              + ": set wal_level = logical in postgresql.conf and restart the server");
    }
    if (standby) {
      problems.add(
          "the server is a standby, which is followed only once it has been promoted: configure the"
              + " primary before it");
    }
    return problems;
  }

  /**
   * @param oneOfSeveral a standby that has not been promoted is then just not there yet
   * @throws StreamException when its changes cannot be followed
   */
  void check(PostgresSettings settings, boolean oneOfSeveral) throws StreamException {
    if (standby && oneOfSeveral) {
      throw new StreamException(
          FailureKind.NETWORK, settings.where() + ": the server is a standby for now");
    }
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new StreamException(
          FailureKind.QUERY, settings.where() + ": " + String.join("; ", problems));
    }
  }
}
