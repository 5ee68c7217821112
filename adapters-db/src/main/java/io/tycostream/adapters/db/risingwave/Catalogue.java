package io.tycostream.adapters.db.risingwave;

import io.tycostream.adapters.db.connection.Queries;
import io.tycostream.adapters.db.connection.Queries.Answer;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Print;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads what RisingWave says of itself, of a relation and of its subscription. The tables of the
 * schema {@code rw_catalog} are in RisingWave's {@code
 * src/frontend/src/catalog/system_catalog/rw_catalog}, one file each.
 */
final class Catalogue {

  private static final String DOING = "reading the catalogue";

  private static final String DATABASE =
      "SELECT id FROM rw_catalog.rw_databases WHERE name = current_database()";

  private final RisingWaveSession session;
  private final Queries queries;

  Catalogue(RisingWaveSession session) {
    this.session = session;
    this.queries = session.queries();
  }

  private static String millis(String timestamptz) {
    return "(extract(epoch FROM " + timestamptz + ") * 1000)::bigint";
  }

  /** How far the frontend that answers is, in milliseconds. */
  static final String NOW = "SELECT " + millis("now()") + " AS now_ms";

  /**
   * What the server calls itself.
   *
   * @throws StreamException also when it is not RisingWave, or is too old
   */
  Version version() throws StreamException {
    String text =
        queries.rows("asking for the version", "SELECT version()").getFirst().text("version");
    Version version =
        Version.parse(text)
            .orElseThrow(() ->
                session.failure(
                    FailureKind.QUERY, "this is not RisingWave: it says '" + text + "'"));
    if (!version.isEnough()) {
      throw session.failure(
          FailureKind.QUERY,
          "RisingWave " + version + " is too old: " + Version.OLDEST + " or later is needed");
    }
    return version;
  }

  /**
   * Which history of which database this is: the cluster, the database in it, and what the
   * configuration says.
   */
  String epoch() throws StreamException {
    String database =
        queries.rows(DOING, DATABASE).stream()
            .findFirst()
            .map(row -> row.text("id"))
            .orElseThrow(() -> session.failure(FailureKind.QUERY, "the database is not there"));
    String historyId = session.settings().historyId();
    return "rw"
        + Print.of(List.of(cluster(), database))
        + (historyId.isEmpty() ? "" : "-" + historyId);
  }

  /**
   * Since 2.6 a cluster tells its id; of one that does not know how, it is where it stores its
   * data, which no other may use.
   */
  private String cluster() throws StreamException {
    try {
      return queries.rows(DOING, "SELECT rw_cluster_id() AS id").getFirst().text("id");
    } catch (StreamException e) {
      if (!RisingWaveFailures.isUnknownFunction(e, "rw_cluster_id")) {
        throw e; // another answer would be taken for another cluster
      }
    }
    Map<String, String> parameters =
        queries.rows(DOING, "SHOW PARAMETERS").stream()
            .filter(row -> row.columns().containsKey("Value"))
            .collect(
                Collectors.toMap(row -> row.text("Name"), row -> row.text("Value"), (a, b) -> a));
    return parameters.getOrDefault("state_store", "")
        + " "
        + parameters.getOrDefault("data_directory", "");
  }

  /** A relation, with the id by which the server knows it. */
  record Found(long id, String kind, Relation relation) {}

  /**
   * Finds the relation. Its {@code id} and {@code created_at} stay as they are when it is altered.
   *
   * @throws StreamException also when there is none, or its key does not fit
   */
  Found relation(RisingWaveRelation wanted) throws StreamException {
    Answer found =
        queries
            .rows(
                DOING,
                """
                SELECT r.id AS id, r.kind AS kind, %s AS created_ms
                FROM (SELECT id, name, schema_id, created_at, 'table' AS kind FROM rw_catalog.rw_tables
                  UNION ALL SELECT id, name, schema_id, created_at, 'materialized view' AS kind
                    FROM rw_catalog.rw_materialized_views) r
                  JOIN rw_catalog.rw_schemas s ON s.id = r.schema_id
                WHERE s.name = %s AND r.name = %s
                """
                    .formatted(
                        millis("r.created_at"), Sql.text(wanted.schema()), Sql.text(wanted.name())))
            .stream()
            .findFirst()
            .orElseThrow(() ->
                session.failure(
                    FailureKind.QUERY,
                    "there is no table or materialized view "
                        + wanted.relation()
                        + " that we may read"));
    long id = Long.parseLong(found.text("id"));
    List<Answer> rows =
        queries.rows(
            DOING,
            """
            SELECT name, udt_type, is_hidden, is_primary_key FROM rw_catalog.rw_columns
            WHERE relation_id = %d ORDER BY position
            """
                .formatted(id));
    List<Column> columns =
        rows.stream()
            .filter(row -> !isTrue(row, "is_hidden"))
            .map(row -> new Column(row.text("name"), row.text("udt_type")))
            .toList();
    List<String> key = wanted.key().orElse(primaryKey(rows));
    List<String> names = columns.stream().map(Column::name).toList();
    if (!names.containsAll(key)) {
      throw session.failure(
          FailureKind.QUERY,
          "the key " + key + " of " + wanted.relation() + " is not among its columns " + names);
    }
    String identity = id + "@" + found.columns().getOrDefault("created_ms", "");
    return new Found(
        id, found.text("kind"), new Relation(wanted.relation(), identity, columns, key));
  }

  /** None when part of it is hidden, as that of a table that was made without one. */
  private static List<String> primaryKey(List<Answer> columns) {
    List<Answer> key = columns.stream().filter(row -> isTrue(row, "is_primary_key")).toList();
    return key.stream().anyMatch(row -> isTrue(row, "is_hidden"))
        ? List.of()
        : key.stream().map(row -> row.text("name")).toList();
  }

  private static boolean isTrue(Answer row, String column) {
    String text = row.text(column);
    return text.equals("true") || text.equals("t");
  }

  /**
   * The subscription, if it is there.
   *
   * @throws StreamException also when it is one of another relation
   */
  Optional<Subscription> subscription(RisingWaveRelation wanted, long relation)
      throws StreamException {
    List<Answer> found =
        queries.rows(
            DOING,
            """
            SELECT s.id AS id, %s AS created_ms, s.definition AS definition, d.refobjid AS table_id
            FROM rw_catalog.rw_subscriptions s
              JOIN rw_catalog.rw_schemas n ON n.id = s.schema_id
              LEFT JOIN rw_catalog.rw_depend d ON d.objid = s.id
            WHERE n.name = %s AND s.name = %s
            """
                .formatted(
                    millis("s.created_at"),
                    Sql.text(wanted.schema()),
                    Sql.text(wanted.subscription())));
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Answer row = found.getFirst();
    boolean told = row.columns().containsKey("table_id");
    if (told
        && found.stream()
            .noneMatch(each -> each.text("table_id").equals(Long.toString(relation)))) {
      throw session.failure(
          FailureKind.QUERY,
          "the subscription "
              + wanted.subscription()
              + " is not one of "
              + wanted.relation()
              + ": "
              + row.text("definition"));
    }
    return Optional.of(
        new Subscription(
            Long.parseLong(row.text("id")),
            Long.parseLong(row.text("created_ms")),
            Retention.of(row.text("definition"))));
  }

  /** The statement that makes the subscription. */
  static String creation(RisingWaveRelation wanted) {
    return "CREATE SUBSCRIPTION %s.%s FROM %s.%s WITH (retention = '%d seconds')"
        .formatted(
            Sql.name(wanted.schema()),
            Sql.name(wanted.subscription()),
            Sql.name(wanted.schema()),
            Sql.name(wanted.name()),
            wanted.retention().toSeconds());
  }

  void create(RisingWaveRelation wanted) throws StreamException {
    boolean unused =
        queries.ask(
            "creating the subscription " + wanted.subscription(),
            connection -> {
              try (Statement statement = connection.createStatement()) {
                return statement.execute(creation(wanted));
              }
            });
  }

  /** How far the frontend is, in milliseconds. */
  long now() throws StreamException {
    return Long.parseLong(queries.rows("asking for the time", NOW).getFirst().text("now_ms"));
  }

  /** Asks for what {@link QuietTime} wants. Since 2.0; before, no table had an epoch of its own. */
  static String committed(long relation) {
    return "SELECT max(committed_epoch) AS newest,"
        + " max(CASE WHEN table_id = "
        + relation
        + " THEN committed_epoch END) AS own FROM rw_catalog.rw_hummock_snapshot";
  }

  /**
   * Asks for the subscription, and the time, on the connection of the cursor: so of the same
   * frontend.
   */
  static String identity(RisingWaveRelation wanted) {
    return "SELECT s.id AS id, s.definition AS definition, "
        + millis("now()")
        + " AS now_ms FROM rw_catalog.rw_subscriptions s"
        + " JOIN rw_catalog.rw_schemas n ON n.id = s.schema_id WHERE n.name = "
        + Sql.text(wanted.schema())
        + " AND s.name = "
        + Sql.text(wanted.subscription());
  }
}
