package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code SUBSCRIBE [TO] object [ENVELOPE UPSERT (KEY (…))] [WITH (SNAPSHOT, PROGRESS)] [AS OF [AT
 * LEAST] t] [UP TO t]}. WITH and ENVELOPE come in either order. Of queries only {@code (SELECT *
 * FROM object)} is known.
 *
 * @param key of ENVELOPE UPSERT; empty means diffs
 */
record SubscribeStatement(
    ObjectRef object,
    boolean snapshot,
    boolean progress,
    List<String> key,
    Optional<Long> asOf,
    boolean atLeast,
    Optional<Long> upTo) {

  /** numeric(39,0), as mz_timestamp is shown. */
  private static final int TIMESTAMP_MODIFIER = (39 << 16) + 4;

  /** Reads on from the word SUBSCRIBE. */
  static SubscribeStatement parse(SqlTokens sql) {
    sql.expect("subscribe");
    sql.accept("to");
    ObjectRef object = relation(sql);
    boolean snapshot = true;
    boolean progress = false;
    List<String> key = List.of();
    while (sql.at("with") || sql.at("envelope") || sql.at("within")) {
      if (sql.accept("envelope", "upsert")) {
        key = key(sql);
      } else if (sql.accept("with", "(")) {
        do {
          String option = sql.identifier();
          boolean value = flag(sql);
          switch (option) {
            case "snapshot" -> snapshot = value;
            case "progress" -> progress = value;
            default -> throw MaterializeErrors.syntax("unknown option " + option).refusal();
          }
        } while (sql.accept(","));
        sql.expect(")");
      } else {
        throw MaterializeErrors.notSimulated(sql.rest()).refusal();
      }
    }
    Optional<Long> asOf = Optional.empty();
    boolean atLeast = false;
    if (sql.accept("as", "of")) {
      atLeast = sql.accept("at", "least");
      asOf = Optional.of(time(sql));
    }
    Optional<Long> upTo = sql.accept("up", "to") ? Optional.of(time(sql)) : Optional.empty();
    return new SubscribeStatement(object, snapshot, progress, key, asOf, atLeast, upTo);
  }

  /** A time after AS OF or UP TO. */
  static long time(SqlTokens sql) {
    if (sql.accept("now") || sql.accept("mz_now")) {
      throw MaterializeErrors.notYetSupported(
              "calling an unmaterializable function in AS OF or UP TO not yet supported")
          .refusal();
    }
    SqlTokens.Token token = sql.next();
    if (sql.accept("::")) {
      String unused = sql.identifier();
    }
    Optional<Long> time =
        token.kind() == SqlTokens.Kind.NUMBER || token.kind() == SqlTokens.Kind.STRING
            ? MzTime.parse(token.text())
            : Optional.empty();
    return time.orElseThrow(() -> MaterializeErrors.notATime().refusal());
  }

  List<Column> columns(MzObject relation) {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("mz_timestamp", Column.NUMERIC, TIMESTAMP_MODIFIER));
    if (progress) {
      columns.add(new Column("mz_progressed", Column.BOOL));
    }
    columns.add(
        key.isEmpty() ? new Column("mz_diff", Column.INT8) : new Column("mz_state", Column.TEXT));
    for (int index : UpsertEnvelope.order(relation, key)) {
      MzColumn column = relation.columns().get(index);
      columns.add(new Column(column.name(), column.typeOid()));
    }
    return columns;
  }

  private static ObjectRef relation(SqlTokens sql) {
    if (!sql.accept("(")) {
      return ObjectRef.parse(sql);
    }
    sql.expect("select", "*", "from");
    ObjectRef object = ObjectRef.parse(sql);
    sql.expect(")");
    return object;
  }

  private static List<String> key(SqlTokens sql) {
    List<String> key = new ArrayList<>();
    sql.expect("(", "key", "(");
    do {
      key.add(sql.identifier());
    } while (sql.accept(","));
    sql.expect(")", ")");
    return List.copyOf(key);
  }

  private static boolean flag(SqlTokens sql) {
    if (!sql.accept("=")) {
      return true;
    }
    return switch (sql.next().text()) {
      case "true", "on", "1" -> true;
      case "false", "off", "0" -> false;
      default -> throw MaterializeErrors.syntax("not a boolean").refusal();
    };
  }
}
