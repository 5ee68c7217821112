package io.tycostream.adapters.db.connection;

import java.util.List;
import java.util.stream.Collectors;

/** Names and texts as they are written into statements that take no parameters. */
public final class Sql {

  private Sql() {}

  public static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  public static String names(List<String> names) {
    return names.stream().map(Sql::name).collect(Collectors.joining(", "));
  }

  /** The statement runs with {@code standard_conforming_strings}, which is never off by default. */
  public static String text(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }
}
