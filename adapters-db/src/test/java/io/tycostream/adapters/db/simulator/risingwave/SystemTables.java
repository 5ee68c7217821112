package io.tycostream.adapters.db.simulator.risingwave;

import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries of the catalogue: those that follow the shapes below, not SQL. Used with the
 * simulator's lock held.
 */
final class SystemTables {

  /** An answer of rows. */
  record Answer(List<Column> columns, List<List<@Nullable String>> rows) {}

  private static final Pattern NAMED =
      Pattern.compile(
          "WHERE (?:s|n)\\.name = '((?:[^']|'')*)' AND (?:r|s)\\.name = '((?:[^']|'')*)'");

  private static final Pattern NUMBERED = Pattern.compile("(?:relation_id|table_id) = (\\d+)");

  private final RisingWaveSimulator database;

  SystemTables(RisingWaveSimulator database) {
    this.database = database;
  }

  /** The answer, or nothing when it is not such a query. */
  Optional<Answer> answer(String sql) {
    if (sql.equals("SELECT version()")) {
      String version =
          switch (database.dialect()) {
            case LAZY_SNAPSHOT -> "3.0.0-alpha";
            case CURRENT -> "2.8.0";
            case WITHOUT_CLUSTER_ID, WITHOUT_STATE -> "2.1.3";
            case NUMBERED -> "1.10.2";
            case LEADING -> "1.9.0";
          };
      return one("version", Column.VARCHAR, "PostgreSQL 13.14.0-RisingWave-" + version + " (abc)");
    }
    if (sql.equals("SHOW TRANSACTION ISOLATION LEVEL")) {
      return one("transaction_isolation", Column.VARCHAR, "read committed");
    }
    if (sql.startsWith("SELECT rw_cluster_id()")) {
      if (!database.dialect().hasClusterId()) {
        throw failed("Bind error: function rw_cluster_id() does not exist");
      }
      if (database.clusterIdRefusal().isPresent()) {
        throw failed(database.clusterIdRefusal().get());
      }
      return one("id", Column.VARCHAR, database.clusterId());
    }
    if (sql.equals("SHOW PARAMETERS")) {
      return parameters();
    }
    if (sql.contains("now()") && !sql.contains("FROM rw_catalog")) {
      return one("now_ms", Column.INT8, Long.toString(database.frontendNow()));
    }
    if (sql.contains("rw_hummock_snapshot")) {
      return committed(number(sql));
    }
    if (sql.contains("rw_columns")) {
      return columns(number(sql));
    }
    if (sql.contains("rw_subscriptions")) {
      return subscription(sql);
    }
    if (sql.contains("rw_tables")) {
      return relation(sql);
    }
    if (sql.contains("rw_databases")) {
      return one("id", Column.INT4, "1");
    }
    return Optional.empty();
  }

  private Optional<Answer> parameters() {
    return Optional.of(
        new Answer(
            List.of(
                Column.text("Name"),
                Column.text("Value"),
                Column.text("Description"),
                Column.text("Mutable")),
            List.of(
                row("barrier_interval_ms", "1000", "", "t"),
                row("state_store", "hummock+s3://bucket", "", "f"),
                row("data_directory", "hummock_001", "", "f"),
                row("backup_storage_url", null, "", "t"))));
  }

  private Optional<Answer> committed(long relation) {
    if (database.hummockHidden()) {
      throw failed("Permission denied: rw_hummock_snapshot");
    }
    boolean there = database.tables().stream().anyMatch(table -> table.id == relation);
    return Optional.of(
        new Answer(
            List.of(new Column("newest", Column.INT8), new Column("own", Column.INT8)),
            List.of(
                row(
                    Long.toString(RisingWaveSimulator.epoch(database.newest())),
                    there
                        ? Long.toString(RisingWaveSimulator.epoch(database.committed()))
                        : null))));
  }

  private Optional<Answer> columns(long relation) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    database.tables().stream()
        .filter(table -> table.id == relation)
        .forEach(table -> {
          for (SimulatedColumn column : table.columns()) {
            boolean key = column.primaryKey() || (column.hidden() && !table.isKeyed());
            rows.add(
                row(column.name(), column.type(), column.hidden() ? "t" : "f", key ? "t" : "f"));
          }
        });
    return Optional.of(
        new Answer(
            List.of(
                new Column("name", Column.VARCHAR),
                new Column("udt_type", Column.VARCHAR),
                new Column("is_hidden", Column.BOOL),
                new Column("is_primary_key", Column.BOOL)),
            rows));
  }

  private Optional<Answer> relation(String sql) {
    Matcher named = named(sql);
    List<List<@Nullable String>> rows =
        database.tables().stream()
            .filter(table -> table.isNamed(text(named, 1) + "." + text(named, 2)))
            .map(table ->
                row(
                    Integer.toString(table.id),
                    table.view ? "materialized view" : "table",
                    Long.toString(table.createdAt)))
            .toList();
    return Optional.of(
        new Answer(
            List.of(
                new Column("id", Column.INT4),
                new Column("kind", Column.VARCHAR),
                new Column("created_ms", Column.INT8)),
            rows));
  }

  private Optional<Answer> subscription(String sql) {
    Matcher named = named(sql);
    boolean whole = sql.contains("rw_depend");
    List<Column> columns = new ArrayList<>(List.of(new Column("id", Column.INT4)));
    columns.add(new Column("definition", Column.VARCHAR));
    columns.add(new Column(whole ? "created_ms" : "now_ms", Column.INT8));
    if (whole) {
      columns.add(new Column("table_id", Column.INT4));
    }
    List<List<@Nullable String>> rows =
        database.subscription(text(named, 2), Optional.of(text(named, 1))).stream()
            .map(each ->
                whole
                    ? row(
                        Integer.toString(each.id()),
                        each.definition(),
                        Long.toString(each.createdAt()),
                        Integer.toString(each.table().id))
                    : row(
                        Integer.toString(each.id()),
                        each.definition(),
                        Long.toString(database.frontendNow())))
            .toList();
    return Optional.of(new Answer(columns, rows));
  }

  private static Matcher named(String sql) {
    Matcher matcher = NAMED.matcher(sql);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no names in " + sql);
    }
    return matcher;
  }

  private static String text(Matcher matcher, int group) {
    return matcher.group(group).replace("''", "'");
  }

  private static long number(String sql) {
    Matcher matcher = NUMBERED.matcher(sql);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no number in " + sql);
    }
    return Long.parseLong(matcher.group(1));
  }

  private static RuntimeException failed(String cause) {
    return Report.error("XX000", "Failed to run the query\n\nCaused by:\n  " + cause).refusal();
  }

  private static Optional<Answer> one(String name, int type, String value) {
    return Optional.of(new Answer(List.of(new Column(name, type)), List.of(row(value))));
  }

  private static List<@Nullable String> row(@Nullable String... values) {
    List<@Nullable String> row = new ArrayList<>();
    for (String value : values) {
      row.add(value);
    }
    return row;
  }
}
