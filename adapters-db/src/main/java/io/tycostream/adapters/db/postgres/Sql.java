package io.tycostream.adapters.db.postgres;

import java.util.List;
import java.util.stream.Collectors;

/** Names and texts as they are written into statements that take no parameters. */
final class Sql {

  private Sql() {}

  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  static String names(List<String> names) {
    return names.stream().map(Sql::name).collect(Collectors.joining(", "));
  }

  /** The statement runs with {@code standard_conforming_strings}, which is never off by default. */
  static String text(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }
}
