package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.postgres.TableDefinition.ColumnDefinition;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Reads how tables are defined, as the connection's transaction sees it. */
final class TableCatalogue {

  private static final String TABLE =
      """
      SELECT c.oid::int8 AS oid, (SELECT oid::int8 FROM pg_database WHERE datname = current_database())
          AS database, c.relkind, c.relpersistence, c.relreplident, greatest(c.reltuples, 0)::int8
          AS row_estimate, has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
          AS readable, row_security_active(c.oid) AS row_security
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  private static final String COLUMNS =
      """
      WITH RECURSIVE base(attnum, type) AS (
        SELECT attnum, atttypid FROM pg_attribute
          WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT b.attnum, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.type
          WHERE t.typtype = 'd'
      )
      SELECT a.attname, a.atttypid::int8 AS type_oid, a.atttypmod, a.attnotnull, t.typname
      FROM base b
        JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
        JOIN pg_attribute a ON a.attrelid = ?::oid AND a.attnum = b.attnum
      WHERE a.attgenerated = ''
      ORDER BY a.attnum
      """;

  /** The types of a table's columns, with those that these are made of; its OID is asked for. */
  static final String WITH_TYPES =
      """
      WITH RECURSIVE used(oid) AS (
        SELECT atttypid FROM pg_attribute WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
        UNION
        SELECT part.oid FROM used u JOIN pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (
          SELECT t.typbasetype UNION ALL SELECT t.typelem
          UNION ALL SELECT rngsubtype FROM pg_range WHERE t.oid IN (rngtypid, rngmultitypid)
          UNION ALL SELECT atttypid FROM pg_attribute
            WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped) part (oid)
      )
      """;

  /**
   * What is another text when the definition changed values that are there, of which the stream
   * tells nothing: a column was dropped and added again or rewritten {@code USING} something, a
   * label of an enum or an attribute of a composite type became another. It is one too after what
   * does no harm, such as a new label or default.
   */
  private static final String WRITTEN =
      WITH_TYPES
          + """
          SELECT md5(string_agg(x.written, ' ' ORDER BY x.written)) FROM (
            SELECT attrelid || '.' || attnum || '.' || xmin FROM pg_attribute
              WHERE attnum > 0 AND NOT attisdropped AND (attrelid = ?::oid
                OR attrelid IN (SELECT t.typrelid FROM pg_type t JOIN used u ON t.oid = u.oid))
            UNION ALL SELECT oid || '.' || enumlabel FROM pg_enum
              WHERE enumtypid IN (SELECT oid FROM used)) x (written)
          """;

  /** A deferrable primary key is no replica identity, so it does not count. */
  private static final String IDENTITY =
      """
      SELECT a.attname FROM pg_index i
        CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = ?::oid AND i.indisvalid AND i.indimmediate AND i.indisunique
        AND k.n <= i.indnkeyatts AND CASE WHEN ? THEN i.indisreplident ELSE i.indisprimary END
      ORDER BY k.n
      """;

  private record Table(int oid, String identity, char replicaIdentity, long rowEstimate) {}

  private record Columns(
      List<ColumnDefinition> definitions, List<Column> columns, Set<String> notNull) {}

  private final Connection connection;

  TableCatalogue(Connection connection) {
    this.connection = connection;
  }

  /**
   * How the table is defined.
   *
   * @throws UnusableTableException when it cannot be followed as it is
   */
  TableDefinition read(PostgresTable table) throws SQLException, UnusableTableException {
    Table found = table(table);
    Columns columns = columns(found.oid);
    boolean full = found.replicaIdentity == TableDefinition.FULL;
    List<String> declared = identity(found.oid, found.replicaIdentity == 'i');
    List<String> key = key(table, found.replicaIdentity, declared, columns);
    Set<String> identity =
        full
            ? new HashSet<>(columns.definitions.stream().map(ColumnDefinition::name).toList())
            : new HashSet<>(declared);
    return new TableDefinition(
        table,
        found.oid,
        columns.definitions,
        found.replicaIdentity,
        Set.copyOf(identity),
        full && !Set.copyOf(key).equals(Set.copyOf(declared)),
        written(found.oid),
        new Relation(table.relation(), found.identity, columns.columns, key));
  }

  /** About how many rows the table has, as of its last ANALYZE. */
  long rowEstimate(PostgresTable table) throws SQLException, UnusableTableException {
    return table(table).rowEstimate;
  }

  private Table table(PostgresTable table) throws SQLException, UnusableTableException {
    try (PreparedStatement query = connection.prepareStatement(TABLE)) {
      query.setString(1, table.schema());
      query.setString(2, table.name());
      try (ResultSet row = query.executeQuery()) {
        String name = table.relation();
        if (!row.next()) {
          throw new UnusableTableException(
              "there is no table " + name + ": create it, or correct relation");
        }
        switch (row.getString("relkind")) {
          case "r" -> {}
          case "p" ->
              throw new UnusableTableException(
                  name + " is a partitioned table, which is not supported: name its partitions");
          case "v", "m" ->
              throw new UnusableTableException(
                  name + " is a view, which PostgreSQL does not replicate: name its tables");
          default -> throw new UnusableTableException(name + " is not a table: correct relation");
        }
        if (!"p".equals(row.getString("relpersistence"))) {
          throw new UnusableTableException(
              name
                  + " is unlogged or temporary and cannot be replicated: ALTER TABLE … SET LOGGED");
        }
        if (!row.getBoolean("readable")) {
          throw new UnusableTableException(
              name + " may not be read: grant SELECT on it and USAGE on its schema");
        }
        if (row.getBoolean("row_security")) {
          throw new UnusableTableException(
              name
                  + " has row security, which the stream of changes does not know: ALTER ROLE …"
                  + " BYPASSRLS for the gateway's user");
        }
        int oid = (int) row.getLong("oid");
        return new Table(
            oid,
            row.getLong("database") + "." + Integer.toUnsignedString(oid),
            row.getString("relreplident").charAt(0),
            row.getLong("row_estimate"));
      }
    }
  }

  private Columns columns(int oid) throws SQLException {
    List<ColumnDefinition> definitions = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    Set<String> notNull = new HashSet<>();
    try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      query.setLong(2, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          String name = row.getString("attname");
          definitions.add(
              new ColumnDefinition(name, (int) row.getLong("type_oid"), row.getInt("atttypmod")));
          columns.add(new Column(name, row.getString("typname")));
          if (row.getBoolean("attnotnull")) {
            notNull.add(name);
          }
        }
      }
    }
    return new Columns(List.copyOf(definitions), columns, notNull);
  }

  private String written(int oid) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(WRITTEN)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      query.setLong(2, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return Objects.requireNonNullElse(row.getString(1), "no column");
      }
    }
  }

  private List<String> identity(int oid, boolean byIndex) throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(IDENTITY)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      query.setBoolean(2, byIndex);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          names.add(row.getString(1));
        }
      }
    }
    return names;
  }

  /**
   * The key that is followed: with FULL any columns will do, because the stream tells whole former
   * rows; else the columns that it tells of them.
   */
  private static List<String> key(
      PostgresTable table, char replicaIdentity, List<String> declared, Columns columns)
      throws UnusableTableException {
    String name = table.relation();
    if (replicaIdentity == 'n') {
      throw new UnusableTableException(
          name + " has REPLICA IDENTITY NOTHING: ALTER TABLE … REPLICA IDENTITY DEFAULT or FULL");
    }
    boolean full = replicaIdentity == TableDefinition.FULL;
    if (declared.isEmpty() && !full) {
      throw new UnusableTableException(
          name
              + " has no primary key (a deferrable one does not count): add one, or ALTER TABLE …"
              + " REPLICA IDENTITY FULL and configure key, which may be [] for none");
    }
    Optional<List<String>> configured = table.key();
    if (configured.isEmpty() && declared.isEmpty()) {
      throw new UnusableTableException(
          name
              + " has no primary key: add one, or configure key with columns that identify a row,"
              + " or with [] for none");
    }
    List<String> key = configured.orElse(declared);
    if (key.isEmpty() && !full) {
      throw new UnusableTableException(
          name
              + " is configured to have no key, and the stream tells former rows by "
              + declared
              + " alone: ALTER TABLE … REPLICA IDENTITY FULL, or remove key");
    }
    for (String column : key) {
      if (columns.definitions.stream().noneMatch(c -> c.name().equals(column))) {
        throw new UnusableTableException(
            name + " has no column " + column + " that is not generated: correct key");
      }
      if (!columns.notNull.contains(column)) {
        throw new UnusableTableException(
            name + " has the key column " + column + ", which may be NULL: SET NOT NULL on it");
      }
    }
    if (!full && !Set.copyOf(key).equals(Set.copyOf(declared))) {
      throw new UnusableTableException(
          name
              + " tells former rows by "
              + declared
              + " and not by the configured key "
              + key
              + ": ALTER TABLE … REPLICA IDENTITY FULL, or USING INDEX on that key");
    }
    return key;
  }
}
