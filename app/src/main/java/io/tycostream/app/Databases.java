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
import io.tycostream.adapters.db.risingwave.RisingWaveCheck;
import io.tycostream.adapters.db.risingwave.RisingWaveRelation;
import io.tycostream.adapters.db.risingwave.RisingWaveSettings;
import io.tycostream.adapters.db.risingwave.RisingWaveSource;
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
    String node = configuration.node();
    return switch (database.product()) {
      case Product.Postgres postgres -> {
        List<PostgresTable> tables = tables(database, configuration);
        yield List.of(
            new Stream(
                database.name(),
                new PostgresSource(settings(database, postgres, node), tables),
                tables.stream().map(PostgresTable::source).toList()));
      }
      case Product.Materialize materialize -> {
        List<MaterializeSettings> settings = settings(database, materialize, node);
        yield of(database, configuration)
            .map(Databases::materialized)
            .map(relation ->
                alone(database, relation.source(), new MaterializeSource(settings, relation)))
            .toList();
      }
      case Product.RisingWave risingWave -> {
        List<RisingWaveSettings> settings = risingWave(database, node);
        yield of(database, configuration)
            .map(Databases::subscribed)
            .map(relation ->
                alone(database, relation.source(), new RisingWaveSource(settings, relation)))
            .toList();
      }
    };
  }

  private static Stream alone(
      Configuration.Database database, String source, ChangeSource changes) {
    return new Stream(database.name() + "/" + source, changes, List.of(source));
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
              .map(settings ->
                  MaterializeCheck.run(
                      settings, of(database, configuration).map(Databases::materialized).toList()))
              .toList();
      case Product.RisingWave product ->
          risingWave(database, configuration.node()).stream()
              .flatMap(settings ->
                  of(database, configuration)
                      .map(Databases::subscribed)
                      .map(relation -> RisingWaveCheck.run(settings, relation)))
              .toList();
    };
  }

  static List<MaterializeSettings> settings(
      Configuration.Database database, Product.Materialize materialize, String node) {
    return connections(database, "Materialize", node).stream()
        .map(connection ->
            new MaterializeSettings(connection, materialize.cluster(), database.historyId()))
        .toList();
  }

  static List<RisingWaveSettings> risingWave(Configuration.Database database, String node) {
    return connections(database, "RisingWave", node).stream()
        .map(connection -> new RisingWaveSettings(connection, database.historyId()))
        .toList();
  }

  /** The sources that one database has. */
  static java.util.stream.Stream<Configuration.StreamedTable> of(
      Configuration.Database database, Configuration configuration) {
    return configuration.sources().stream()
        .filter(table -> table.database().equals(database.name()));
  }

  static MaterializeRelation materialized(Configuration.StreamedTable table) {
    return new MaterializeRelation(
        table.name(),
        table.relation(),
        table.key().orElse(List.of()),
        table.limits().history().maxAge());
  }

  static RisingWaveRelation subscribed(Configuration.StreamedTable table) {
    Configuration.Subscription subscription = table.subscription().orElseThrow();
    return new RisingWaveRelation(
        table.name(),
        table.relation(),
        table.key(),
        subscription.name(),
        subscription.create(),
        RisingWaveRelation.RETENTION,
        table.limits());
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
    return of(database, configuration)
        .map(
            table -> new PostgresTable(table.name(), table.relation(), table.key(), table.limits()))
        .toList();
  }
}
