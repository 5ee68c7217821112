package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Outlet;
import io.tycostream.adapters.db.simulator.wire.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * SELECT and SHOW: of the catalogue, of functions, and {@code SELECT * FROM object [LIMIT 0] [AS OF
 * t]}.
 */
final class Reads {

  /** Of an object: which, and when. */
  private record ObjectRead(MzObject object, Optional<Long> asOf, boolean nothing) {}

  private final Model model;
  private final SystemCatalog catalog;
  private final Variables variables;

  Reads(Model model, SystemCatalog catalog, Variables variables) {
    this.model = model;
    this.catalog = catalog;
    this.variables = variables;
  }

  MzObject object(ObjectRef ref) {
    MzObject object =
        model.read(() ->
            ref.resolve(model.catalogue, variables.get("database"), variables.get("search_path")));
    if (object.type().equals("index") || object.type().equals("sink")) {
      throw MaterializeErrors.notYetSupported(
              "'"
                  + object.fullName()
                  + "' cannot be subscribed to because it is a "
                  + object.type())
          .refusal();
    }
    return object;
  }

  /** It reads an object, not only the catalogue or a constant. */
  boolean touchesData(Statement statement) {
    return answer(statement).isEmpty();
  }

  List<Column> columns(Statement statement) {
    Optional<CatalogRows> known = answer(statement);
    if (known.isPresent()) {
      CatalogQuery query = CatalogQuery.parse(SqlTokens.of(statement));
      return query.columns(known.get(), isTagged(statement));
    }
    return columns(objectRead(SqlTokens.of(statement)).object());
  }

  String select(Statement statement, Outlet out) {
    Optional<CatalogRows> known = answer(statement);
    out.columns(columns(statement));
    List<List<@Nullable String>> rows =
        known.isPresent()
            ? catalogRows(statement, known.get())
            : rows(objectRead(SqlTokens.of(statement)), out).stream().map(MzRow::values).toList();
    rows.forEach(out::row);
    return "SELECT " + rows.size();
  }

  /** {@code COPY (SELECT * FROM object) TO STDOUT}. */
  String copy(Statement statement, SqlTokens sql, Outlet out) {
    ObjectRead read = objectRead(sql);
    sql.expect(")", "to", "stdout");
    List<MzRow> rows = rows(read, out);
    out.copyOut(read.object().columns().size());
    for (MzRow row : rows) {
      out.copyData(new String(row.copyText(), java.nio.charset.StandardCharsets.UTF_8) + "\n");
    }
    out.copyDone();
    return "COPY " + rows.size();
  }

  List<Column> columnsOfShow(SqlTokens sql) {
    sql.expect("show");
    if (sql.accept("columns", "from")) {
      return List.of(
          Column.text("name"),
          new Column("nullable", Column.BOOL),
          Column.text("type"),
          Column.text("comment"));
    }
    return List.of(Column.text(variable(sql)));
  }

  String show(SqlTokens sql, Outlet out) {
    sql.expect("show");
    if (sql.accept("columns", "from")) {
      MzObject object = object(ObjectRef.parse(sql));
      out.columns(
          List.of(
              Column.text("name"),
              new Column("nullable", Column.BOOL),
              Column.text("type"),
              Column.text("comment")));
      object
          .columns()
          .forEach(column ->
              out.row(List.of(column.name(), column.nullable() ? "t" : "f", column.type(), "")));
      return "SELECT " + object.columns().size();
    }
    String name = variable(sql);
    String value = variables.get(name);
    out.columns(List.of(Column.text(name)));
    out.row(List.of(value));
    return "SELECT 1";
  }

  private static String variable(SqlTokens sql) {
    if (sql.accept("transaction", "isolation", "level")) {
      return "transaction_isolation";
    }
    return sql.accept("time", "zone") ? "TimeZone" : sql.identifier();
  }

  private static List<Column> columns(MzObject object) {
    return object.columns().stream()
        .map(column -> new Column(column.name(), column.typeOid()))
        .toList();
  }

  private List<List<@Nullable String>> catalogRows(Statement statement, CatalogRows known) {
    CatalogQuery query = CatalogQuery.parse(SqlTokens.of(statement));
    return model.read(() -> query.rows(known, isTagged(statement)));
  }

  private boolean isTagged(Statement statement) {
    return model.read(() -> catalog.byTag(SqlTokens.tag(statement.sql()))) != null;
  }

  /** What of the catalogue answers a SELECT; nothing if it reads an object. */
  private Optional<CatalogRows> answer(Statement statement) {
    CatalogRows byTag = model.read(() -> catalog.byTag(SqlTokens.tag(statement.sql())));
    if (byTag != null) {
      return Optional.of(byTag);
    }
    CatalogQuery query = CatalogQuery.parse(SqlTokens.of(statement));
    if (query.tables().isEmpty()) {
      return Optional.of(catalog.functions());
    }
    CatalogRows rows = model.read(() -> catalog.byTable(query.tables().getFirst()));
    if (rows != null && !query.plain()) {
      throw MaterializeErrors.notSimulated(statement.sql()).refusal();
    }
    return Optional.ofNullable(rows);
  }

  private ObjectRead objectRead(SqlTokens sql) {
    if (!sql.accept("select", "*", "from")) {
      throw MaterializeErrors.notSimulated(sql.rest()).refusal();
    }
    MzObject object = object(ObjectRef.parse(sql));
    boolean nothing = sql.accept("limit") && sql.next().text().equals("0");
    Optional<Long> asOf =
        sql.accept("as", "of") ? Optional.of(SubscribeStatement.time(sql)) : Optional.empty();
    if (!sql.atEnd() && !sql.at(")")) {
      throw MaterializeErrors.notSimulated(sql.rest()).refusal();
    }
    return new ObjectRead(object, asOf, nothing);
  }

  /** Waits until the time is complete. */
  private List<MzRow> rows(ObjectRead read, Outlet out) {
    if (read.nothing()) {
      return List.of();
    }
    String cluster = variables.get("cluster");
    TimeLine timeLine = read.object().timeLine();
    long time =
        model.read(() -> {
          new Subscribes(model, variables).requireCluster(cluster);
          model.release(read.object());
          long asOf = read.asOf().orElseGet(() -> Subscribes.readable(read.object(), cluster));
          long since = read.object().sinceOn(cluster);
          if (MzTime.before(asOf, since)) {
            throw MaterializeErrors.historyLost(
                    model.generation, asOf, since, read.object().inputOn(cluster))
                .refusal();
          }
          return asOf;
        });
    return model
        .await(
            out,
            OptionalLong.empty(),
            () -> {
              if (read.object().poison().isPresent()) {
                throw MaterializeErrors.evaluation(read.object().poison().get()).refusal();
              }
              boolean complete = timeLine.ended() || MzTime.before(time, timeLine.upper());
              return complete ? Optional.of(rows(timeLine.state(time))) : Optional.empty();
            })
        .orElseThrow();
  }

  private static List<MzRow> rows(java.util.Map<MzRow, Long> state) {
    List<MzRow> rows = new ArrayList<>();
    state.forEach((row, count) -> {
      for (long i = 0; i < count; i++) {
        rows.add(row);
      }
    });
    return rows;
  }
}
