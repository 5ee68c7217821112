package io.tycostream.app.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What databases and sources have to agree on, once each of them has been read. */
final class Coherence {

  private Coherence() {}

  static void check(
      List<Configuration.Database> databases,
      List<Configuration.StreamedTable> sources,
      Mistakes mistakes) {
    if (databases.isEmpty()) {
      mistakes.add("databases", "has no database; at least one is needed");
    }
    if (sources.isEmpty()) {
      mistakes.add("sources", "has no source; at least one is needed");
    }
    checkUse(databases, sources, mistakes);
    checkSlots(databases, mistakes);
  }

  /** Where a source names no database that there is, it may have meant any of them. */
  private static void checkUse(
      List<Configuration.Database> databases,
      List<Configuration.StreamedTable> sources,
      Mistakes mistakes) {
    Set<String> names =
        databases.stream().map(Configuration.Database::name).collect(Collectors.toSet());
    Set<String> used =
        sources.stream().map(Configuration.StreamedTable::database).collect(Collectors.toSet());
    if (sources.isEmpty() || !names.containsAll(used)) {
      return;
    }
    for (Configuration.Database database : databases) {
      if (!used.contains(database.name())) {
        mistakes.add(
            "databases." + database.name(), "has no source; add one to sources, or remove it");
      }
    }
  }

  /** A slot belongs to a server, whatever the database, and to one gateway's one connection. */
  private static void checkSlots(List<Configuration.Database> databases, Mistakes mistakes) {
    Map<String, String> owners = new HashMap<>();
    for (Configuration.Database database : databases) {
      if (database.product() instanceof Configuration.Product.Postgres postgres) {
        for (Configuration.Endpoint endpoint : database.endpoints()) {
          String slot = postgres.slot() + " on " + endpoint.host() + ":" + endpoint.port();
          String owner = owners.putIfAbsent(slot, database.name());
          if (owner != null && !owner.equals(database.name())) {
            mistakes.add(
                "databases." + database.name() + ".slot",
                "is %s, which databases.%s uses already; each needs a slot of its own"
                    .formatted(slot, owner));
          }
        }
      }
    }
  }
}
