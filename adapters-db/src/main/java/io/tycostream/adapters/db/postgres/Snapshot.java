package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import io.tycostream.domain.view.Capacity;
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
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * All rows of some tables as they are in an exported snapshot.
 *
 * <p>The tables are locked against changes of their definition, and then it is made sure that there
 * was none between the snapshot and the lock: rows are read in the shape that the newest definition
 * has, and a table that was emptied or rewritten meanwhile would look empty in the older snapshot.
 */
final class Snapshot {

  private static final int ROWS_PER_PROGRESS = 256;

  /**
   * What was read of a table.
   *
   * @param rows none when they are too many
   * @param excess why they are too many, as in "… has more than 10 rows"; nothing when they are not
   */
  record Read(List<Row> rows, Optional<String> excess) {

    /** What it means for a source that they are too many; nothing when they are not. */
    Optional<Failure> tooLarge(String where, PostgresTable table) {
      return excess.map(tooMuch ->
          new Failure(
              FailureKind.QUERY,
              "%s: %s, the limits are %,d rows and %,d bytes (cache.max-rows and cache.max-bytes)"
                  .formatted(where, tooMuch, table.limits().maxRows(), table.limits().maxBytes())));
    }
  }

  private final PostgresSession session;
  private final Connection connection;

  /** Takes the exported snapshot over; from then on its slot is not needed any more. */
  Snapshot(PostgresSession session, Connection connection, String name) throws SQLException {
    this.session = session;
    this.connection = connection;
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      statement.execute("SET TRANSACTION SNAPSHOT " + Sql.text(name));
    }
  }

  /**
   * The rows of each table, by the name of its source. Of one that several sources are for, as many
   * as any of them may have.
   *
   * @param onProgress told often, also when a table takes long
   */
  Map<String, Read> rows(List<TableDefinition> tables, Runnable onProgress)
      throws SQLException, StreamException {
    Map<Integer, Read> byTable = new HashMap<>();
    Map<String, Read> bySource = new HashMap<>();
    for (TableDefinition table : tables) {
      if (!byTable.containsKey(table.oid())) {
        lock(table);
      }
      requireUnchanged(table);
      if (!byTable.containsKey(table.oid())) {
        byTable.put(table.oid(), copy(table, most(table, tables), onProgress));
      }
      bySource.put(table.table().source(), byTable.get(table.oid()));
    }
    return bySource;
  }

  private void lock(TableDefinition table) throws SQLException, StreamException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("LOCK TABLE ONLY " + table.sqlName() + " IN ACCESS SHARE MODE");
    } catch (SQLException e) {
      if ("42P01".equals(e.getSQLState())) {
        throw changed(table);
      }
      throw e;
    }
  }

  /** The catalogue's row is seen as of the snapshot, what the function tells is as of now. */
  private void requireUnchanged(TableDefinition table) throws SQLException, StreamException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT relfilenode = pg_relation_filenode(oid) FROM pg_class WHERE oid = ?::oid")) {
      query.setLong(1, Integer.toUnsignedLong(table.oid()));
      try (ResultSet row = query.executeQuery()) {
        if (!row.next() || !row.getBoolean(1)) {
          throw changed(table);
        }
      }
    }
    try {
      if (!new TableCatalogue(connection).read(table.table()).sameAs(table)) {
        throw changed(table);
      }
    } catch (UnusableTableException e) {
      throw changed(table);
    }
  }

  private StreamException changed(TableDefinition table) {
    return session.failure(
        FailureKind.NETWORK,
        table.table().relation() + " was altered, emptied or rewritten while it was being read");
  }

  private static Capacity most(TableDefinition table, List<TableDefinition> tables) {
    long rows = 0;
    long bytes = 0;
    for (TableDefinition each : tables) {
      if (each.oid() == table.oid()) {
        rows = Math.max(rows, each.table().limits().maxRows());
        bytes = Math.max(bytes, each.table().limits().maxBytes());
      }
    }
    return new Capacity(rows, bytes);
  }

  private Read copy(TableDefinition table, Capacity most, Runnable onProgress)
      throws SQLException, StreamException {
    List<Row> rows = new ArrayList<>();
    long bytes = 0;
    long lines = 0;
    Optional<String> excess = Optional.empty();
    CopyText text = new CopyText(table.columns().size());
    CopyOut copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut(
                "COPY (SELECT "
                    + table.sqlColumns()
                    + " FROM ONLY "
                    + table.sqlName()
                    + (most.maxRows() < Long.MAX_VALUE ? " LIMIT " + (most.maxRows() + 1) : "")
                    + ") TO STDOUT");
    for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
      if (lines++ % ROWS_PER_PROGRESS == 0) {
        onProgress.run();
      }
      // Whoever breaks a COPY off loses the connection, and with it the snapshot of the other
      // tables: what is left of too large rows is passed over.
      if (excess.isEmpty()) {
        Row row = text.row(line);
        rows.add(row);
        bytes += row.bytes();
        excess = excess(table, rows.size(), bytes, most);
        if (excess.isPresent()) {
          rows = new ArrayList<>();
        }
      }
    }
    return new Read(rows, excess);
  }

  private static Optional<String> excess(
      TableDefinition table, long rows, long bytes, Capacity most) {
    String relation = table.table().relation();
    if (rows > most.maxRows()) {
      return Optional.of("%s has more than %,d rows".formatted(relation, most.maxRows()));
    }
    return bytes > most.maxBytes()
        ? Optional.of(
            "the rows of %s take more than %,d bytes".formatted(relation, most.maxBytes()))
        : Optional.empty();
  }
}
