package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.upstream.ChangeSink;
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
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyDual;

/**
 * One opening of a stream.
 *
 * <p>The order in which a fresh stream is opened is what makes it whole: the tables are published
 * first, the persistent slot is there second, and the snapshot is exported last. Exporting it waits
 * for every transaction that began before, so that each transaction which is not in the snapshot
 * began after the tables were published and after the slot began to keep the log.
 */
final class Opening {

  private static final Retained EVERYTHING = new Retained.After(0);

  /**
   * What an opening comes to.
   *
   * @param carried what the stream carries, by the name of the source
   */
  record Opened(PostgresStream stream, Watch watch, Map<String, Followed> carried) {}

  private final PostgresSession session;
  private final List<PostgresTable> tables;
  private final ReplicationSlot slot;
  private final boolean withPrelude;
  private final MissingSegments missing;
  private final ChangeSink sink;

  /**
   * @param withPrelude whether what the slot kept from before is read for sources that have no
   *     history yet
   */
  Opening(
      PostgresSession session,
      List<PostgresTable> tables,
      boolean withPrelude,
      MissingSegments missing,
      ChangeSink sink) {
    this.withPrelude = withPrelude;
    this.session = session;
    this.tables = tables;
    this.missing = missing;
    this.slot = new ReplicationSlot(session);
    this.sink = sink;
  }

  /**
   * Opens the stream.
   *
   * @param fresh whether all rows are read first
   * @param carried what was carried without a break since all rows were read; those that cannot be
   *     followed now are taken out of it
   * @param oneOfSeveral whether there are other endpoints
   */
  Opened open(boolean fresh, Map<String, Followed> carried, boolean oneOfSeveral)
      throws StreamException, SQLException {
    Connection replication = session.replication();
    History history = History.read(session, replication);
    Survey survey =
        session.queries().ask("reading the catalogue", from -> survey(from, fresh, oneOfSeveral));
    tellUnusable(survey, carried);
    if (fresh) {
      return read(replication, history, survey);
    }
    return resume(replication, history, survey, carried);
  }

  private Survey survey(Connection from, boolean fresh, boolean oneOfSeveral)
      throws SQLException, StreamException {
    PostgresSettings settings = session.settings();
    Server.read(from).check(settings, oneOfSeveral);
    if (fresh) {
      new Publication(settings, from).ensure();
    }
    return Survey.publishing(settings, tables, from);
  }

  private void tellUnusable(Survey survey, Map<String, Followed> carried) throws StreamException {
    Optional<String> last = Optional.empty();
    for (Map.Entry<String, Survey.Unusable> entry : survey.unusable().entrySet()) {
      String message = session.where() + ": " + entry.getValue().reason();
      carried.remove(entry.getKey());
      sink.failed(entry.getKey(), new Failure(FailureKind.QUERY, message));
      last = Optional.of(message);
    }
    if (survey.members().isEmpty()) {
      throw new StreamException(
          FailureKind.QUERY, last.orElse(session.where() + ": no table can be followed"));
    }
  }

  private Opened read(Connection replication, History history, Survey survey)
      throws StreamException, SQLException {
    if (sink.complete().isPresent()) {
      Optional<Resumption> backwards =
          Resumption.backwards(sink.complete().get(), shown(history, EVERYTHING, survey));
      if (backwards.isPresent()) {
        throw refusal(backwards.get());
      }
    }
    sink.snapshotStarted();
    Optional<Kept> kept = kept(survey);
    slot.ensure(replication, missing.areLost());
    sink.snapshotProgressed();
    List<TableDefinition> definitions = survey.definitions();
    Connection reading = session.query(); // first, because the less time passes, the better
    Connection exporting = session.replication();
    int pid = exporting.unwrap(PGConnection.class).getBackendPID();
    ReplicationSlot.ExportedSnapshot exported = slot.export(exporting, pid);
    sink.snapshotProgressed();
    Snapshot snapshot = new Snapshot(session, reading, exported.name());
    session.release(exporting);
    Map<String, Snapshot.Read> rows = snapshot.rows(definitions, sink::snapshotProgressed);
    session.release(reading);
    requireSome(definitions, rows);

    long start = exported.consistentPoint();
    ReplicationSlot.Condition condition =
        slot.condition().orElseThrow(() -> lost("its replication slot was dropped"));
    if (condition.useless().isPresent() || Long.compareUnsigned(condition.confirmed(), start) > 0) {
      slot.drop();
      throw lost("the replication slot was moved past the snapshot, or given up");
    }
    // A slot that somebody moved since it was looked at would begin later, without a word.
    boolean reaches =
        kept.filter(k ->
                Long.compareUnsigned(k.from, start) < 0
                    && Long.compareUnsigned(condition.confirmed(), k.from) <= 0)
            .isPresent();
    ReplicationCopy copy = start(replication, reaches ? kept.orElseThrow().from : start);
    TransactionReader reader = reader(survey);
    Optional<Prelude> prelude =
        kept.filter(k -> reaches).map(k -> new Prelude(session, copy, k.tables, reader));
    Optional<byte[]> first = Optional.empty();
    if (prelude.isPresent()) {
      first = prelude.get().read(start, sink::snapshotProgressed);
    }
    session.limitSilence(replication);
    PostgresStream.Course course = new PostgresStream.Course(start, history.end());
    Opened opened = opened(copy, first, reader, course, survey);
    // Nothing can fail from here on: the sink is given all tables or none.
    for (TableDefinition table : definitions) {
      String source = table.table().source();
      Optional<Failure> tooLarge = tooLarge(table, rows);
      if (tooLarge.isPresent()) {
        sink.failed(source, tooLarge.get());
        continue;
      }
      if (prelude.isPresent() && prelude.get().touched().containsKey(source)) {
        sink.touched(
            source,
            new Checkpoint(history.epoch(), kept.orElseThrow().from),
            prelude.get().touched().get(source));
      }
      sink.loaded(
          source,
          table.relation(),
          new Checkpoint(history.epoch(), start),
          Objects.requireNonNull(rows.get(source)).rows());
    }
    return opened;
  }

  /** A stream that would serve nobody is not opened. */
  private void requireSome(List<TableDefinition> tables, Map<String, Snapshot.Read> rows)
      throws StreamException {
    List<Failure> tooLarge = tables.stream().flatMap(t -> tooLarge(t, rows).stream()).toList();
    if (tooLarge.size() == tables.size()) {
      for (TableDefinition table : tables) {
        tooLarge(table, rows).ifPresent(why -> sink.failed(table.table().source(), why));
      }
      throw new StreamException(FailureKind.QUERY, tooLarge.getLast().message());
    }
  }

  private Optional<Failure> tooLarge(TableDefinition table, Map<String, Snapshot.Read> rows) {
    return Objects.requireNonNull(rows.get(table.table().source()))
        .tooLarge(session.where(), table.table());
  }

  /** What a slot kept from before the gateway was started. */
  private record Kept(long from, List<TableDefinition> tables) {}

  /** Nothing when the sources have a history already, or none can be had. */
  private Optional<Kept> kept(Survey survey) throws StreamException {
    boolean known =
        !withPrelude || tables.stream().anyMatch(t -> sink.relation(t.source()).isPresent());
    Optional<ReplicationSlot.Condition> condition = known ? Optional.empty() : slot.condition();
    if (condition.isEmpty() || condition.get().useless().isPresent()) {
      return Optional.empty();
    }
    List<TableDefinition> carried = slot.carried(survey.members().values());
    return carried.isEmpty()
        ? Optional.empty()
        : Optional.of(new Kept(condition.get().confirmed(), carried));
  }

  private Opened resume(
      Connection replication, History history, Survey survey, Map<String, Followed> carried)
      throws StreamException, SQLException {
    Map<String, String> known = new HashMap<>();
    // A sink that does not know a relation any more gave it up by itself, and will not miss it.
    survey
        .members()
        .keySet()
        .forEach(source ->
            sink.relation(source).ifPresent(relation -> known.put(source, relation.print())));
    Held held = new Held(sink.complete(), known, carried);
    Resumption resumption = Resumption.decide(held, shown(history, EVERYTHING, survey));
    if (resumption instanceof Resumption.Resume) {
      // Only now, because a slot that is still in use would hide every other reason.
      resumption = Resumption.decide(held, shown(history, retained(), survey));
    }
    if (resumption instanceof Resumption.Resume(Checkpoint at)) {
      ReplicationCopy copy = start(replication, at.time());
      session.limitSilence(replication);
      PostgresStream.Course course = new PostgresStream.Course(at.time(), history.end());
      return opened(copy, Optional.empty(), reader(survey), course, survey);
    }
    throw refusal(resumption);
  }

  private static Shown shown(History history, Retained retained, Survey survey) {
    // A standby is not followed, so what is shown is never that of a replica.
    return new Shown(history.epoch(), history.end(), false, retained, survey.followed());
  }

  private Retained retained() throws StreamException {
    return slot.condition()
        .<Retained>map(condition ->
            condition
                .useless()
                .<Retained>map(Retained.Nothing::new)
                .orElse(new Retained.After(condition.confirmed())))
        .orElse(new Retained.Nothing("its replication slot is gone"));
  }

  private StreamException refusal(Resumption resumption) {
    return switch (resumption) {
      case Resumption.HistoryLost(String reason) -> lost(reason);
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

  private ReplicationCopy start(Connection replication, long at) throws SQLException {
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
    return new ReplicationCopy(session, copy, at);
  }

  private TransactionReader reader(Survey survey) {
    return new TransactionReader(session.where(), survey.definitions());
  }

  private Opened opened(
      ReplicationCopy copy,
      Optional<byte[]> first,
      TransactionReader reader,
      PostgresStream.Course course,
      Survey survey) {
    Watch watch = new Watch(session, tables, survey);
    SideReading aside = new SideReading(session.settings(), survey.definitions());
    return new Opened(
        new PostgresStream(session, copy, first, reader, watch, aside, missing, course),
        watch,
        survey.followed());
  }

  private StreamException lost(String why) {
    return session.failure(FailureKind.HISTORY_LOST, why + "; all rows are read anew");
  }
}
