package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Queries;
import io.tycostream.adapters.db.connection.Queries.Answer;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads what an environment says of itself and of a relation. */
final class Catalogue {

  private static final String DOING = "reading the catalogue";

  private static final String ENVIRONMENT =
      "/* tycostream:environment */"
          + " SELECT mz_environment_id() AS environment, mz_version() AS version";

  private static final String NOW = "/* tycostream:now */ SELECT mz_now()::text AS now";

  private static final String RELATION =
      """
      /* tycostream:relation */ SELECT o.id AS id, o.type AS type
      FROM mz_catalog.mz_objects o
        JOIN mz_catalog.mz_schemas s ON s.id = o.schema_id
        LEFT JOIN mz_catalog.mz_databases d ON d.id = s.database_id
      WHERE s.name = ? AND o.name = ? AND (s.database_id IS NULL OR d.name = current_database())
      """;

  private static final String COLUMNS =
      """
      /* tycostream:columns */ SELECT c.name AS name, c.type_oid::text AS type_oid, c.type AS type
      FROM mz_catalog.mz_columns c WHERE c.id = ? ORDER BY c.position
      """;

  private static final String FRONTIERS =
      """
      /* tycostream:frontiers */ SELECT read_frontier::text AS read_frontier,
        write_frontier::text AS write_frontier
      FROM mz_internal.mz_frontiers WHERE object_id = ?
      """;

  private static final String INDEXES =
      """
      /* tycostream:indexes */ SELECT i.id AS id, i.name AS name, k.name AS cluster
      FROM mz_catalog.mz_indexes i JOIN mz_catalog.mz_clusters k ON k.id = i.cluster_id
      WHERE i.on_id = ?
      """;

  /** What can be subscribed to. */
  private static final Set<String> TYPES = Set.of("table", "source", "view", "materialized-view");

  /**
   * An environment.
   *
   * @param id the same for as long as its history goes on
   */
  record Environment(String id, String version) {}

  /**
   * A relation as it is defined now.
   *
   * @param id another one after it was dropped and made again
   * @param types the numbers of the columns' types, which tell more than their names
   */
  record Definition(String id, String type, Relation relation, List<String> types) {

    /** What has to stay as it is for the stream's rows to fit those that were told before. */
    String carriage() {
      return id + " " + types;
    }

    /** Whether nothing of it is kept, so that it has no frontiers of its own. */
    boolean isView() {
      return type.equals("view");
    }

    boolean sameAs(Definition other) {
      return carriage().equals(other.carriage()) && relation.print().equals(other.relation.print());
    }
  }

  /**
   * How far back and how far a relation is, as far as the catalogue has heard; it may lag.
   *
   * @param since the earliest time that can be read
   * @param upper everything earlier is there; nothing when it never changes again, or is a view
   */
  record Frontiers(Optional<Long> since, Optional<Long> upper) {

    /** How far back the relation can be resumed; nothing when that is not a time. */
    Optional<Duration> retained() {
      return upper.flatMap(end -> since.map(start -> Duration.ofMillis(Math.max(0, end - start))));
    }
  }

  /** An index of the relation, and the cluster that it is on. */
  record Index(String id, String name, String cluster) {}

  private final Queries queries;

  Catalogue(Queries queries) {
    this.queries = queries;
  }

  Environment environment() throws StreamException {
    Answer row = one(queries.rows(DOING, ENVIRONMENT));
    return new Environment(row.text("environment"), row.text("version"));
  }

  /** The environment's own time; unsigned. */
  long now() throws StreamException {
    return Long.parseUnsignedLong(one(queries.rows(DOING, NOW)).text("now"));
  }

  private static Answer one(List<Answer> rows) {
    if (rows.size() != 1) {
      throw new IllegalStateException(rows.size() + " rows where there is always one");
    }
    return rows.getFirst();
  }

  /**
   * How the relation is defined.
   *
   * @throws UnusableRelationException when it cannot be followed as it is
   */
  Definition definition(MaterializeRelation relation)
      throws StreamException, UnusableRelationException {
    Answer found = found(relation);
    String id = found.text("id");
    List<Column> columns = new ArrayList<>();
    List<String> types = new ArrayList<>();
    for (Answer column : queries.rows(DOING, COLUMNS, id)) {
      String type = column.text("type_oid");
      columns.add(new Column(column.text("name"), TypeNames.of(type, column.text("type"))));
      types.add(type);
    }
    if (columns.isEmpty()) {
      throw new UnusableRelationException(relation.relation() + " has no columns");
    }
    for (String column : relation.key()) {
      if (columns.stream().noneMatch(each -> each.name().equals(column))) {
        throw new UnusableRelationException(
            relation.relation() + " has no column " + column + ": correct key");
      }
    }
    return new Definition(
        id,
        found.text("type"),
        new Relation(relation.relation(), id, columns, relation.key()),
        types);
  }

  private Answer found(MaterializeRelation relation)
      throws StreamException, UnusableRelationException {
    List<Answer> all = queries.rows(DOING, RELATION, relation.schema(), relation.name());
    Optional<Answer> found =
        all.stream().filter(each -> TYPES.contains(each.text("type"))).findFirst();
    if (found.isEmpty() && !all.isEmpty()) {
      throw new UnusableRelationException(
          relation.relation()
              + " is of the type "
              + all.getFirst().text("type")
              + ", which cannot be subscribed to: name a table, source or view");
    }
    return found.orElseThrow(() ->
        new UnusableRelationException(
            "there is no relation " + relation.relation() + ": create it, or correct relation"));
  }

  Frontiers frontiers(String id) throws StreamException {
    List<Answer> rows = queries.rows(DOING, FRONTIERS, id);
    return rows.isEmpty()
        ? new Frontiers(Optional.empty(), Optional.empty())
        : new Frontiers(
            time(rows.getFirst(), "read_frontier"), time(rows.getFirst(), "write_frontier"));
  }

  /**
   * As {@link #frontiers}, for who reads on a cluster: where an index is on it, that is read, and
   * has a history of its own.
   *
   * @param cluster nothing when it is not known, and no index counts
   */
  Frontiers readable(String id, Optional<String> cluster) throws StreamException {
    Frontiers own = frontiers(id);
    Optional<Long> since = own.since();
    Optional<Long> upper = own.upper();
    if (cluster.isPresent()) {
      for (Index index : indexes(id)) {
        if (index.cluster().equals(cluster.get())) {
          Frontiers indexed = frontiers(index.id());
          since = later(since, indexed.since());
          upper = upper.or(indexed::upper); // a view has none but its indexes'
        }
      }
    }
    return new Frontiers(since, upper);
  }

  private static Optional<Long> later(Optional<Long> one, Optional<Long> other) {
    return Stream.of(one, other).flatMap(Optional::stream).max(Long::compareUnsigned);
  }

  private static Optional<Long> time(Answer row, String column) {
    return Optional.ofNullable(row.columns().get(column)).map(Long::parseUnsignedLong);
  }

  List<Index> indexes(String id) throws StreamException {
    return queries.rows(DOING, INDEXES, id).stream()
        .map(row -> new Index(row.text("id"), row.text("name"), row.text("cluster")))
        .toList();
  }
}
