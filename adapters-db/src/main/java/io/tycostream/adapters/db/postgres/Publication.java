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
import org.jspecify.annotations.Nullable;

/**
 * The publication: which tables the server tells changes of. What is in it is read once and then
 * only after it was changed by this object.
 */
final class Publication {

  /** What fits every version: newer columns are read as JSON, where older servers have none. */
  private static final String PUBLICATION =
      """
      SELECT p.oid || '.' || p.xmin AS oid, p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
          AS all_events, coalesce(to_jsonb(p) ->> 'pubgencols', 'n') <> 'n' AS generated
      FROM pg_publication p WHERE p.pubname = ?
      """;

  /**
   * What carries a table, each with an identity that another membership of the same name does not
   * have: itself or the partitioned table that it is a part of, the schema, all tables.
   */
  private static final String MEMBERS =
      """
      SELECT t.schemaname || '.' || t.tablename AS name,
        to_jsonb(own) ->> 'prqual' IS NOT NULL OR to_jsonb(own) ->> 'prattrs' IS NOT NULL AS partial,
        concat_ws(' ', CASE WHEN p.puballtables THEN 'all' END,
          (SELECT string_agg('table' || r.oid, ' ' ORDER BY r.oid) FROM pg_publication_rel r
            WHERE r.prpubid = p.oid AND r.prrelid = ANY (way.oids)),
          {schemas}
          (SELECT string_agg('part' || i.inhrelid || '.' || i.xmin, ' ' ORDER BY i.inhrelid)
            FROM pg_inherits i WHERE c.relispartition AND i.inhrelid = ANY (way.oids))) AS membership
      FROM pg_publication p
        JOIN pg_publication_tables t ON t.pubname = p.pubname
        JOIN pg_namespace n ON n.nspname = t.schemaname
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
        CROSS JOIN LATERAL (SELECT c.oid || array_agg(a.relid::oid) AS oids
          FROM pg_partition_ancestors(c.oid) a) way
        LEFT JOIN pg_publication_rel own ON own.prpubid = p.oid AND own.prrelid = c.oid
      WHERE p.pubname = ?
      """;

  /** Since PostgreSQL 15 there is {@code FOR TABLES IN SCHEMA}. */
  private static final String SCHEMAS =
      """
      (SELECT string_agg('schema' || s.oid, ' ' ORDER BY s.oid) FROM pg_publication_namespace s
            WHERE s.pnpubid = p.oid AND s.pnnspid IN
              (SELECT relnamespace FROM pg_class WHERE oid = ANY (way.oids))),
      """;

  private static final int WITH_SCHEMAS = 15;

  private record Member(String membership, boolean partial) {}

  private final String where;
  private final String name;
  private final Connection connection;

  /** As they were read last; nothing once they have changed. */
  private @Nullable Map<String, Member> members;

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
    members = null;
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

  /** The membership of each table that is in it as a whole, by {@code schema.table}. */
  Map<String, String> memberships() throws SQLException, StreamException {
    Map<String, String> memberships = new HashMap<>();
    Optional<String> oid = oid();
    if (oid.isPresent()) {
      members()
          .forEach((relation, member) -> {
            if (!member.partial) {
              memberships.put(relation, oid.get() + "." + member.membership);
            }
          });
    }
    return memberships;
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
    Map<String, Member> known = members;
    if (known != null) {
      return known;
    }
    Map<String, Member> read = new HashMap<>();
    boolean schemas = connection.getMetaData().getDatabaseMajorVersion() >= WITH_SCHEMAS;
    try (PreparedStatement query =
        connection.prepareStatement(MEMBERS.replace("{schemas}", schemas ? SCHEMAS : ""))) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          read.put(
              row.getString("name"),
              new Member(row.getString("membership"), row.getBoolean("partial")));
        }
      }
    }
    members = read;
    return read;
  }
}
