package io.tycostream.app;

import io.tycostream.adapters.db.Findings;
import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.materialize.MaterializeCheck;
import io.tycostream.adapters.db.materialize.MaterializeRelation;
import io.tycostream.adapters.db.materialize.MaterializeSettings;
import io.tycostream.adapters.db.materialize.MaterializeSource;
import io.tycostream.adapters.db.postgres.PostgresCheck;
import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.config.Configuration.Product;
import io.tycostream.domain.upstream.ChangeSource;
import java.util.List;

/** What the configuration means for the database adapters. */
final class Databases {

  private Databases() {}

  /**
   * A stream, and the sources that it is for.
   *
   * @param name the database's, and the source's where each has a stream of its own
   */
  record Stream(String name, ChangeSource changes, List<String> sources) {}

  /** The streams of one database. */
  static List<Stream> streams(Configuration.Database database, Configuration configuration) {
    return switch (database.product()) {
      case Product.Postgres postgres ->
          List.of(
              new Stream(
                  database.name(),
                  new PostgresSource(
                      settings(database, postgres, configuration.node()),
                      tables(database, configuration)),
                  tables(database, configuration).stream().map(PostgresTable::source).toList()));
      case Product.Materialize materialize -> {
        List<MaterializeSettings> settings = settings(database, materialize, configuration.node());
        yield relations(database, configuration).stream()
            .map(relation ->
                new Stream(
                    database.name() + "/" + relation.source(),
                    new MaterializeSource(settings, relation),
                    List.of(relation.source())))
            .toList();
      }
      case Product.RisingWave risingWave -> throw new UnsupportedOperationException();
    };
  }

  /** What is seen of each endpoint of a database. */
  static List<Findings> check(Configuration.Database database, Configuration configuration) {
    return switch (database.product()) {
      case Product.Postgres postgres ->
          settings(database, postgres, configuration.node()).stream()
              .map(settings ->
                  PostgresCheck.run(
                      settings, tables(database, configuration), database.endpoints().size() > 1))
              .toList();
      case Product.Materialize materialize ->
          settings(database, materialize, configuration.node()).stream()
              .map(settings -> MaterializeCheck.run(settings, relations(database, configuration)))
              .toList();
      case Product.RisingWave risingWave -> throw new UnsupportedOperationException();
    };
  }

  private static List<MaterializeSettings> settings(
      Configuration.Database database, Product.Materialize materialize, String node) {
    return connections(database, "Materialize", node).stream()
        .map(connection ->
            new MaterializeSettings(connection, materialize.cluster(), database.historyId()))
        .toList();
  }

  private static List<MaterializeRelation> relations(
      Configuration.Database database, Configuration configuration) {
    return configuration.sources().stream()
        .filter(table -> table.database().equals(database.name()))
        .map(table ->
            new MaterializeRelation(
                table.name(),
                table.relation(),
                table.key().orElse(List.of()),
                table.limits().history().maxAge()))
        .toList();
  }

  static List<PostgresSettings> settings(
      Configuration.Database database, Product.Postgres postgres, String node) {
    return connections(database, "PostgreSQL", node).stream()
        .map(connection ->
            new PostgresSettings(
                connection,
                postgres.slot(),
                postgres.publication(),
                postgres.maxSlotWal(),
                database.historyId()))
        .toList();
  }

  /** How each endpoint is reached, in the order of preference. */
  static List<ConnectionSettings> connections(
      Configuration.Database database, String product, String node) {
    return database.endpoints().stream()
        .map(endpoint ->
            new ConnectionSettings(
                new DatabaseEndpoint(
                    product,
                    endpoint.host(),
                    endpoint.port(),
                    endpoint.database(),
                    endpoint.replica(),
                    endpoint.region()),
                database.user(),
                database.password(),
                database.sslMode(),
                database.connectTimeout(),
                database.queryTimeout(),
                database.heartbeat(),
                database.upstream().silenceLimit(),
                database.poolSize(),
                "tycostream " + node))
        .toList();
  }

  static List<PostgresTable> tables(Configuration.Database database, Configuration configuration) {
    return configuration.sources().stream()
        .filter(table -> table.database().equals(database.name()))
        .map(table -> new PostgresTable(table.name(), table.relation(), table.key()))
        .toList();
  }
}
