package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Attribute;
import io.tycostream.adapters.db.postgres.PgOutputMessage.RelationDescribed;
import io.tycostream.domain.change.Relation;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A table as the catalogue defines it, with all that has to stay as it is for the stream's rows to
 * fit those that were read before.
 *
 * @param columns in the order of the values, without dropped and generated ones
 * @param replicaIdentity {@code d}, {@code i} or {@code f}
 * @param identity what the stream tells of a former row; all columns for {@code f}
 * @param shared whether two rows may have the same key for a while within a transaction, because
 *     nothing but a deferrable constraint, or the configuration alone, says that it is unique
 * @param written another text when the definition was written anew, so that values may have changed
 *     of which the stream tells nothing
 */
record TableDefinition(
    PostgresTable table,
    int oid,
    List<ColumnDefinition> columns,
    char replicaIdentity,
    Set<String> identity,
    boolean shared,
    String written,
    Relation relation) {

  /** A column's type as numbers, which tell more than its name. */
  record ColumnDefinition(String name, int typeOid, int typeModifier) {}

  static final char FULL = 'f';

  /** Whether the stream describes the same table in the same way. */
  boolean fits(RelationDescribed described) {
    List<ColumnDefinition> others =
        described.attributes().stream()
            .map(a -> new ColumnDefinition(a.name(), a.typeOid(), a.typeModifier()))
            .toList();
    List<String> identified =
        described.attributes().stream().filter(Attribute::identity).map(Attribute::name).toList();
    return described.schema().equals(table.schema())
        && described.name().equals(table.name())
        && described.replicaIdentity() == replicaIdentity
        && others.equals(columns)
        && Set.copyOf(identified).equals(identity);
  }

  /** All of {@link #sameAs} but the relation's print, as a text that differs when it does. */
  String carriage() {
    return "%s %d %s %s %s %s %s"
        .formatted(table, oid, columns, replicaIdentity, new TreeSet<>(identity), shared, written);
  }

  /** Whether nothing that the stream depends on differs from an earlier definition. */
  boolean sameAs(TableDefinition other) {
    return table.equals(other.table)
        && oid == other.oid
        && columns.equals(other.columns)
        && replicaIdentity == other.replicaIdentity
        && identity.equals(other.identity)
        && shared == other.shared
        && written.equals(other.written)
        && relation.print().equals(other.relation.print());
  }

  /** The table's name as it is written in SQL. */
  String sqlName() {
    return Sql.name(table.schema()) + "." + Sql.name(table.name());
  }

  /** The columns as they are written in SQL. */
  String sqlColumns() {
    return Sql.names(columns.stream().map(ColumnDefinition::name).toList());
  }
}
