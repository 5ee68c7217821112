package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.postgres.PgOutputMessage.Begin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Commit;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Delete;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Insert;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Logical;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Origin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.RelationDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Truncate;
import io.tycostream.adapters.db.postgres.PgOutputMessage.TypeDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Update;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.change.RowEvent.Counted;
import io.tycostream.domain.change.RowEvent.Deleted;
import io.tycostream.domain.change.RowEvent.Inserted;
import io.tycostream.domain.change.RowEvent.Truncated;
import io.tycostream.domain.change.RowEvent.Upserted;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells a sink what the messages of one stream mean for the tables that are followed. Messages
 * about other tables of the publication are passed over.
 */
final class TransactionReader {

  private final String where;
  private final Map<Integer, List<TableDefinition>> tables = new HashMap<>();
  private final Set<Integer> described = new HashSet<>();
  private boolean inTransaction;

  TransactionReader(String where, List<TableDefinition> tables) {
    this.where = where;
    for (TableDefinition table : tables) {
      this.tables.computeIfAbsent(table.oid(), oid -> new ArrayList<>()).add(table);
    }
  }

  /** Whether a transaction has begun to be told and is not complete. */
  boolean inTransaction() {
    return inTransaction;
  }

  /**
   * @throws StreamException when a table is not what it was, or the messages make no sense
   */
  void read(PgOutputMessage message, ChangeSink sink) throws StreamException {
    switch (message) {
      case Begin begin -> {
        if (inTransaction) {
          throw damaged("a transaction begins within another one");
        }
        inTransaction = true;
      }
      case Commit commit -> {
        requireTransaction();
        inTransaction = false;
        sink.commit(commit.endLsn());
      }
      case RelationDescribed relation -> describe(relation);
      case Insert insert -> {
        for (TableDefinition table : followed(insert.oid())) {
          tell(table, inserted(table, insert.row()), sink);
        }
      }
      case Update update -> {
        for (TableDefinition table : followed(update.oid())) {
          update(table, update.before(), update.row(), sink);
        }
      }
      case Delete delete -> {
        for (TableDefinition table : followed(delete.oid())) {
          requireWidth(table, delete.before());
          tell(table, deleted(table, delete.before()), sink);
        }
      }
      case Truncate truncate -> {
        for (int oid : truncate.oids()) {
          for (TableDefinition table : followed(oid)) {
            tell(table, new Truncated(), sink);
          }
        }
      }
      case Origin origin -> requireTransaction();
      case TypeDescribed type -> {}
      case Logical logical -> {}
    }
  }

  /** A table was described to somebody else who read the stream before. */
  void noteDescription(RelationDescribed relation) {
    if (tables.getOrDefault(relation.oid(), List.of()).stream().allMatch(t -> t.fits(relation))) {
      described.add(relation.oid());
    } else {
      described.remove(relation.oid()); // it is described anew once it is what it is now
    }
  }

  private void describe(RelationDescribed relation) throws StreamException {
    if (!tables.containsKey(relation.oid()) && isNameOfFollowed(relation)) {
      throw new StreamException(
          FailureKind.HISTORY_LOST,
          where
              + ": "
              + relation.schema()
              + "."
              + relation.name()
              + " is another table than before; it is read anew");
    }
    for (TableDefinition table : tables.getOrDefault(relation.oid(), List.of())) {
      if (!table.fits(relation)) {
        throw new StreamException(
            FailureKind.HISTORY_LOST,
            where
                + ": "
                + table.table().relation()
                + " changed its columns, key or name; it is read anew");
      }
    }
    described.add(relation.oid());
  }

  /** Whether a table that is followed had this name when the stream was opened. */
  private boolean isNameOfFollowed(RelationDescribed relation) {
    return tables.values().stream()
        .flatMap(List::stream)
        .map(TableDefinition::table)
        .anyMatch(table ->
            table.schema().equals(relation.schema()) && table.name().equals(relation.name()));
  }

  private List<TableDefinition> followed(int oid) throws StreamException {
    requireTransaction();
    List<TableDefinition> definitions = tables.getOrDefault(oid, List.of());
    if (!definitions.isEmpty() && !described.contains(oid)) {
      throw damaged("a row of a table that was not described");
    }
    return definitions;
  }

  private void tell(TableDefinition table, RowEvent event, ChangeSink sink) {
    sink.row(table.table().source(), event);
  }

  private RowEvent inserted(TableDefinition table, Row row) throws StreamException {
    requireWidth(table, row);
    if (row.hasUnchanged()) {
      throw damaged("a new row without all its values");
    }
    return isCounted(table) ? new Counted(row, 1) : new Inserted(row);
  }

  private static RowEvent deleted(TableDefinition table, Row before) {
    return isCounted(table) ? new Counted(before, -1) : new Deleted(table.relation().keyOf(before));
  }

  /**
   * Rows without a key are told by all their values, and so are those whose key another row may
   * have as well until the transaction ends.
   */
  private static boolean isCounted(TableDefinition table) {
    return !table.relation().isKeyed() || table.shared();
  }

  private void update(TableDefinition table, Optional<Row> before, Row sent, ChangeSink sink)
      throws StreamException {
    requireWidth(table, sent);
    if (before.isPresent()) {
      requireWidth(table, before.get());
    }
    if (table.replicaIdentity() != TableDefinition.FULL) {
      tell(table, upserted(table.relation(), before, sent), sink);
      return;
    }
    Row former = before.orElseThrow(() -> damaged("an update without the whole former row"));
    Row row = sent.completedFrom(former);
    Relation relation = table.relation();
    if (!isCounted(table) && relation.keyOf(row).equals(relation.keyOf(former))) {
      tell(table, new Upserted(Optional.empty(), row), sink);
    } else {
      // As a sum: within a transaction rows may take each other's key.
      tell(table, new Counted(former, -1), sink);
      tell(table, new Counted(row, 1), sink);
    }
  }

  private RowEvent upserted(Relation relation, Optional<Row> before, Row sent)
      throws StreamException {
    Row row = before.isPresent() ? completeKey(sent, before.get(), relation.keyColumns()) : sent;
    for (int column : relation.keyColumns()) {
      if (row.isUnchanged(column)) {
        throw damaged("a row without its key");
      }
    }
    Key key = relation.keyOf(row);
    Function<Row, Key> keyOf = relation::keyOf;
    return new Upserted(before.map(keyOf).filter(former -> !former.equals(key)), row);
  }

  /**
   * A long key value that did not change is not sent with the row, but with its former identity.
   */
  private static Row completeKey(Row row, Row before, int[] keyColumns) {
    if (!row.hasUnchanged()) {
      return row;
    }
    @Nullable String[] values = new @Nullable String[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.value(i);
    }
    for (int column : keyColumns) {
      if (row.isUnchanged(column)) {
        values[column] = before.value(column);
      }
    }
    return Row.of(values);
  }

  private void requireWidth(TableDefinition table, Row row) throws StreamException {
    if (row.size() != table.columns().size()) {
      throw damaged(
          "a row of "
              + table.table().relation()
              + " has "
              + row.size()
              + " values instead of "
              + table.columns().size());
    }
  }

  private void requireTransaction() throws StreamException {
    if (!inTransaction) {
      throw damaged("something happens outside a transaction");
    }
  }

  private StreamException damaged(String what) {
    return new StreamException(
        FailureKind.NETWORK, where + ": the replication stream is damaged: " + what);
  }
}
