package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a FETCH brought, by the names of its columns: where {@code op} and {@code
 * rw_timestamp} stand differs between versions, and so does how an operation is written.
 */
final class LogDecoder {

  private static final String OP = "op";
  private static final String TIME = "rw_timestamp";

  private final List<String> names;

  LogDecoder(Relation relation) {
    this.names = relation.columns().stream().map(Column::name).toList();
  }

  /** The answer has other columns than the relation had: it was altered. */
  static final class Altered extends Exception {

    private static final long serialVersionUID = 1L;

    Altered(List<String> now, List<String> before) {
      super("its columns are now " + now + ", and were " + before);
    }
  }

  /** An operation that is not known. */
  static final class Unknown extends Exception {

    private static final long serialVersionUID = 1L;

    Unknown(String op) {
      super("an operation '" + op + "' is not known");
    }
  }

  List<LoggedRow> rows(ResultSet answer) throws SQLException, Altered, Unknown {
    List<String> labels = labels(answer.getMetaData());
    int count = labels.size();
    boolean behind = count >= 2 && labels.subList(count - 2, count).equals(List.of(OP, TIME));
    boolean before = !behind && count >= 2 && labels.subList(0, 2).equals(List.of(TIME, OP));
    int first = before ? 2 : 0;
    List<String> told = labels.subList(first, behind ? count - 2 : count);
    if (!(behind || before) || !told.equals(names)) {
      throw new Altered(told, names);
    }
    int op = behind ? count - 1 : 2;
    int time = behind ? count : 1;
    List<LoggedRow> rows = new ArrayList<>();
    while (answer.next()) {
      @Nullable String[] values = new @Nullable String[names.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = answer.getString(first + i + 1);
      }
      String at = answer.getString(time);
      rows.add(
          new LoggedRow(
              at == null ? LoggedRow.SNAPSHOT : Long.parseLong(at),
              Row.of(values),
              diff(answer.getString(op))));
    }
    return rows;
  }

  private static List<String> labels(ResultSetMetaData described) throws SQLException {
    List<String> labels = new ArrayList<>();
    for (int i = 1; i <= described.getColumnCount(); i++) {
      labels.add(described.getColumnLabel(i));
    }
    return labels;
  }

  /** Names since 2.0; before, the numbers that they have in RisingWave's protocol buffers. */
  private static int diff(@Nullable String op) throws Unknown {
    return switch (String.valueOf(op)) {
      case "Insert", "UpdateInsert", "1", "3" -> 1;
      case "Delete", "UpdateDelete", "2", "4" -> -1;
      default -> throw new Unknown(String.valueOf(op));
    };
  }
}
