package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.Queries.Question;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The persistent slot: what makes the server keep the log for us while we are away. */
final class ReplicationSlot {

  /** What fits every version: newer columns are read as JSON, where older servers have none. */
  private static final String SLOT =
      """
      SELECT coalesce(s.plugin, '') AS plugin, coalesce(s.database, '') AS database,
        coalesce(s.database = current_database(), false) AS here, s.active_pid,
        coalesce(a.application_name, '') AS application,
        coalesce(to_jsonb(s) ->> 'invalidation_reason',
          CASE WHEN s.wal_status = 'lost' THEN 'wal_removed'
            WHEN (to_jsonb(s) ->> 'conflicting')::bool THEN 'conflict' END) AS invalidated,
        s.confirmed_flush_lsn::text AS confirmed, coalesce(s.wal_status, 'lost') AS wal_status,
        s.safe_wal_size, coalesce(w.present - s.restart_lsn, 0)::int8 AS held,
        coalesce(w.present - s.confirmed_flush_lsn, 0)::int8 AS unconfirmed
      FROM pg_replication_slots s
        CROSS JOIN (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
          ELSE pg_current_wal_lsn() END AS present) w
        LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
      WHERE s.slot_name = ?
      """;

  /**
   * A slot as it is.
   *
   * @param invalidated why the server gave up what it kept, in its own words
   * @param confirmed what the server may have forgotten already
   * @param activeFor who uses it
   */
  record Condition(
      Optional<String> invalidated,
      long confirmed,
      Optional<String> activeFor,
      Retention retention) {

    /** Why nothing can be resumed from it; nothing when it can. */
    Optional<String> useless() {
      if (invalidated.isPresent()) {
        return Optional.of(
            "the server gave up what its replication slot kept (" + invalidated.get() + ")");
      }
      return retention.tooMuch()
          ? Optional.of(
              "the server keeps %,d bytes of its log for the replication slot, more than max-slot-wal allows, which is %,d; the slot is given up"
                  .formatted(retention.heldBytes(), retention.maxBytes().orElseThrow()))
          : Optional.empty();
    }
  }

  /**
   * Whether nothing of a table's definition and membership was written since the oldest moment that
   * the slot needs the catalogue of, so that it was carried as it is from there on.
   */
  private static final String CARRIED =
      TableCatalogue.WITH_TYPES
          + """
          SELECT coalesce(bool_and(age(x.xmin) > age(s.catalog_xmin)), false)
          FROM pg_replication_slots s
            CROSS JOIN (VALUES (?::oid, ?)) AS t (oid, publication)
            CROSS JOIN LATERAL (
              SELECT xmin FROM pg_class WHERE oid = t.oid
              UNION ALL SELECT n.xmin FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
                WHERE c.oid = t.oid
              UNION ALL SELECT xmin FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0
              UNION ALL SELECT a.xmin FROM pg_attribute a JOIN pg_type y ON y.typrelid = a.attrelid
                JOIN used u ON u.oid = y.oid
              UNION ALL SELECT e.xmin FROM pg_enum e JOIN used u ON u.oid = e.enumtypid
              UNION ALL SELECT xmin FROM pg_index WHERE indrelid = t.oid
              UNION ALL SELECT xmin FROM pg_publication WHERE pubname = t.publication
              UNION ALL SELECT r.xmin FROM pg_publication_rel r JOIN pg_publication p
                ON p.oid = r.prpubid WHERE p.pubname = t.publication AND r.prrelid = t.oid) x
          WHERE s.slot_name = ?
          """;

  /** Published by itself, or with all tables: what the statement above looks at. */
  private static final Pattern PLAIN_MEMBERSHIP = Pattern.compile("\\S+\\.(all|table\\d+)");

  private final PostgresSession session;
  private final String name;

  ReplicationSlot(PostgresSession session) {
    this.session = session;
    this.name = session.settings().slot();
  }

  /**
   * The slot as it is, free for us, or nothing when there is none.
   *
   * @throws StreamException when it is somebody else's, or in use
   */
  Optional<Condition> condition() throws StreamException {
    Optional<Condition> condition = ask("looking at the replication slot", this::look);
    Optional<String> activeFor = condition.flatMap(Condition::activeFor);
    if (activeFor.isPresent()) {
      throw session.failure(
          FailureKind.NETWORK,
          "the replication slot "
              + name
              + " is active for "
              + activeFor.get()
              + ": another gateway uses it (each needs its own), or the server has not noticed"
              + " yet that our former connection is gone");
    }
    return condition;
  }

  /**
   * The slot as it is, in use or not, or nothing when there is none.
   *
   * @throws StreamException when it is somebody else's
   */
  Optional<Condition> look(Connection connection) throws SQLException, StreamException {
    try (PreparedStatement query = connection.prepareStatement(SLOT)) {
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
        @Nullable String confirmed = row.getString("confirmed");
        Optional<String> invalidated = Optional.ofNullable(row.getString("invalidated"));
        return Optional.of(
            new Condition(
                confirmed == null ? invalidated.or(() -> Optional.of("unusable")) : invalidated,
                confirmed == null ? 0 : Lsn.parse(confirmed),
                activeFor(row),
                retention(row)));
      }
    }
  }

  private static Optional<String> activeFor(ResultSet row) throws SQLException {
    int pid = row.getInt("active_pid");
    if (row.wasNull()) {
      return Optional.empty();
    }
    String application = row.getString("application");
    return Optional.of("PID " + pid + (application.isEmpty() ? "" : " (" + application + ")"));
  }

  private Retention retention(ResultSet row) throws SQLException {
    long safe = row.getLong("safe_wal_size");
    boolean limited = !row.wasNull();
    return new Retention(
        row.getLong("held"),
        row.getLong("unconfirmed"),
        row.getString("wal_status"),
        limited ? OptionalLong.of(safe) : OptionalLong.empty(),
        session.settings().maxSlotWal());
  }

  /** Those tables of which each change behind {@link Condition#confirmed} is there. */
  List<TableDefinition> carried(Collection<Member> members) throws StreamException {
    return ask(
        "looking at what the replication slot kept",
        connection -> {
          List<TableDefinition> carried = new ArrayList<>();
          for (Member member : members) {
            if (PLAIN_MEMBERSHIP.matcher(member.membership()).matches()
                && isCarried(connection, member.definition())) {
              carried.add(member.definition());
            }
          }
          return carried;
        });
  }

  private boolean isCarried(Connection connection, TableDefinition table) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(CARRIED)) {
      query.setLong(1, Integer.toUnsignedLong(table.oid()));
      query.setLong(2, Integer.toUnsignedLong(table.oid()));
      query.setString(3, session.settings().publication());
      query.setString(4, name);
      try (ResultSet row = query.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /**
   * Makes the slot when it is missing, and anew when nothing can be resumed from it.
   *
   * @param inVain whether it is known of no use although it looks well
   */
  void ensure(Connection replication, boolean inVain) throws SQLException, StreamException {
    Optional<Condition> condition = condition();
    if (condition.isPresent() && condition.get().useless().isEmpty() && !inVain) {
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
  void drop() throws StreamException {
    ask(
        "dropping the replication slot",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, name);
            return statement.execute();
          }
        });
  }

  private <T> T ask(String doing, Question<T> question) throws StreamException {
    return session.queries().ask(doing, question);
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
