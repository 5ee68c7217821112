package io.tycostream.adapters.db.materialize;

import java.time.Duration;
import java.util.List;

/**
 * What a source stands for: a table, source, view or materialized view.
 *
 * @param source the name of the source
 * @param relation {@code schema.name}, exactly as the catalogue writes them, without quotes
 * @param key the columns that identify a row, which Materialize does not know; none when nothing
 *     does
 * @param history how far back clients may resume after a restart of the gateway: the first stream
 *     begins so long ago, where the database still can
 */
public record MaterializeRelation(
    String source, String relation, List<String> key, Duration history) {

  /**
   * @throws IllegalArgumentException when the relation has no schema
   */
  public MaterializeRelation {
    int dot = relation.indexOf('.');
    if (dot <= 0 || dot == relation.length() - 1) {
      throw new IllegalArgumentException(
          "source " + source + ": the relation '" + relation + "' is not written as schema.name");
    }
    key = List.copyOf(key);
  }

  String schema() {
    return relation.substring(0, relation.indexOf('.'));
  }

  String name() {
    return relation.substring(relation.indexOf('.') + 1);
  }
}
