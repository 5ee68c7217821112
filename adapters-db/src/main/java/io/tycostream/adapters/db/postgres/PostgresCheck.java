package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.Findings;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Looks at a database once, as a source would open it, and changes nothing. */
public final class PostgresCheck {

  private static final String RIGHTS =
      """
      SELECT r.rolsuper OR r.rolreplication AS replication,
        EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = ?) AS slot,
        (SELECT count(*) FROM pg_replication_slots) AS slots,
        current_setting('max_replication_slots')::int8 AS max_slots,
        has_database_privilege(current_database(), 'CREATE') AS may_publish
      FROM pg_roles r WHERE r.rolname = current_user
      """;

  private final PostgresSettings settings;
  private final List<PostgresTable> tables;
  private final boolean oneOfSeveral;
  private final List<String> problems = new ArrayList<>();
  private final List<String> summary = new ArrayList<>();

  private PostgresCheck(
      PostgresSettings settings, List<PostgresTable> tables, boolean oneOfSeveral) {
    this.settings = settings;
    this.tables = tables;
    this.oneOfSeveral = oneOfSeveral;
  }

  /** Connects, asks and disconnects; bounded by the connect and the query timeout. */
  public static Findings run(PostgresSettings settings, List<PostgresTable> tables) {
    return run(settings, tables, false);
  }

  /**
   * Connects, asks and disconnects; bounded by the connect and the query timeout.
   *
   * @param oneOfSeveral whether there are other endpoints: then it may be a standby
   */
  public static Findings run(
      PostgresSettings settings, List<PostgresTable> tables, boolean oneOfSeveral) {
    PostgresCheck check = new PostgresCheck(settings, tables, oneOfSeveral);
    PostgresSession session = new PostgresSession(settings);
    try {
      check.look(session);
    } catch (StreamException e) {
      check.problems.add(e.failure().message());
    } catch (SQLException e) {
      check.problems.add(session.failure("the check", e).failure().message());
    } finally {
      session.abort();
    }
    return new Findings(check.problems, check.summary);
  }

  private void look(PostgresSession session) throws StreamException, SQLException {
    session.release(session.query()); // a refused log-in shows better here than in the pool
    boolean replicates = session.queries().ask("the check", this::look);
    if (replicates) {
      // What the server's pg_hba.conf says about replication shows only when it is tried.
      try (Statement statement = session.replication().createStatement()) {
        statement.execute("IDENTIFY_SYSTEM");
      }
    }
  }

  /** Whether the user may replicate, and nothing else is in the way of trying it. */
  private boolean look(Connection connection) throws SQLException {
    Server server = Server.read(connection);
    summary.add(
        settings.where()
            + ": version "
            + server.versionText()
            + ", wal_level "
            + server.walLevel());
    if (server.standby() && oneOfSeveral) {
      summary.add(settings.where() + ": a standby, to be followed once it has been promoted");
      return false;
    }
    server.problems().forEach(this::problem);
    if (!problems.isEmpty()) {
      return false;
    }
    Publication publication = new Publication(settings, connection);
    boolean published = published(publication);
    boolean replicates = rights(connection, published);
    for (PostgresTable table : tables) {
      table(connection, publication, table);
    }
    return replicates;
  }

  private boolean published(Publication publication) throws SQLException {
    try {
      return publication.exists();
    } catch (StreamException e) {
      problems.add(e.failure().message());
      return true;
    }
  }

  private boolean rights(Connection connection, boolean published) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(RIGHTS)) {
      query.setString(1, settings.slot());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        if (!published && !row.getBoolean("may_publish")) {
          problem(
              "the publication "
                  + settings.publication()
                  + " is missing and may not be created: create it for the sources' tables, or"
                  + " grant CREATE on the database");
        }
        // One slot stays, and one more is needed while all rows are being read.
        long needed = row.getBoolean("slot") ? 1 : 2;
        if (row.getLong("slots") + needed > row.getLong("max_slots")) {
          problem(
              "all but "
                  + (row.getLong("max_slots") - row.getLong("slots"))
                  + " replication slots are in use and "
                  + needed
                  + " more are needed: drop unused slots or raise max_replication_slots");
        }
        boolean replicates = row.getBoolean("replication");
        if (!replicates) {
          problem(
              "the user "
                  + settings.connection().user()
                  + " may not replicate: ALTER ROLE "
                  + Sql.name(settings.connection().user())
                  + " REPLICATION");
        }
        return replicates;
      }
    }
  }

  private void table(Connection connection, Publication publication, PostgresTable table)
      throws SQLException {
    TableCatalogue catalogue = new TableCatalogue(connection);
    try {
      TableDefinition definition = catalogue.read(table);
      boolean member = publication.membership(definition).isPresent();
      summary.add(
          "source "
              + table.source()
              + ": "
              + table.relation()
              + (definition.relation().isKeyed()
                  ? ", key " + String.join(", ", definition.relation().key())
                  : ", no key")
              + ", about "
              + catalogue.rowEstimate(table)
              + " rows, "
              + (member ? "published" : "will be published"));
    } catch (UnusableTableException e) {
      problem("source " + table.source() + ": " + e.getMessage());
    } catch (StreamException e) {
      // The publication as a whole is at fault, and that was told before.
      summary.add("source " + table.source() + ": " + table.relation() + ", cannot be published");
    }
  }

  private void problem(String sentence) {
    problems.add(settings.where() + ": " + sentence);
  }
}
