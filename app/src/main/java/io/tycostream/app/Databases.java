package io.tycostream.app;

import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.config.Configuration;
import java.util.List;

/** What the configuration means for the database adapters. */
final class Databases {

  private Databases() {}

  static PostgresSettings settings(Configuration.Database database, String node) {
    return new PostgresSettings(
        database.host(),
        database.port(),
        database.database(),
        database.user(),
        database.password(),
        database.sslMode(),
        database.connectTimeout(),
        database.queryTimeout(),
        database.heartbeat(),
        database.upstream().silenceLimit(),
        database.slot(),
        database.publication(),
        database.historyId(),
        "tycostream " + node);
  }

  static List<PostgresTable> tables(Configuration.Database database, Configuration configuration) {
    return configuration.sources().stream()
        .filter(table -> table.database().equals(database.name()))
        .map(table -> new PostgresTable(table.name(), table.relation(), table.key()))
        .toList();
  }
}
