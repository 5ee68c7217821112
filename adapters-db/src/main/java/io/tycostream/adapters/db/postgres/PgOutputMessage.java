package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.change.Row;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A message of the {@code pgoutput} plugin, protocol version 1: whole committed transactions, one
 * after the other, in the order in which they committed.
 */
sealed interface PgOutputMessage {

  /** A transaction begins to be told. */
  record Begin(long commitLsn, long commitMicros, int xid) implements PgOutputMessage {}

  /**
   * The transaction is complete.
   *
   * @param endLsn behind the commit: what its receiver is at now
   */
  record Commit(long commitLsn, long endLsn, long commitMicros) implements PgOutputMessage {}

  /** The transaction came from another server. */
  record Origin(long lsn, String name) implements PgOutputMessage {}

  /** What a relation looks like in the messages that follow. */
  record RelationDescribed(
      int oid, String schema, String name, char replicaIdentity, List<Attribute> attributes)
      implements PgOutputMessage {}

  /** A column in a {@link RelationDescribed}. */
  record Attribute(boolean identity, String name, int typeOid, int typeModifier) {}

  /** The name of a type that is not built in. */
  record TypeDescribed(int oid, String schema, String name) implements PgOutputMessage {}

  /** A new row. */
  record Insert(int oid, Row row) implements PgOutputMessage {}

  /**
   * A changed row.
   *
   * @param before the former row: its identity columns alone, or all of it
   */
  record Update(int oid, Optional<Row> before, Row row) implements PgOutputMessage {}

  /**
   * A row that is gone.
   *
   * @param before its identity columns alone, or all of it
   */
  record Delete(int oid, Row before) implements PgOutputMessage {}

  /** Tables whose rows are all gone. */
  record Truncate(List<Integer> oids) implements PgOutputMessage {}

  /** Something an application wrote into the log. */
  record Logical(boolean transactional, long lsn, String prefix, ByteBuffer content)
      implements PgOutputMessage {}
}
