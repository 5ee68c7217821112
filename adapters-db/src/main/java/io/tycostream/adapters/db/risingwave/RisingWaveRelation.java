package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A table or materialized view that a source stands for.
 *
 * @param source the name of the source
 * @param relation {@code schema.name}, exactly as the catalogue writes them, without quotes
 * @param key the columns that identify a row; nothing for the primary key that the catalogue knows,
 *     an empty list for none
 * @param subscription its name, in the schema of the relation
 * @param create whether the subscription is made when it is missing
 * @param retention of a subscription that is made here; whole seconds
 * @param limits of the source; a restarted gateway looks back as far as its history may be old
 */
public record RisingWaveRelation(
    String source,
    String relation,
    Optional<List<String>> key,
    String subscription,
    boolean create,
    Duration retention,
    SourceLimits limits) {

  /** A day: a gateway can be away that long. */
  public static final Duration RETENTION = Duration.ofDays(1);

  /**
   * @throws IllegalArgumentException when the relation has no schema, the key names a column twice,
   *     the subscription has no name, or the retention is shorter than a second
   */
  public RisingWaveRelation {
    int dot = relation.indexOf('.');
    if (dot <= 0 || dot == relation.length() - 1) {
      throw new IllegalArgumentException(
          "source " + source + ": the relation '" + relation + "' is not written as schema.name");
    }
    key = key.map(List::copyOf);
    key.ifPresent(columns -> {
      if (columns.stream().distinct().count() != columns.size()) {
        throw new IllegalArgumentException(
            "source " + source + ": the key " + columns + " names a column twice");
      }
    });
    if (subscription.isEmpty()) {
      throw new IllegalArgumentException("source " + source + ": the subscription has no name");
    }
    if (retention.toSeconds() < 1) {
      throw new IllegalArgumentException(
          "source " + source + ": the retention is shorter than a second: " + retention);
    }
  }

  String schema() {
    return relation.substring(0, relation.indexOf('.'));
  }

  String name() {
    return relation.substring(relation.indexOf('.') + 1);
  }
}
