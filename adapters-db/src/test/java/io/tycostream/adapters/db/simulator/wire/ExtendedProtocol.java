package io.tycostream.adapters.db.simulator.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parse, Bind, Describe, Execute and Close of one connection. Errors are thrown. */
final class ExtendedProtocol {

  private record Prepared(String sql, List<Integer> types) {}

  /** A bound statement, and what has become of it. */
  private static final class Portal {
    final Statement statement;
    final int[] formats;
    final Suspension suspension = new Suspension();
    @Nullable Outlet outlet;
    @Nullable String tag;

    Portal(Statement statement, int[] formats) {
      this.statement = statement;
      this.formats = formats;
    }
  }

  private final ServerConnection connection;
  private final Line line;
  private final Map<String, Prepared> prepared = new HashMap<>();
  private final Map<String, Portal> portals = new HashMap<>();

  ExtendedProtocol(ServerConnection connection, Line line) {
    this.connection = connection;
    this.line = line;
  }

  void parse(ClientMessage message) {
    String name = message.string();
    List<String> statements = StatementText.split(message.string());
    if (statements.size() > 1) {
      throw Report.error("42601", "cannot insert multiple commands into a prepared statement")
          .refusal();
    }
    String sql = statements.isEmpty() ? "" : statements.getFirst();
    int declared = message.int2();
    List<Integer> types = new ArrayList<>();
    for (int i = 0; i < Math.max(declared, StatementText.parameters(sql)); i++) {
      types.add(i < declared ? message.int4() : 0);
    }
    prepared.put(name, new Prepared(sql, types));
    ServerMessages.plain(line, '1');
  }

  void bind(ClientMessage message) {
    String name = message.string();
    Prepared statement = prepared(message.string());
    int[] given = shorts(message);
    int count = message.int2();
    if (count != statement.types().size()) {
      throw Report.error(
              "08P01",
              "bind message supplies "
                  + count
                  + " parameters, but prepared statement requires "
                  + statement.types().size())
          .refusal();
    }
    List<@Nullable String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = message.int4();
      values.add(
          length < 0
              ? null
              : ValueForm.decode(
                  message.bytes(length),
                  statement.types().get(i),
                  ServerMessages.format(given, i) == 1));
    }
    close(portals.put(name, new Portal(new Statement(statement.sql(), values), shorts(message))));
    ServerMessages.plain(line, '2');
  }

  void describe(ClientMessage message) {
    if (message.int1() == 'S') {
      Prepared statement = prepared(message.string());
      MessageBody body = new MessageBody().int2(statement.types().size());
      List<@Nullable String> unknown = new ArrayList<>();
      for (int type : statement.types()) {
        body.int4(type == 0 ? Column.TEXT : type);
        unknown.add(null);
      }
      line.message('t', body.array());
      describe(new Statement(statement.sql(), unknown), new int[0]);
    } else {
      Portal portal = portal(message.string());
      describe(portal.statement, portal.formats);
    }
  }

  void execute(ClientMessage message) {
    Portal portal = portal(message.string());
    int rows = message.int4();
    if (portal.statement.sql().isEmpty()) {
      ServerMessages.plain(line, 'I');
      return;
    }
    if (portal.tag != null) {
      // As Materialize has it: the tag once more, and no rows.
      ServerMessages.complete(line, portal.tag);
      return;
    }
    Outlet outlet = portal.outlet;
    if (outlet == null) {
      outlet = new Outlet(connection, line, true, portal.formats, rows, portal.suspension);
      portal.outlet = outlet;
      if (rows == 0) {
        complete(portal, connection.perform(portal.statement, outlet));
        return;
      }
    }
    Outlet running = outlet;
    Suspension.Pause pause =
        portal.suspension.go(() -> connection.perform(portal.statement, running), rows);
    switch (pause) {
      case Suspension.Pause.Suspended() -> ServerMessages.plain(line, 's');
      case Suspension.Pause.Completed(String tag) -> complete(portal, tag);
      case Suspension.Pause.Failed(RuntimeException cause) -> throw cause;
    }
  }

  void close(ClientMessage message) {
    if (message.int1() == 'S') {
      prepared.remove(message.string());
    } else {
      close(portals.remove(message.string()));
    }
    ServerMessages.plain(line, '3');
  }

  /** Portals live no longer than their transaction. */
  void transactionEnded() {
    portals.values().forEach(ExtendedProtocol::close);
    portals.clear();
  }

  private void complete(Portal portal, String tag) {
    portal.tag = tag;
    ServerMessages.complete(line, tag);
    line.streamEnded();
  }

  private void describe(Statement statement, int[] formats) {
    List<Column> columns = statement.sql().isEmpty() ? List.of() : connection.columnsOf(statement);
    if (columns.isEmpty()) {
      ServerMessages.plain(line, 'n');
    } else {
      ServerMessages.rowDescription(line, columns, formats);
    }
  }

  private Prepared prepared(String name) {
    Prepared statement = prepared.get(name);
    if (statement == null) {
      throw Report.error("26000", "prepared statement \"" + name + "\" does not exist").refusal();
    }
    return statement;
  }

  private Portal portal(String name) {
    Portal portal = portals.get(name);
    if (portal == null) {
      throw Report.error("34000", "portal \"" + name + "\" does not exist").refusal();
    }
    return portal;
  }

  private static void close(@Nullable Portal portal) {
    if (portal != null) {
      portal.suspension.abandon();
    }
  }

  private static int[] shorts(ClientMessage message) {
    int[] values = new int[message.int2()];
    for (int i = 0; i < values.length; i++) {
      values[i] = message.int2();
    }
    return values;
  }
}
