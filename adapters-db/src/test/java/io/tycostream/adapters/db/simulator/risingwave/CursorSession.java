package io.tycostream.adapters.db.simulator.risingwave;

import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Outlet;
import io.tycostream.adapters.db.simulator.wire.Report;
import io.tycostream.adapters.db.simulator.wire.Session;
import io.tycostream.adapters.db.simulator.wire.Statement;
import io.tycostream.adapters.db.simulator.wire.TransactionStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One client of the simulator. Cursors live as long as it does. */
final class CursorSession implements Session {

  private static final String NAME = "\"?([\\w]+)\"?";

  private static final Pattern DECLARE =
      pattern(
          "DECLARE NAME SUBSCRIPTION CURSOR FOR NAME(?: (FULL|SINCE"
              + " (?:now\\(\\)|proctime\\(\\)|begin\\(\\)|\\d+)))?");
  private static final Pattern FETCH =
      pattern("FETCH (NEXT|\\d+) FROM NAME(?: WITH \\(timeout ?= ?'(\\d+)(ms|s)'\\))?");
  private static final Pattern CLOSE = pattern("CLOSE NAME");
  private static final Pattern CREATE =
      pattern(
          "CREATE SUBSCRIPTION NAME\\.NAME FROM NAME\\.NAME(?: WITH \\(retention ?= ?'(\\d+)"
              + " seconds'\\))?");
  private static final Pattern ALTER =
      pattern("ALTER SUBSCRIPTION NAME SET RETENTION TO '(\\d+) seconds'");
  private static final Pattern DROP = pattern("DROP SUBSCRIPTION NAME");
  private static final Pattern SEARCH_PATH = pattern("SET search_path = NAME");

  private final RisingWaveSimulator database;
  private final SystemTables system;
  private final Map<String, SimulatedCursor> cursors = new HashMap<>();
  private String schema = "public";

  CursorSession(RisingWaveSimulator database) {
    this.database = database;
    this.system = new SystemTables(database);
  }

  private static Pattern pattern(String text) {
    return Pattern.compile(text.replace("NAME", NAME), Pattern.CASE_INSENSITIVE);
  }

  @Override
  public Map<String, String> parameters() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("client_encoding", "UTF8");
    parameters.put("standard_conforming_strings", "on");
    parameters.put("server_version", "13.14.0");
    parameters.put("TimeZone", "UTC");
    return parameters;
  }

  @Override
  public List<Column> describe(Statement statement, TransactionStatus transaction) {
    String sql = oneLine(statement);
    return database.locked(
        () -> system.answer(sql).map(SystemTables.Answer::columns).orElse(List.of()));
  }

  @Override
  public String run(Statement statement, Outlet out) {
    String sql = oneLine(statement);
    Matcher fetch = FETCH.matcher(sql);
    if (fetch.matches()) {
      return fetch(fetch, out);
    }
    if (sql.equalsIgnoreCase("SHOW SUBSCRIPTION CURSORS")) {
      return show(out);
    }
    Optional<SystemTables.Answer> answer = database.locked(() -> system.answer(sql));
    if (answer.isPresent()) {
      out.columns(answer.get().columns());
      answer.get().rows().forEach(out::row);
      return "SELECT " + answer.get().rows().size();
    }
    return database.locked(() -> change(sql));
  }

  private static String oneLine(Statement statement) {
    return statement.sql().strip().replaceAll("\\s+", " ");
  }

  private String change(String sql) {
    Matcher matcher = DECLARE.matcher(sql);
    if (matcher.matches()) {
      return declare(matcher);
    }
    matcher = CLOSE.matcher(sql);
    if (matcher.matches()) {
      if (cursors.remove(matcher.group(1)) == null) {
        throw failed("Catalog error: cursor `" + matcher.group(1) + "` don't exists");
      }
      return "CLOSE_CURSOR";
    }
    matcher = CREATE.matcher(sql);
    if (matcher.matches()) {
      if (matcher.group(5) == null) {
        throw failed("Subscription retention time not set.");
      }
      if (!matcher.group(1).equals(matcher.group(3))) {
        throw failed(
            "Invalid input syntax: subscription and its dependent table must be in the same"
                + " database and schema");
      }
      database.subscribe(
          matcher.group(2),
          database.table(matcher.group(3) + "." + matcher.group(4)),
          Long.parseLong(matcher.group(5)) * 1_000);
      return "CREATE_SUBSCRIPTION";
    }
    matcher = ALTER.matcher(sql);
    if (matcher.matches()) {
      database.keep(matcher.group(1), Long.parseLong(matcher.group(2)) * 1_000);
      return "ALTER_SUBSCRIPTION";
    }
    matcher = DROP.matcher(sql);
    if (matcher.matches()) {
      database.unsubscribe(matcher.group(1));
      return "DROP_SUBSCRIPTION";
    }
    matcher = SEARCH_PATH.matcher(sql);
    if (matcher.matches()) {
      schema = matcher.group(1);
      return "SET";
    }
    if (sql.toUpperCase(Locale.ROOT).startsWith("SET ") || sql.isEmpty()) {
      return "SET";
    }
    throw failed("sql parser error: expected statement, found: " + sql);
  }

  private String declare(Matcher declare) {
    String name = declare.group(1);
    SimulatedSubscription subscription = database.requireSubscription(declare.group(2), schema);
    String begin = declare.group(3);
    if (begin == null) { // since 2.0 from now on, before it all rows
      begin = database.dialect().numbered() ? "FULL" : "SINCE now()";
    }
    long clock = database.frontendClock();
    long oldest = clock - subscription.retentionMillis();
    Optional<Long> since =
        switch (begin.toUpperCase(Locale.ROOT)) {
          case "FULL" -> Optional.empty();
          case "SINCE NOW()", "SINCE PROCTIME()" -> Optional.of(clock);
          case "SINCE BEGIN()" -> Optional.of(Math.max(oldest, subscription.createdAt()));
          default -> Optional.of(Long.parseLong(begin.substring("SINCE ".length())));
        };
    if (since.isPresent() && (since.get() > clock || database.takeTooLarge())) {
      throw failed(
          "Catalog error: rw_timestamp is too large, need to be less than the current unix_millis");
    }
    if (since.isPresent() && since.get() < oldest) {
      throw failed(
          "Catalog error: rw_timestamp is too small, need to be large than the current unix_millis"
              + " - subscription's retention time");
    }
    if (cursors.containsKey(name)) {
      throw failed("Catalog error: cursor `" + name + "` already exists");
    }
    cursors.put(name, new SimulatedCursor(database, subscription, since));
    return "DECLARE_CURSOR";
  }

  private String fetch(Matcher fetch, Outlet out) {
    out.stream();
    database.locked(database::takeBeforeFetch).run();
    int count = fetch.group(1).equalsIgnoreCase("NEXT") ? 1 : Integer.parseInt(fetch.group(1));
    long seconds =
        fetch.group(3) == null
            ? 0
            : Long.parseLong(fetch.group(3)) / (fetch.group(4).equals("ms") ? 1_000 : 1);
    List<List<@Nullable String>> rows = new ArrayList<>();
    List<Column> columns;
    out.onInterrupt(this::wake);
    database.lock.lock();
    try {
      SimulatedCursor cursor = cursors.get(fetch.group(2));
      if (cursor == null) {
        throw failed("Cannot find cursor `" + fetch.group(2) + "`");
      }
      cursor.requireAlive();
      List<Column> before = cursor.described();
      long left = database.second().toNanos() * seconds;
      while (rows.size() < Math.min(count, database.cutFetch())) {
        out.check();
        List<@Nullable String> row = cursor.next();
        if (row != null) {
          rows.add(row);
        } else if (!rows.isEmpty() || seconds == 0) {
          break;
        } else if (!cursor.hasRows()) { // else there are, with other columns
          if (left <= 0) {
            break;
          }
          left = database.changed.awaitNanos(left);
          if (cursors.get(fetch.group(2)) != cursor) {
            throw failed("cursor closed");
          }
        }
      }
      columns = rows.isEmpty() && database.dialect().describesFirst() ? before : cursor.described();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      database.lock.unlock();
    }
    out.columns(columns);
    rows.forEach(out::row);
    return "FETCH_CURSOR " + rows.size();
  }

  private void wake() {
    boolean unused = database.locked(() -> true);
  }

  private String show(Outlet out) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    boolean state = database.dialect().showsState();
    database.lock.lock();
    try {
      cursors.forEach((name, cursor) ->
          rows.add(
              state
                  ? List.of(name, cursor.name(), cursor.state(), "12ms")
                  : List.of(name, cursor.name())));
    } finally {
      database.lock.unlock();
    }
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("Name", Column.VARCHAR));
    columns.add(new Column("SubscriptionName", Column.VARCHAR));
    if (state) {
      columns.add(new Column("State", Column.VARCHAR));
      columns.add(new Column("IdleDuration", Column.VARCHAR));
    }
    out.columns(columns);
    rows.forEach(out::row);
    return "SHOW_COMMAND";
  }

  void loseCursors() {
    cursors.clear();
  }

  private static RuntimeException failed(String cause) {
    return Report.error("XX000", "Failed to run the query\n\nCaused by:\n  " + cause).refusal();
  }

  @Override
  public void close() {
    database.closed(this);
  }
}
