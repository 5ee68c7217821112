package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The persistent slot: what makes the server keep the log for us while we are away. */
final class ReplicationSlot {

  private static final String SLOT =
      """
      SELECT coalesce(s.plugin, '') AS plugin, coalesce(s.database, '') AS database,
        coalesce(s.database = current_database(), false) AS here, s.active_pid,
        s.wal_status IS NOT DISTINCT FROM 'lost' OR to_jsonb(s) ->> 'invalidation_reason' IS NOT NULL
          AS lost,
        s.confirmed_flush_lsn::text AS confirmed
      FROM pg_replication_slots s WHERE s.slot_name = ?
      """;

  /**
   * A slot as it is.
   *
   * @param lost whether the server gave up what it kept
   * @param confirmed what the server may have forgotten already
   */
  record Condition(boolean lost, long confirmed) {}

  private final PostgresSession session;
  private final Connection catalogue;
  private final String name;

  ReplicationSlot(PostgresSession session, Connection catalogue) {
    this.session = session;
    this.catalogue = catalogue;
    this.name = session.settings().slot();
  }

  /**
   * The slot as it is, or nothing when there is none.
   *
   * @throws StreamException when it is somebody else's
   */
  Optional<Condition> condition() throws SQLException, StreamException {
    try (PreparedStatement query = catalogue.prepareStatement(SLOT)) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        if (!"pgoutput".equals(row.getString("plugin")) || !row.getBoolean("here")) {
          throw session.failure(
              FailureKind.QUERY,
              "the replication slot "
                  + name
                  + " belongs to the plugin '"
                  + row.getString("plugin")
                  + "' and the database '"
                  + row.getString("database")
                  + "': configure another slot");
        }
        int pid = row.getInt("active_pid");
        if (!row.wasNull()) {
          throw session.failure(
              FailureKind.NETWORK,
              "the replication slot "
                  + name
                  + " is active for PID "
                  + pid
                  + ": another gateway uses it (each needs its own), or the server has not noticed"
                  + " yet that our former connection is gone");
        }
        @Nullable String confirmed = row.getString("confirmed");
        return Optional.of(
            new Condition(
                row.getBoolean("lost") || confirmed == null,
                confirmed == null ? 0 : Lsn.parse(confirmed)));
      }
    }
  }

  /** Makes the slot when it is missing, and anew when the server gave it up. */
  void ensure(Connection replication) throws SQLException, StreamException {
    Optional<Condition> condition = condition();
    if (condition.isPresent() && !condition.get().lost()) {
      return;
    }
    if (condition.isPresent()) {
      drop();
    }
    try (Statement statement = replication.createStatement()) {
      limit(statement);
      statement.execute(
          "CREATE_REPLICATION_SLOT " + Sql.name(name) + " LOGICAL pgoutput NOEXPORT_SNAPSHOT");
    } catch (SQLException e) {
      throw creationFailed(e);
    }
  }

  /**
   * A snapshot and the place in the log that it belongs to.
   *
   * @param name for SET TRANSACTION SNAPSHOT, until the connection that made it does something else
   */
  record ExportedSnapshot(String name, long consistentPoint) {}

  /** Exports a snapshot, through a slot that goes away with the connection. */
  ExportedSnapshot export(Connection replication, int backendPid)
      throws SQLException, StreamException {
    String suffix = "_" + backendPid;
    String temporary = name.substring(0, Math.min(name.length(), 63 - suffix.length())) + suffix;
    try (Statement statement = replication.createStatement()) {
      limit(statement);
      try (ResultSet row =
          statement.executeQuery(
              "CREATE_REPLICATION_SLOT "
                  + Sql.name(temporary)
                  + " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")) {
        row.next();
        return new ExportedSnapshot(
            row.getString("snapshot_name"), Lsn.parse(row.getString("consistent_point")));
      }
    } catch (SQLException e) {
      throw creationFailed(e);
    }
  }

  /** Gives the slot up, and with it what the server kept. */
  void drop() throws SQLException {
    try (PreparedStatement statement =
        catalogue.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
      statement.setString(1, name);
      statement.execute();
    }
  }

  /** Cancelled by the server's own means, so that no half-made slot is left behind for a while. */
  private void limit(Statement statement) throws SQLException {
    long millis = session.settings().connection().queryTimeout().toMillis();
    statement.setQueryTimeout((int) Math.max(1, millis * 9 / 10_000));
  }

  private StreamException creationFailed(SQLException error) {
    String state = error.getSQLState();
    if ("57014".equals(state) || "55P03".equals(state)) {
      return session.failure(
          FailureKind.NETWORK,
          "no replication slot could be made within the query timeout, because transactions that"
              + " began before it have not ended yet: look for old ones in pg_stat_activity and"
              + " pg_prepared_xacts");
    }
    return session.failure("creating a replication slot", error);
  }
}
