package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyDual;

/**
 * A PostgreSQL database, followed through logical replication.
 *
 * <p>The order in which a fresh stream is opened is what makes it whole: the tables are published
 * first, the persistent slot is there second, and the snapshot is exported last. Exporting it waits
 * for every transaction that began before, so that each transaction which is not in the snapshot
 * began after the tables were published and after the slot began to keep the log.
 */
public final class PostgresSource implements ChangeSource {

  /** A table whose changes reach us, and its membership in the publication. */
  private record Followed(TableDefinition definition, String membership) {

    boolean sameAs(@Nullable Followed other) {
      return other != null
          && definition.sameAs(other.definition)
          && membership.equals(other.membership);
    }
  }

  /** The server's history and how far it has come. */
  private record History(String epoch, long end) {}

  private final PostgresSettings settings;
  private final List<PostgresTable> tables;

  /** What was carried without a break since all rows were read; only that can be resumed. */
  private final Map<String, Followed> carried = new HashMap<>();

  private volatile @Nullable PostgresSession current;

  /**
   * @param tables at least one, each with another source
   * @throws IllegalArgumentException when a source stands twice
   */
  public PostgresSource(PostgresSettings settings, List<PostgresTable> tables) {
    this.settings = settings;
    this.tables = List.copyOf(tables);
    if (tables.isEmpty()
        || tables.stream().map(PostgresTable::source).distinct().count() != tables.size()) {
      throw new IllegalArgumentException(settings.where() + ": no source, or one of them twice");
    }
  }

  @Override
  public ChangeStream open(boolean fresh, ChangeSink sink) throws StreamException {
    PostgresSession session = new PostgresSession(settings);
    current = session;
    boolean opened = false;
    try {
      ChangeStream stream = open(session, fresh, sink);
      opened = true;
      return stream;
    } catch (SQLException e) {
      throw session.failure("opening the stream", e);
    } finally {
      if (!opened) {
        session.abort();
      }
    }
  }

  @Override
  public void abort() {
    PostgresSession session = current;
    if (session != null) {
      session.abort();
    }
  }

  private ChangeStream open(PostgresSession session, boolean fresh, ChangeSink sink)
      throws StreamException, SQLException {
    Connection catalogue = session.query();
    Server.read(catalogue).check(settings);
    if (fresh) {
      Publication publication = new Publication(settings, catalogue);
      publication.ensure();
    }
    Map<String, Followed> followed = survey(catalogue, sink);
    Connection replication = session.replication();
    ReplicationSlot slot = new ReplicationSlot(session, catalogue);
    History history = history(replication);
    ChangeStream stream =
        fresh
            ? read(session, slot, replication, history, followed, sink)
            : resume(session, slot, replication, history, followed, sink);
    carried.clear();
    carried.putAll(followed);
    session.release(catalogue);
    return stream;
  }

  /** The tables that can be followed; the sink is told of the others. */
  private Map<String, Followed> survey(Connection connection, ChangeSink sink)
      throws StreamException, SQLException {
    Publication publication = new Publication(settings, connection);
    TableCatalogue definitions = new TableCatalogue(connection);
    Map<String, Followed> followed = new LinkedHashMap<>();
    Optional<Failure> failure = Optional.empty();
    for (PostgresTable table : tables) {
      try {
        TableDefinition definition = definitions.read(table);
        followed.put(table.source(), new Followed(definition, publication.ensure(definition)));
      } catch (UnusableTableException e) {
        failure =
            Optional.of(new Failure(FailureKind.QUERY, settings.where() + ": " + e.getMessage()));
        carried.remove(table.source());
        sink.failed(table.source(), failure.get());
      }
    }
    if (followed.isEmpty()) {
      throw new StreamException(
          FailureKind.QUERY,
          failure.map(Failure::message).orElse(settings.where() + ": no table can be followed"));
    }
    return followed;
  }

  private ChangeStream read(
      PostgresSession session,
      ReplicationSlot slot,
      Connection replication,
      History history,
      Map<String, Followed> followed,
      ChangeSink sink)
      throws StreamException, SQLException {
    sink.snapshotStarted();
    slot.ensure(replication);
    List<TableDefinition> definitions = definitions(followed);
    Connection reading = session.query(); // first, because the less time passes, the better
    Connection exporting = session.replication();
    int pid = exporting.unwrap(PGConnection.class).getBackendPID();
    ReplicationSlot.ExportedSnapshot exported = slot.export(exporting, pid);
    Snapshot snapshot = new Snapshot(session, reading, exported.name());
    session.release(exporting);
    Map<String, List<Row>> rows = snapshot.rows(definitions);
    session.release(reading);

    long start = exported.consistentPoint();
    ReplicationSlot.Condition condition =
        slot.condition().orElseThrow(() -> lost("its replication slot was dropped"));
    if (condition.lost() || Long.compareUnsigned(condition.confirmed(), start) > 0) {
      slot.drop();
      throw lost("the replication slot was moved past the snapshot");
    }
    ChangeStream stream = start(session, replication, start, definitions);
    // Nothing can fail from here on: the sink is given all tables or none.
    for (TableDefinition table : definitions) {
      String source = table.table().source();
      sink.loaded(
          source,
          table.relation(),
          new Checkpoint(history.epoch, start),
          rows.getOrDefault(source, List.of()));
    }
    return stream;
  }

  private ChangeStream resume(
      PostgresSession session,
      ReplicationSlot slot,
      Connection replication,
      History history,
      Map<String, Followed> followed,
      ChangeSink sink)
      throws StreamException, SQLException {
    Checkpoint complete = sink.complete().orElseThrow(() -> lost("nothing was read before"));
    if (!complete.epoch().equals(history.epoch)) {
      throw lost("this is another history: " + history.epoch + " instead of " + complete.epoch());
    }
    if (Long.compareUnsigned(history.end, complete.time()) < 0) {
      throw session.failure(
          FailureKind.QUERY,
          "the database was set back: it is at "
              + Lsn.format(history.end)
              + ", we were at "
              + Lsn.format(complete.time())
              + "; set a new history-id and start the gateway again");
    }
    ReplicationSlot.Condition condition =
        slot.condition().orElseThrow(() -> lost("its replication slot is gone"));
    if (condition.lost()) {
      throw lost("the server gave up what its replication slot kept");
    }
    if (Long.compareUnsigned(condition.confirmed(), complete.time()) > 0) {
      throw lost("the replication slot was moved past what is complete");
    }
    for (Map.Entry<String, Followed> entry : followed.entrySet()) {
      String source = entry.getKey();
      TableDefinition definition = entry.getValue().definition;
      // A sink that does not know a relation any more gave it up by itself, and will not miss it.
      boolean fits =
          sink.relation(source)
              .filter(former -> !former.print().equals(definition.relation().print()))
              .isEmpty();
      if (!fits || !entry.getValue().sameAs(carried.get(source))) {
        throw lost(definition.table().relation() + " is not as it was, or was not followed before");
      }
    }
    return start(session, replication, complete.time(), definitions(followed));
  }

  private ChangeStream start(
      PostgresSession session, Connection replication, long at, List<TableDefinition> definitions)
      throws SQLException {
    String command =
        "START_REPLICATION SLOT "
            + Sql.name(settings.slot())
            + " LOGICAL "
            + Lsn.format(at)
            + " (proto_version '1', publication_names "
            + Sql.text(Sql.name(settings.publication()))
            + ")";
    CopyDual copy = replication.unwrap(PGConnection.class).getCopyAPI().copyDual(command);
    session.limitSilence(replication);
    return new PostgresStream(
        session, copy, new TransactionReader(settings.where(), definitions), at);
  }

  private History history(Connection replication) throws SQLException {
    try (Statement statement = replication.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      String epoch = "pg" + row.getString("systemid") + "-" + row.getInt("timeline");
      return new History(
          settings.historyId().isEmpty() ? epoch : epoch + "-" + settings.historyId(),
          Lsn.parse(row.getString("xlogpos")));
    }
  }

  private StreamException lost(String why) {
    return new StreamException(
        FailureKind.HISTORY_LOST, settings.where() + ": " + why + "; all rows are read anew");
  }

  private static List<TableDefinition> definitions(Map<String, Followed> followed) {
    return followed.values().stream().map(Followed::definition).toList();
  }
}
