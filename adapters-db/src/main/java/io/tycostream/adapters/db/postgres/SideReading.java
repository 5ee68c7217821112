package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Reads the rows of single tables anew beside the stream that carries them, which goes on
 * meanwhile: those of sources that had failed alone.
 *
 * <p>It is the same as at an opening: a temporary slot exports a snapshot at an exact place S of
 * the log. Before that is begun the sink keeps what the stream tells of these sources, so it has
 * all that is later than S, because what the stream told until then was committed before; and it is
 * given the rows when the stream has come to S. One reading at a time, on a thread and connections
 * of its own, whose failures are those of the sources alone.
 *
 * <p>All methods are called by the stream's thread.
 */
final class SideReading {

  private static final System.Logger LOG = System.getLogger(SideReading.class.getName());

  /** The rows of each source as they are at one place of the log. */
  private record Read(long at, Map<String, Snapshot.Read> rows) {}

  /** One reading, on its own session. */
  private record Going(
      PostgresSession session, List<TableDefinition> tables, CompletableFuture<Read> rows) {}

  private final PostgresSettings settings;
  private final List<TableDefinition> carried;
  private List<TableDefinition> asked = List.of();
  private @Nullable Going going;

  /**
   * @param carried the tables that the stream carries
   */
  SideReading(PostgresSettings settings, List<TableDefinition> carried) {
    this.settings = settings;
    this.carried = carried;
  }

  /** These are to be read, unless others are just being read. */
  void ask(Set<String> sources) {
    if (going == null) {
      asked = carried.stream().filter(table -> sources.contains(table.table().source())).toList();
    }
  }

  /** Begins what was asked for, and tells what has ended; does not block. */
  void poll(ChangeSink sink) {
    Going present = going;
    if (present == null && !asked.isEmpty()) {
      asked.forEach(table -> sink.joining(table.table().source()));
      going = begin(asked);
      asked = List.of();
    } else if (present != null && present.rows.isDone() && isTold(present, sink)) {
      going = null;
    }
  }

  private Going begin(List<TableDefinition> tables) {
    PostgresSession session = new PostgresSession(settings);
    CompletableFuture<Read> rows = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("side-reading-" + session.where())
        .start(() -> {
          try {
            rows.complete(read(session, tables));
          } catch (StreamException | RuntimeException | Error e) {
            rows.completeExceptionally(e);
          } catch (SQLException e) {
            rows.completeExceptionally(session.failure("reading a table again", e));
          } finally {
            session.abort();
          }
        });
    return new Going(session, tables, rows);
  }

  private static Read read(PostgresSession session, List<TableDefinition> tables)
      throws StreamException, SQLException {
    Connection reading = session.query(); // first, because the less time passes, the better
    Connection exporting = session.replication();
    int pid = exporting.unwrap(PGConnection.class).getBackendPID();
    ReplicationSlot.ExportedSnapshot exported = new ReplicationSlot(session).export(exporting, pid);
    Snapshot snapshot = new Snapshot(session, reading, exported.name());
    session.release(exporting);
    Map<String, Snapshot.Read> rows = snapshot.rows(tables, () -> {});
    return new Read(exported.consistentPoint(), new HashMap<>(rows));
  }

  /** Whether the sink knows; it is not told before the stream is as far as the rows. */
  private static boolean isTold(Going ended, ChangeSink sink) {
    Throwable wrong = ended.rows.isCompletedExceptionally() ? ended.rows.exceptionNow() : null;
    if (wrong != null) {
      Failure failure = failure(wrong, ended);
      ended.tables.forEach(table -> sink.failed(table.table().source(), failure));
      return true;
    }
    Read read = ended.rows.join();
    Optional<Checkpoint> complete =
        sink.complete().filter(ours -> Long.compareUnsigned(ours.time(), read.at) >= 0);
    complete.ifPresent(ours -> {
      Checkpoint at = new Checkpoint(ours.epoch(), read.at);
      ended.tables.forEach(table -> tell(table, at, read.rows, ended, sink));
    });
    return complete.isPresent();
  }

  private static void tell(
      TableDefinition table,
      Checkpoint at,
      Map<String, Snapshot.Read> all,
      Going ended,
      ChangeSink sink) {
    String source = table.table().source();
    Snapshot.Read read = Objects.requireNonNull(all.get(source));
    Optional<Failure> tooLarge = read.tooLarge(ended.session.where(), table.table());
    List<Row> rows = read.rows();
    tooLarge.ifPresentOrElse(
        why -> sink.failed(source, why), () -> sink.joined(source, table.relation(), at, rows));
  }

  private static Failure failure(Throwable wrong, Going ended) {
    if (wrong instanceof StreamException known) {
      return known.failure();
    }
    LOG.log(
        System.Logger.Level.ERROR, ended.session.where() + ": cannot read a table again", wrong);
    return new Failure(FailureKind.RESOURCES, ended.session.where() + ": " + wrong);
  }

  /** Ends what is going on, without waiting for it. */
  void close() {
    Going present = going;
    if (present != null) {
      present.session.abort();
    }
  }
}
