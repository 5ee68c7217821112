package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Outlet;
import io.tycostream.adapters.db.simulator.wire.Report;
import io.tycostream.adapters.db.simulator.wire.Session;
import io.tycostream.adapters.db.simulator.wire.Startup;
import io.tycostream.adapters.db.simulator.wire.Statement;
import io.tycostream.adapters.db.simulator.wire.TransactionStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One session: its settings, its transaction, its cursors. */
final class MaterializeSession implements Session {

  private final Model model;
  private final Variables variables;
  private final Reads reads;
  private final Subscribes subscribes;
  private final Map<String, Cursor> cursors = new LinkedHashMap<>();

  /** A SUBSCRIBE must be the only read of its transaction. */
  private boolean hasRead;

  MaterializeSession(Model model, SystemCatalog catalog, Startup startup) {
    this.model = model;
    this.variables = model.read(() -> new Variables(model.version, startup));
    this.reads = new Reads(model, catalog, variables);
    this.subscribes = new Subscribes(model, variables);
  }

  Variables variables() {
    return variables;
  }

  @Override
  public Map<String, String> parameters() {
    return variables.reported();
  }

  @Override
  public List<Report> welcome() {
    List<Report> notices = new ArrayList<>();
    if (!variables.get("welcome_message").equals("off")) {
      notices.add(Report.notice("00000", "connected to a simulated Materialize " + model.version));
    }
    notices.addAll(variables.complaints());
    return notices;
  }

  @Override
  public List<Column> describe(Statement statement, TransactionStatus transaction) {
    SqlTokens sql = SqlTokens.of(statement);
    refuseInFailed(sql, transaction);
    return switch (sql.peek().text()) {
      case "select" -> reads.columns(statement);
      case "show" -> reads.columnsOfShow(sql);
      case "fetch" -> {
        FetchStatement fetch = FetchStatement.parse(sql);
        yield cursor(fetch.cursor()).columns();
      }
      case "subscribe" -> {
        SubscribeStatement subscribe = SubscribeStatement.parse(sql);
        yield subscribe.columns(object(subscribe.object()));
      }
      default -> List.of();
    };
  }

  @Override
  public String run(Statement statement, Outlet out) {
    out.onInterrupt(model::wake);
    model.quietly(() -> receive(statement.sql()));
    SqlTokens sql = SqlTokens.of(statement);
    refuseInFailed(sql, out.transaction());
    return switch (sql.peek().text()) {
      case "begin", "start" -> begin(out);
      case "commit", "end" -> commit(out);
      case "rollback", "abort" -> rollback(out);
      case "set" -> set(sql, out);
      case "reset", "discard" -> reset(sql, out);
      case "show" -> reads.show(sql, out);
      case "select" -> {
        hasRead = hasRead || reads.touchesData(statement);
        yield reads.select(statement, out);
      }
      case "copy" -> copy(statement, sql, out);
      case "declare" -> declare(sql);
      case "fetch" -> fetch(sql, out);
      case "close" -> close(sql);
      case "subscribe" -> {
        SubscribeStatement subscribe = subscribe(sql);
        yield subscribes.direct(subscribe, object(subscribe.object()), out);
      }
      default -> throw MaterializeErrors.notSimulated(statement.sql()).refusal();
    };
  }

  @Override
  public void transactionEnded() {
    cursors.values().forEach(Cursor::close);
    cursors.clear();
    hasRead = false;
  }

  @Override
  public void close() {
    transactionEnded();
  }

  private void receive(String sql) {
    model.statements.add(sql);
    Optional<Model.Trap> sprung =
        model.traps.stream().filter(trap -> sql.contains(trap.part())).findFirst();
    if (sprung.isPresent()) {
      model.traps.remove(sprung.get());
      sprung.get().action().run();
    }
  }

  private static void refuseInFailed(SqlTokens sql, TransactionStatus transaction) {
    boolean ends = sql.at("commit") || sql.at("end") || sql.at("rollback") || sql.at("abort");
    if (transaction == TransactionStatus.FAILED && !ends) {
      throw MaterializeErrors.transactionAborted().refusal();
    }
  }

  private String begin(Outlet out) {
    if (out.transaction() == TransactionStatus.OPEN) {
      out.notice(Report.notice("25001", "there is already a transaction in progress"));
    }
    out.transaction(TransactionStatus.OPEN);
    return "BEGIN";
  }

  private String commit(Outlet out) {
    boolean failed = out.transaction() == TransactionStatus.FAILED;
    end(out);
    return failed ? "ROLLBACK" : "COMMIT";
  }

  private String rollback(Outlet out) {
    end(out);
    return "ROLLBACK";
  }

  private void end(Outlet out) {
    if (out.transaction() == TransactionStatus.IDLE) {
      out.notice(Report.notice("25P01", "there is no transaction in progress"));
    }
    out.transaction(TransactionStatus.IDLE);
    transactionEnded();
  }

  private String set(SqlTokens sql, Outlet out) {
    sql.expect("set");
    if (!sql.accept("session", "characteristics")) {
      sql.accept("session");
      sql.accept("local");
    }
    if (sql.accept("transaction") || sql.accept("as", "transaction")) {
      return "SET";
    }
    String name = sql.identifier();
    if (name.equals("time") && sql.accept("zone")) {
      name = "TimeZone";
    } else if (!sql.accept("to")) {
      sql.expect("=");
    }
    if (name.equals("cluster") && out.transaction() != TransactionStatus.IDLE) {
      throw MaterializeErrors.setClusterInTransaction().refusal();
    }
    String value = sql.rest();
    if (value.equals("default")) {
      variables.reset(name);
    } else {
      variables.set(name, value);
    }
    report(name, out);
    return "SET";
  }

  private String reset(SqlTokens sql, Outlet out) {
    if (sql.accept("discard")) {
      variables.resetAll();
      return "DISCARD ALL";
    }
    sql.expect("reset");
    String name = sql.identifier();
    variables.reset(name);
    report(name, out);
    return "RESET";
  }

  private void report(String name, Outlet out) {
    if (Variables.isReported(name)) {
      out.parameter(name, variables.get(name));
    }
  }

  private String copy(Statement statement, SqlTokens sql, Outlet out) {
    sql.expect("copy", "(");
    if (sql.at("select")) {
      return reads.copy(statement, sql, out);
    }
    SubscribeStatement subscribe = subscribe(sql);
    sql.expect(")", "to", "stdout");
    if (sql.accept("with", "(", "format", "text", ")")) {
      sql.expectEnd();
    } else if (!sql.atEnd()) {
      throw MaterializeErrors.notSimulated(sql.rest()).refusal();
    }
    return subscribes.copy(subscribe, object(subscribe.object()), out);
  }

  private String declare(SqlTokens sql) {
    sql.expect("declare");
    String name = sql.identifier();
    sql.expect("cursor");
    if (sql.accept("with", "hold")) {
      throw MaterializeErrors.notYetSupported("WITH HOLD is not supported for cursors").refusal();
    }
    sql.accept("without", "hold");
    sql.expect("for");
    if (cursors.containsKey(name)) {
      throw MaterializeErrors.duplicateCursor(name).refusal();
    }
    SubscribeStatement subscribe = subscribe(sql);
    sql.expectEnd();
    cursors.put(name, new Cursor(subscribes, subscribe, object(subscribe.object())));
    return "DECLARE CURSOR";
  }

  private String fetch(SqlTokens sql, Outlet out) {
    FetchStatement fetch = FetchStatement.parse(sql);
    Cursor cursor = cursor(fetch.cursor());
    if (out.maxRows() > 0) {
      if (fetch.count().isEmpty()) {
        throw Report.error("0A000", "Execute with max_rows of a FETCH ALL is not supported")
            .refusal();
      }
      if (out.maxRows() < fetch.count().getAsLong()) {
        throw Report.error("0A000", "Execute with max_rows < a FETCH's count is not supported")
            .refusal();
      }
    }
    return cursor.fetch(fetch, out);
  }

  private String close(SqlTokens sql) {
    sql.expect("close");
    String name = sql.identifier();
    cursor(name).close();
    cursors.remove(name);
    return "CLOSE CURSOR";
  }

  private SubscribeStatement subscribe(SqlTokens sql) {
    SubscribeStatement subscribe = SubscribeStatement.parse(sql);
    if (hasRead && subscribe.asOf().isEmpty()) {
      throw MaterializeErrors.notTheOnlyRead().refusal();
    }
    hasRead = true;
    return subscribe;
  }

  private MzObject object(ObjectRef ref) {
    return reads.object(ref);
  }

  private Cursor cursor(String name) {
    Cursor cursor = cursors.get(name);
    if (cursor == null) {
      throw MaterializeErrors.unknownCursor(name).refusal();
    }
    return cursor;
  }
}
