package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The publication: which tables the server tells changes of. */
final class Publication {

  /** What fits every version: newer columns are read as JSON, where older servers have none. */
  private static final String PUBLICATION =
      """
      SELECT p.oid || '.' || p.xmin AS oid, p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
          AS all_events, coalesce(to_jsonb(p) ->> 'pubgencols', 'n') <> 'n' AS generated
      FROM pg_publication p WHERE p.pubname = ?
      """;

  private static final String MEMBERS =
      """
      SELECT t.schemaname || '.' || t.tablename AS name, r.oid::text AS membership,
        to_jsonb(r) ->> 'prqual' IS NOT NULL OR to_jsonb(r) ->> 'prattrs' IS NOT NULL AS partial
      FROM pg_publication p
        JOIN pg_publication_tables t ON t.pubname = p.pubname
        JOIN pg_namespace n ON n.nspname = t.schemaname
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
        LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
      WHERE p.pubname = ?
      """;

  private record Member(String membership, boolean partial) {}

  private final String where;
  private final String name;
  private final Connection connection;

  Publication(PostgresSettings settings, Connection connection) {
    this.where = settings.where();
    this.name = settings.publication();
    this.connection = connection;
  }

  /** Whether there is one. */
  boolean exists() throws SQLException, StreamException {
    return oid().isPresent();
  }

  /** Makes the publication when it is missing. */
  void ensure() throws SQLException, StreamException {
    if (oid().isPresent()) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE PUBLICATION " + Sql.name(name));
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw new StreamException(
            FailureKind.QUERY,
            where
                + ": the publication "
                + name
                + " is missing and may not be created: create it for the sources' tables, or grant"
                + " CREATE on the database",
            e);
      }
      throw e;
    }
  }

  /**
   * Adds a table that is not in it yet.
   *
   * @return what stays the same for as long as the table is in the publication without a break
   * @throws UnusableTableException when it may not be added, or is in it only in part
   */
  String ensure(TableDefinition table)
      throws SQLException, StreamException, UnusableTableException {
    Optional<String> membership = membership(table);
    if (membership.isPresent()) {
      return membership.get();
    }
    // ONLY, because the rows of inheriting tables are rows of other relations.
    String add = "ALTER PUBLICATION " + Sql.name(name) + " ADD TABLE ONLY " + table.sqlName();
    try (Statement statement = connection.createStatement()) {
      statement.execute(add);
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw new UnusableTableException(
            table.table().relation()
                + " is not in the publication "
                + name
                + " and may not be added to it: run "
                + add);
      }
      throw e;
    }
    return membership(table)
        .orElseThrow(
            () -> new UnusableTableException(add + " did not add it: drop the publication"));
  }

  /**
   * The membership of a table, or nothing when it is not in the publication.
   *
   * @throws UnusableTableException when it is in it only in part
   */
  Optional<String> membership(TableDefinition table)
      throws SQLException, StreamException, UnusableTableException {
    Optional<String> oid = oid();
    Member member = members().get(table.table().relation());
    if (oid.isEmpty() || member == null) {
      return Optional.empty();
    }
    if (member.partial) {
      throw new UnusableTableException(
          table.table().relation()
              + " is in the publication "
              + name
              + " with a row filter or a column list: add it without");
    }
    return Optional.of(oid.get() + "." + member.membership);
  }

  /** The publication's identity, once it is known to tell everything. */
  private Optional<String> oid() throws SQLException, StreamException {
    try (PreparedStatement query = connection.prepareStatement(PUBLICATION)) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        List<String> faults = new ArrayList<>();
        if (!row.getBoolean("all_events")) {
          faults.add("publish = 'insert, update, delete, truncate'");
        }
        if (row.getBoolean("generated")) {
          faults.add("publish_generated_columns = none");
        }
        if (!faults.isEmpty()) {
          throw new StreamException(
              FailureKind.QUERY,
              where
                  + ": the publication "
                  + name
                  + " does not tell all changes of whole rows: ALTER PUBLICATION "
                  + Sql.name(name)
                  + " SET ("
                  + String.join(", ", faults)
                  + ")");
        }
        return Optional.of(row.getString("oid"));
      }
    }
  }

  private Map<String, Member> members() throws SQLException {
    Map<String, Member> members = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(MEMBERS)) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          // A table that is published with its schema or with all tables has no row of its own.
          String own = row.getString("membership");
          members.put(
              row.getString("name"),
              new Member(own == null ? "all" : own, row.getBoolean("partial")));
        }
      }
    }
    return members;
  }
}
