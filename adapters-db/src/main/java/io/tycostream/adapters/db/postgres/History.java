package io.tycostream.adapters.db.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A server's history and how far it has come.
 *
 * @param epoch system, timeline and what the configuration calls it
 * @param end of its log; of a standby's, as far as it has it
 */
record History(String epoch, long end) {

  /** Asks on a connection that takes replication commands. */
  static History read(PostgresSession session, Connection replication) throws SQLException {
    String id = session.settings().historyId();
    try (Statement statement = replication.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      String epoch = "pg" + row.getString("systemid") + "-" + row.getInt("timeline");
      return new History(
          id.isEmpty() ? epoch : epoch + "-" + id, Lsn.parse(row.getString("xlogpos")));
    }
  }
}
