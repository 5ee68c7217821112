package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.source.SourceLimits;
import java.util.List;
import java.util.Optional;

/**
 * A table that a source stands for. Several sources may name the same table.
 *
 * @param source the name of the source
 * @param relation {@code schema.table}, exactly as the catalogue writes them, without quotes
 * @param key the columns that identify a row; nothing for what the table itself declares
 * @param limits of the source: no more rows are read than it may have
 */
public record PostgresTable(
    String source, String relation, Optional<List<String>> key, SourceLimits limits) {

  /**
   * @throws IllegalArgumentException when the relation has no schema, or the key names a column
   *     twice
   */
  public PostgresTable {
    int dot = relation.indexOf('.');
    if (dot <= 0 || dot == relation.length() - 1) {
      throw new IllegalArgumentException(
          "source " + source + ": the relation '" + relation + "' is not written as schema.table");
    }
    key = key.map(List::copyOf);
    key.ifPresent(columns -> {
      if (columns.stream().distinct().count() != columns.size()) {
        throw new IllegalArgumentException(
            "source " + source + ": the key " + columns + " names a column twice");
      }
    });
  }

  /** With the usual limits. */
  public PostgresTable(String source, String relation, Optional<List<String>> key) {
    this(source, relation, key, SourceLimits.DEFAULT);
  }

  String schema() {
    return relation.substring(0, relation.indexOf('.'));
  }

  String name() {
    return relation.substring(relation.indexOf('.') + 1);
  }
}
