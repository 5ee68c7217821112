package io.tycostream.adapters.db.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Ends replication connections from the database's side, as an operator or a failover would. */
public final class ReplicationCut {

  private ReplicationCut() {}

  /**
   * Terminates every process of the server that sends changes to somebody.
   *
   * @throws ReplicationCutException when the database cannot be asked to
   */
  public static void cut(String jdbcUrl) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
              + " WHERE active_pid IS NOT NULL");
    } catch (SQLException e) {
      throw new ReplicationCutException(e);
    }
  }

  /** The database could not be asked to end its replication connections. */
  public static final class ReplicationCutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReplicationCutException(SQLException cause) {
      super("cannot end the replication connections: " + cause.getMessage(), cause);
    }
  }
}
