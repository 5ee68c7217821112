package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.Observed;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a while how much changes in some tables: at the server's counters, twice. They come to
 * the counters with up to a second's delay, and with transactions that were rolled back, so what is
 * told is about so much.
 */
public final class PostgresRate {

  private static final String COUNTERS =
      """
      SELECT schemaname || '.' || relname AS name, n_tup_ins + n_tup_del AS single, n_tup_upd AS double
      FROM pg_stat_user_tables
      """;

  /** Of so many rows it is looked how large they are. */
  private static final int SAMPLE = 100;

  /** What a change in a history takes beside its rows, as a batch counts it. */
  private static final long CHANGE_BYTES = 32;

  private PostgresRate() {}

  /**
   * A table's counters.
   *
   * @param single changes with one row in them
   * @param both those with a row before and one after
   */
  private record Counters(long single, long both) {}

  /** What is seen in so much time, by the name of the source; blocks as long, and a little more. */
  public static Map<String, Observed> observe(
      PostgresSettings settings, List<PostgresTable> tables, Duration during) {
    PostgresSession session = new PostgresSession(settings);
    Map<String, Observed> observed = new LinkedHashMap<>();
    try {
      session.release(session.query()); // a refused log-in shows better here than in the pool
      Map<String, Long> rowBytes =
          session.queries().ask("looking at rows", from -> rowBytes(from, tables));
      Map<String, Counters> first = session.queries().ask("counting", PostgresRate::counters);
      long began = System.nanoTime();
      boolean unused = session.awaitEnd(during); // nobody ends this one before
      Map<String, Counters> last = session.queries().ask("counting", PostgresRate::counters);
      Duration passed = Duration.ofNanos(System.nanoTime() - began);
      for (PostgresTable table : tables) {
        observed.put(
            table.source(),
            between(
                first.get(table.relation()),
                last.get(table.relation()),
                rowBytes.getOrDefault(table.relation(), 0L),
                passed));
      }
    } catch (StreamException e) {
      tables.forEach(t -> observed.put(t.source(), new Observed.NotKnown(e.failure().message())));
    } catch (SQLException e) {
      String why = session.failure("counting", e).failure().message();
      tables.forEach(table -> observed.put(table.source(), new Observed.NotKnown(why)));
    } finally {
      session.abort();
    }
    return observed;
  }

  private static Observed between(
      @Nullable Counters first, @Nullable Counters last, long rowBytes, Duration passed) {
    if (first == null || last == null) {
      return new Observed.NotKnown("the server does not count what changes in the table");
    }
    // Somebody may have set them to 0 meanwhile.
    long single = Math.max(0, last.single - first.single);
    long both = Math.max(0, last.both - first.both);
    long changes = single + both;
    return new Observed.Changes(
        changes, changes * CHANGE_BYTES + (changes + both) * rowBytes, passed);
  }

  private static Map<String, Counters> counters(Connection connection) throws SQLException {
    Map<String, Counters> counters = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(COUNTERS)) {
      while (row.next()) {
        counters.put(
            row.getString("name"), new Counters(row.getLong("single"), row.getLong("double")));
      }
    }
    return counters;
  }

  /** How large some of the rows of each table are on average. */
  private static Map<String, Long> rowBytes(Connection connection, List<PostgresTable> tables)
      throws SQLException {
    Map<String, Long> sizes = new HashMap<>();
    TableCatalogue catalogue = new TableCatalogue(connection);
    for (PostgresTable table : tables) {
      try {
        sizes.put(table.relation(), rowBytes(connection, catalogue.read(table)));
      } catch (UnusableTableException e) {
        sizes.put(table.relation(), 0L); // why, is for the check itself to say
      }
    }
    return sizes;
  }

  private static long rowBytes(Connection connection, TableDefinition table) throws SQLException {
    long bytes = 0;
    int rows = 0;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT "
                    + table.sqlColumns()
                    + " FROM ONLY "
                    + table.sqlName()
                    + " LIMIT "
                    + SAMPLE)) {
      while (row.next()) {
        @Nullable String[] values = new @Nullable String[table.columns().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.getString(i + 1);
        }
        bytes += Row.of(values).bytes();
        rows++;
      }
    }
    return rows == 0 ? 0 : bytes / rows;
  }
}
