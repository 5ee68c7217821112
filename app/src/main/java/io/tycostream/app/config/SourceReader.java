package io.tycostream.app.config;

import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.SourceLimits;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** Reads {@code sources.NAME}. */
final class SourceReader {

  private static final String DEFAULT_SCHEMA = "public";

  private final SortedMap<String, Configuration.Product> databases;

  /**
   * A reader for the sources of some databases.
   *
   * @param databases by name
   */
  SourceReader(SortedMap<String, Configuration.Product> databases) {
    this.databases = databases;
  }

  Configuration.StreamedTable read(Section source) {
    HistoryLimits history = source.section("history", SourceReader::history);
    SourceLimits limits = source.section("cache", cache -> limits(cache, history));
    String database = database(source);
    return new Configuration.StreamedTable(
        source.name(),
        database,
        relation(source),
        key(source, database),
        subscription(source, database),
        limits);
  }

  private Optional<Configuration.Subscription> subscription(Section source, String database) {
    Optional<String> name = source.value("subscription", Values.text());
    Optional<Boolean> create =
        source.value("create", Values.oneOf(List.of("true", "false"))).map(Boolean::valueOf);
    if (databases.get(database) instanceof Configuration.Product.RisingWave) {
      return Optional.of(
          new Configuration.Subscription(
              name.orElse("tycostream_" + source.name().replace('-', '_')), create.orElse(false)));
    }
    if (databases.containsKey(database)) {
      name.ifPresent(
          given -> source.mistake("subscription", "is for type risingwave alone; remove it"));
      create
          .filter(given -> given)
          .ifPresent(given -> source.mistake("create", "is for type risingwave alone; remove it"));
    }
    return Optional.empty();
  }

  private String database(Section source) {
    Optional<String> given = source.value("database", Values.text());
    if (given.isEmpty() && source.sound("database")) {
      if (databases.size() == 1) {
        return databases.firstKey();
      }
      if (databases.size() > 1) {
        source.mistake(
            "database", "is missing; name one of " + String.join(", ", databases.keySet()));
      }
    }
    if (given.isPresent() && !databases.containsKey(given.get())) {
      source.mistake(
          "database",
          "is '"
              + given.get()
              + "', but there is no such database"
              + NearestName.to(given.get(), databases.keySet())
                  .map(nearest -> "; the nearest one is " + nearest)
                  .orElse(""));
    }
    return given.orElse("");
  }

  private static String relation(Section source) {
    String relation = source.value("relation", source.name(), Values.text());
    String table = relation.indexOf('.') < 0 ? DEFAULT_SCHEMA + "." + relation : relation;
    int dot = table.indexOf('.');
    if (dot == 0 || dot == table.length() - 1 || table.indexOf('"') >= 0) {
      source.mistake(
          "relation",
          "is '%s', but has to be written as schema.table, without quotes".formatted(relation));
    }
    return table;
  }

  private Optional<List<String>> key(Section source, String database) {
    Optional<List<String>> key = source.values("key", Values.text());
    boolean unknown = databases.get(database) instanceof Configuration.Product.Materialize;
    if (unknown && key.isEmpty() && source.sound("key")) {
      source.mistake(
          "key",
          "is missing: Materialize knows no primary keys; name the columns that identify a row, or"
              + " write [] when none do");
    }
    if (key.isEmpty() || !source.sound("key")) {
      return Optional.empty();
    }
    List<String> columns = key.get();
    if (columns.contains("")) {
      source.mistake("key", "has a column without a name");
    }
    Set<String> seen = new HashSet<>();
    columns.stream()
        .filter(column -> !seen.add(column))
        .distinct()
        .forEach(column -> source.mistake("key", "names the column " + column + " twice"));
    return key;
  }

  private static HistoryLimits history(Section history) {
    HistoryLimits usual = HistoryLimits.DEFAULT;
    return new HistoryLimits(
        history.value("max-events", usual.maxEvents(), Values.wholeNumber(1, 1_000_000_000)),
        history.value("max-age", usual.maxAge(), Values.duration()),
        history.value("max-bytes", usual.maxBytes(), Values.size("64KiB", "1024GiB")));
  }

  private static SourceLimits limits(Section cache, HistoryLimits history) {
    SourceLimits usual = SourceLimits.DEFAULT;
    return new SourceLimits(
        history,
        cache.value("max-rows", usual.maxRows(), Values.wholeNumber(1, 1_000_000_000)),
        cache.value("max-bytes", usual.maxBytes(), Values.size("64KiB", "1024GiB")));
  }
}
