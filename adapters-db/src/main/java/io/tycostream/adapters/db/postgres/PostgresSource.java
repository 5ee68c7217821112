package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.Resumption;
import io.tycostream.domain.upstream.Resumption.Followed;
import io.tycostream.domain.upstream.Resumption.Held;
import io.tycostream.domain.upstream.Resumption.Retained;
import io.tycostream.domain.upstream.Resumption.Shown;
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

  private static final System.Logger LOG = System.getLogger(PostgresSource.class.getName());

  private static final Retained EVERYTHING = new Retained.After(0);

  /** A table whose changes reach us, and its membership in the publication. */
  private record Member(TableDefinition definition, String membership) {

    Followed followed() {
      return new Followed(definition.relation().print(), definition.carriage() + " " + membership);
    }
  }

  /** The server's history and how far it has come. */
  private record History(String epoch, long end) {}

  private final List<PostgresSettings> endpoints;
  private final List<PostgresTable> tables;

  /** What was carried without a break since all rows were read; only that can be resumed. */
  private final Map<String, Followed> carried = new HashMap<>();

  private volatile @Nullable PostgresSession current;

  /**
   * A database with one endpoint.
   *
   * @param tables at least one, each with another source
   * @throws IllegalArgumentException when a source stands twice
   */
  public PostgresSource(PostgresSettings settings, List<PostgresTable> tables) {
    this(List.of(settings), tables);
  }

  /**
   * @param endpoints in the order of preference, at least one
   * @param tables at least one, each with another source
   * @throws IllegalArgumentException when there is no endpoint, or a source stands twice
   */
  public PostgresSource(List<PostgresSettings> endpoints, List<PostgresTable> tables) {
    this.endpoints = List.copyOf(endpoints);
    this.tables = List.copyOf(tables);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint");
    }
    if (tables.isEmpty()
        || tables.stream().map(PostgresTable::source).distinct().count() != tables.size()) {
      throw new IllegalArgumentException(
          endpoints.getFirst().where() + ": no source, or one of them twice");
    }
  }

  @Override
  public List<String> endpoints() {
    return endpoints.stream().map(PostgresSettings::where).toList();
  }

  @Override
  public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) throws StreamException {
    PostgresSession session = new PostgresSession(endpoints.get(endpoint));
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
  public Optional<Checkpoint> probe(int endpoint) {
    PostgresSession session = new PostgresSession(endpoints.get(endpoint));
    try {
      Connection catalogue = session.query();
      if (!Server.read(catalogue).problems().isEmpty()) {
        return Optional.empty();
      }
      History history = history(session, session.replication());
      return Optional.of(new Checkpoint(history.epoch, history.end));
    } catch (SQLException | StreamException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: not well: {1}", session.where(), e.getMessage());
      return Optional.empty();
    } finally {
      session.abort();
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
    PostgresSettings settings = session.settings();
    Connection catalogue = session.query();
    Server.read(catalogue).check(settings, endpoints.size() > 1);
    if (fresh) {
      Publication publication = new Publication(settings, catalogue);
      publication.ensure();
    }
    Map<String, Member> followed = survey(settings, catalogue, sink);
    Connection replication = session.replication();
    ReplicationSlot slot = new ReplicationSlot(session, catalogue);
    History history = history(session, replication);
    ChangeStream stream =
        fresh
            ? read(session, slot, replication, history, followed, sink)
            : resume(session, slot, replication, history, followed, sink);
    carried.clear();
    followed.forEach((source, member) -> carried.put(source, member.followed()));
    session.release(catalogue);
    return stream;
  }

  /** The tables that can be followed; the sink is told of the others. */
  private Map<String, Member> survey(
      PostgresSettings settings, Connection connection, ChangeSink sink)
      throws StreamException, SQLException {
    Publication publication = new Publication(settings, connection);
    TableCatalogue definitions = new TableCatalogue(connection);
    Map<String, Member> followed = new LinkedHashMap<>();
    Optional<Failure> failure = Optional.empty();
    for (PostgresTable table : tables) {
      try {
        TableDefinition definition = definitions.read(table);
        followed.put(table.source(), new Member(definition, publication.ensure(definition)));
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
      Map<String, Member> followed,
      ChangeSink sink)
      throws StreamException, SQLException {
    if (sink.complete().isPresent()) {
      Shown shown = shown(history, EVERYTHING, followed);
      Optional<Resumption> backwards = Resumption.backwards(sink.complete().get(), shown);
      if (backwards.isPresent()) {
        throw refusal(session, backwards.get());
      }
    }
    sink.snapshotStarted();
    slot.ensure(replication);
    sink.snapshotProgressed();
    List<TableDefinition> definitions = definitions(followed);
    Connection reading = session.query(); // first, because the less time passes, the better
    Connection exporting = session.replication();
    int pid = exporting.unwrap(PGConnection.class).getBackendPID();
    ReplicationSlot.ExportedSnapshot exported = slot.export(exporting, pid);
    sink.snapshotProgressed();
    Snapshot snapshot = new Snapshot(session, reading, exported.name());
    session.release(exporting);
    Map<String, List<Row>> rows = snapshot.rows(definitions, sink::snapshotProgressed);
    session.release(reading);

    long start = exported.consistentPoint();
    ReplicationSlot.Condition condition =
        slot.condition().orElseThrow(() -> lost(session, "its replication slot was dropped"));
    if (condition.lost() || Long.compareUnsigned(condition.confirmed(), start) > 0) {
      slot.drop();
      throw lost(session, "the replication slot was moved past the snapshot");
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
      Map<String, Member> followed,
      ChangeSink sink)
      throws StreamException, SQLException {
    Map<String, String> known = new HashMap<>();
    // A sink that does not know a relation any more gave it up by itself, and will not miss it.
    followed
        .keySet()
        .forEach(source ->
            sink.relation(source).ifPresent(relation -> known.put(source, relation.print())));
    Held held = new Held(sink.complete(), known, carried);
    Resumption resumption = Resumption.decide(held, shown(history, EVERYTHING, followed));
    if (resumption instanceof Resumption.Resume) {
      // Only now, because a slot that is still in use would hide every other reason.
      resumption = Resumption.decide(held, shown(history, retained(slot), followed));
    }
    if (resumption instanceof Resumption.Resume(Checkpoint at)) {
      return start(session, replication, at.time(), definitions(followed));
    }
    throw refusal(session, resumption);
  }

  private static Shown shown(History history, Retained retained, Map<String, Member> followed) {
    Map<String, Followed> tables = new HashMap<>();
    followed.forEach((source, member) -> tables.put(source, member.followed()));
    // A standby is not followed, so what is shown is never that of a replica.
    return new Shown(history.epoch, history.end, false, retained, tables);
  }

  private static Retained retained(ReplicationSlot slot) throws SQLException, StreamException {
    return slot.condition()
        .<Retained>map(condition ->
            condition.lost()
                ? new Retained.Nothing("the server gave up what its replication slot kept")
                : new Retained.After(condition.confirmed()))
        .orElse(new Retained.Nothing("its replication slot is gone"));
  }

  private static StreamException refusal(PostgresSession session, Resumption resumption) {
    return switch (resumption) {
      case Resumption.HistoryLost(String reason) -> lost(session, reason);
      case Resumption.Behind(long lag) ->
          session.failure(
              FailureKind.BEHIND,
              "the server lags behind us by " + Long.toUnsignedString(lag) + " bytes of its log");
      case Resumption.SetBack(Checkpoint ours, long present) ->
          session.failure(
              FailureKind.QUERY,
              "the database was set back: it is at "
                  + Lsn.format(present)
                  + ", we were at "
                  + Lsn.format(ours.time())
                  + "; set a new history-id and start the gateway again");
      case Resumption.Resume resume -> throw new IllegalArgumentException("no refusal: " + resume);
    };
  }

  private ChangeStream start(
      PostgresSession session, Connection replication, long at, List<TableDefinition> definitions)
      throws SQLException {
    PostgresSettings settings = session.settings();
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

  private static History history(PostgresSession session, Connection replication)
      throws SQLException {
    String id = session.settings().historyId();
    try (Statement statement = replication.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      String epoch = "pg" + row.getString("systemid") + "-" + row.getInt("timeline");
      return new History(
          id.isEmpty() ? epoch : epoch + "-" + id, Lsn.parse(row.getString("xlogpos")));
    }
  }

  private static StreamException lost(PostgresSession session, String why) {
    return session.failure(FailureKind.HISTORY_LOST, why + "; all rows are read anew");
  }

  private static List<TableDefinition> definitions(Map<String, Member> followed) {
    return followed.values().stream().map(Member::definition).toList();
  }
}
