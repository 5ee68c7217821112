package io.tycostream.app.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    for (Configuration.Database database : databases) {
      boolean used = sources.stream().anyMatch(source -> source.database().equals(database.name()));
      if (!used && !sources.isEmpty()) {
        mistakes.add(
            "databases." + database.name(), "has no source; add one to sources, or remove it");
      }
    }
    checkSlots(databases, mistakes);
  }

  /** A slot belongs to a server, whatever the database, and to one gateway's one connection. */
  private static void checkSlots(List<Configuration.Database> databases, Mistakes mistakes) {
    Map<String, String> owners = new HashMap<>();
    for (Configuration.Database database : databases) {
      String slot = database.slot() + " on " + database.host() + ":" + database.port();
      String owner = owners.putIfAbsent(slot, database.name());
      if (owner != null) {
        mistakes.add(
            "databases." + database.name() + ".slot",
            "is %s, which databases.%s uses already; each needs a slot of its own"
                .formatted(slot, owner));
      }
    }
  }
}
