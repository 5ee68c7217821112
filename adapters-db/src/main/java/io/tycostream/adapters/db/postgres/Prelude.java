package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the stream tells of the time before a snapshot, from the oldest change that the slot kept:
 * of each table the keys that were touched. A table that was emptied is left out, and one of which
 * more keys were touched than its history may hold changes: they would leave it at once.
 */
final class Prelude implements ChangeSink {

  private final PostgresSession session;
  private final ReplicationCopy copy;
  private final TransactionReader reader;
  private final TransactionReader next;
  private final Map<String, Touched> tables = new HashMap<>();

  /** The keys of one table. */
  private static final class Touched {
    private final Relation relation;
    private final HistoryLimits most;
    private final Set<Key> keys = new HashSet<>();
    private long bytes;

    Touched(TableDefinition table) {
      this.relation = table.relation();
      this.most = table.table().limits().history();
    }

    void add(Key key) {
      if (keys.add(key)) {
        bytes += key.values().bytes();
      }
    }

    void add(Row row) {
      add(relation.keyOf(row));
    }

    boolean areTooMany() {
      return keys.size() > most.maxEvents() || bytes > most.maxBytes();
    }
  }

  /**
   * @param tables those of which it is known that they were carried all the time
   * @param next who reads the stream afterwards: the server describes a table only once
   */
  Prelude(
      PostgresSession session,
      ReplicationCopy copy,
      List<TableDefinition> tables,
      TransactionReader next) {
    this.session = session;
    this.copy = copy;
    this.reader = new TransactionReader(session.where(), tables);
    this.next = next;
    tables.forEach(table -> this.tables.put(table.table().source(), new Touched(table)));
  }

  /** The keys of each table, by the name of its source. */
  Map<String, Set<Key>> touched() {
    Map<String, Set<Key>> touched = new HashMap<>();
    tables.forEach((source, table) -> touched.put(source, table.keys));
    return touched;
  }

  /**
   * Reads up to the snapshot.
   *
   * @param until where the snapshot stands
   * @param onProgress told for each message
   * @return the first frame that lies behind it, if one was read already
   */
  Optional<byte[]> read(long until, Runnable onProgress) throws StreamException, SQLException {
    long received = 0;
    while (true) {
      if (copy.due()) {
        copy.tell(received, 0); // nothing is let go of before the sources have it
      }
      byte @Nullable [] frame = copy.read();
      if (frame == null) {
        if (!copy.isActive()) {
          throw session.failure(FailureKind.NETWORK, "the server ended the replication stream");
        }
        continue;
      }
      onProgress.run();
      switch (ReplicationFrame.decode(frame)) {
        case ReplicationFrame.Keepalive keepalive -> {
          received = keepalive.serverEnd();
          if (!reader.inTransaction() && Long.compareUnsigned(received, until) >= 0) {
            return Optional.empty();
          }
        }
        case ReplicationFrame.Data data -> {
          PgOutputMessage message = PgOutputDecoder.decode(data.message());
          if (message instanceof PgOutputMessage.Begin begin
              && Long.compareUnsigned(begin.commitLsn(), until) >= 0) {
            return Optional.of(frame);
          }
          if (message instanceof PgOutputMessage.RelationDescribed relation) {
            next.noteDescription(relation);
          }
          reader.read(message, this);
        }
      }
    }
  }

  @Override
  public void row(String source, RowEvent event) {
    Touched table = tables.get(source);
    if (table == null) {
      return; // it is left out by now
    }
    switch (event) {
      case RowEvent.Inserted(Row row) -> table.add(row);
      case RowEvent.Upserted(Optional<Key> formerKey, Row row) -> {
        formerKey.ifPresent(table::add);
        table.add(row);
      }
      case RowEvent.Deleted(Key key) -> table.add(key);
      case RowEvent.Counted(Row row, long diff) -> table.add(row);
      case RowEvent.Truncated truncated -> tables.remove(source);
    }
    if (table.areTooMany()) {
      tables.remove(source);
    }
  }

  @Override
  public void commit(long time) {}

  @Override
  public void progress(long time) {}

  @Override
  public Optional<Checkpoint> complete() {
    return Optional.empty();
  }

  @Override
  public Optional<Relation> relation(String source) {
    return Optional.ofNullable(tables.get(source)).map(table -> table.relation);
  }

  @Override
  public void snapshotStarted() {
    throw notTold();
  }

  @Override
  public void snapshotProgressed() {
    throw notTold();
  }

  @Override
  public void loaded(String source, Relation relation, Checkpoint at, List<Row> rows) {
    throw notTold();
  }

  @Override
  public void loading(String source, Relation relation, Checkpoint at) {
    throw notTold();
  }

  @Override
  public void resumed(long behind) {
    throw notTold();
  }

  @Override
  public void failed(String source, Failure failure) {
    throw notTold();
  }

  @Override
  public void row(String source, long time, RowEvent event) {
    throw notTold();
  }

  @Override
  public void closed(long before) {
    throw notTold();
  }

  @Override
  public void completed() {
    throw notTold();
  }

  private static IllegalStateException notTold() {
    return new IllegalStateException("a reader of transactions tells rows and commits");
  }
}
