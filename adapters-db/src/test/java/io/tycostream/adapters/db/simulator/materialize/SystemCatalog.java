package io.tycostream.adapters.db.simulator.materialize;

import static io.tycostream.adapters.db.simulator.materialize.CatalogRows.row;

import io.tycostream.adapters.db.simulator.wire.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the catalogue says of the model: relations of mz_catalog and mz_internal with those of their
 * columns that matter here, and the answers to queries known by their tags. Rows are asked for
 * under the model's lock.
 */
final class SystemCatalog {

  private final Model model;
  private final Map<String, CatalogRows> tables = new LinkedHashMap<>();
  private final Map<String, CatalogRows> tags = new LinkedHashMap<>();

  SystemCatalog(Model model) {
    this.model = model;
    table("mz_objects", "id schema_id name type", this::objects);
    table("mz_schemas", "id database_id name", this::schemas);
    table("mz_databases", "id name", this::databases);
    tables.put(
        "mz_columns",
        CatalogRows.of(
            List.of(
                Column.text("id"),
                Column.text("name"),
                new Column("position", Column.INT8),
                new Column("nullable", Column.BOOL),
                Column.text("type"),
                new Column("type_oid", Column.OID),
                new Column("type_mod", Column.INT4)),
            this::columns));
    table("mz_frontiers", "object_id read_frontier write_frontier", this::frontiers);
    table("mz_history_retention_strategies", "id strategy value", this::retention);
    tables.put(
        "mz_hydration_statuses",
        CatalogRows.of(
            List.of(
                Column.text("object_id"),
                Column.text("replica_id"),
                new Column("hydrated", Column.BOOL)),
            this::hydration));
    table("mz_indexes", "id name on_id cluster_id", this::indexes);
    table("mz_clusters", "id name", this::clusters);
    table("mz_subscriptions", "id cluster_id referenced_object_ids", this::subscriptions);

    tags.put("tycostream:environment", functions("environment", "version", "now"));
    tags.put("tycostream:now", functions("environment", "version", "now"));
    tags.put(
        "tycostream:relation",
        new CatalogRows(
            texts("id type schema name database"),
            Map.of("s.name", "schema", "o.name", "name", "d.name", "database"),
            this::relations));
    tags.put("tycostream:columns", tables.get("mz_columns"));
    tags.put("tycostream:frontiers", tables.get("mz_frontiers"));
    tags.put("tycostream:retention", tables.get("mz_history_retention_strategies"));
    tags.put("tycostream:hydration", tables.get("mz_hydration_statuses"));
    tags.put(
        "tycostream:indexes",
        new CatalogRows(
            texts("on_id id name cluster"),
            Map.of(),
            () ->
                indexes().stream()
                    .map(index -> row(index.get(2), index.get(0), index.get(1), index.get(3)))
                    .toList()));
  }

  /** Answers this tag, or a query of this relation, from now on; both in the same way. */
  void put(String tagOrTable, CatalogRows rows) {
    (tagOrTable.contains(":") ? tags : tables).put(tagOrTable, rows);
  }

  /** What a query without FROM can ask for. */
  CatalogRows functions() {
    return functions("mz_environment_id", "mz_version", "mz_now");
  }

  @Nullable CatalogRows byTag(String tag) {
    return tags.get(tag);
  }

  @Nullable CatalogRows byTable(String table) {
    return tables.get(table);
  }

  private void table(String name, String columns, Supplier<List<List<@Nullable String>>> rows) {
    tables.put(name, CatalogRows.of(texts(columns), rows));
  }

  private static List<Column> texts(String names) {
    return Stream.of(names.split(" ", -1)).map(Column::text).toList();
  }

  private CatalogRows functions(String environment, String version, String now) {
    return CatalogRows.of(
        List.of(Column.text(environment), Column.text(version), new Column(now, 16552)),
        () -> List.of(row(model.environment, model.version, MzTime.text(model.clock))));
  }

  private List<List<@Nullable String>> objects() {
    return each(o -> row(o.id(), schemaId(o), o.name(), o.type()));
  }

  private List<List<@Nullable String>> relations() {
    return each(o -> row(o.id(), o.type(), o.schema(), o.name(), o.database()));
  }

  private List<List<@Nullable String>> schemas() {
    return each(o -> row(schemaId(o), databaseId(o), o.schema())).stream().distinct().toList();
  }

  private List<List<@Nullable String>> databases() {
    return each(o -> row(databaseId(o), o.database())).stream().distinct().toList();
  }

  private List<List<@Nullable String>> columns() {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (MzObject object : model.catalogue.all()) {
      int position = 0;
      for (MzColumn column : object.columns()) {
        position++;
        rows.add(
            row(
                object.id(),
                column.name(),
                Integer.toString(position),
                column.nullable() ? "t" : "f",
                column.type(),
                Integer.toString(column.typeOid()),
                "-1"));
      }
    }
    return rows;
  }

  /** An empty frontier is NULL. */
  private List<List<@Nullable String>> frontiers() {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (MzObject object : model.catalogue.all()) {
      model.release(object);
      rows.add(frontiers(object.id(), object.timeLine().since(), object));
      for (MzIndex index : object.indexes()) {
        rows.add(frontiers(index.id(), object.sinceOn(index.cluster()), object));
      }
    }
    return rows;
  }

  private static List<@Nullable String> frontiers(String id, long since, MzObject object) {
    TimeLine timeLine = object.timeLine();
    return row(id, MzTime.text(since), timeLine.ended() ? null : MzTime.text(timeLine.upper()));
  }

  private List<List<@Nullable String>> retention() {
    return each(o -> row(o.id(), "FOR", Long.toString(o.timeLine().window())));
  }

  private List<List<@Nullable String>> hydration() {
    return each(o -> row(o.id(), "u1", "t"));
  }

  private List<List<@Nullable String>> clusters() {
    return model.clusters.keySet().stream().map(name -> row(name, name)).toList();
  }

  private List<List<@Nullable String>> subscriptions() {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (Subscription subscription : model.subscriptions) {
      rows.add(
          row("u" + rows.size(), subscription.cluster(), "{" + subscription.object().id() + "}"));
    }
    return rows;
  }

  private List<List<@Nullable String>> indexes() {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (MzObject object : model.catalogue.all()) {
      for (MzIndex index : object.indexes()) {
        rows.add(row(index.id(), index.name(), object.id(), index.cluster()));
      }
    }
    return rows;
  }

  private List<List<@Nullable String>> each(Function<MzObject, List<@Nullable String>> row) {
    return model.catalogue.all().stream().map(row).toList();
  }

  private static String schemaId(MzObject object) {
    return "schema-of-" + object.database() + "." + object.schema();
  }

  private static String databaseId(MzObject object) {
    return "database-" + object.database();
  }
}
