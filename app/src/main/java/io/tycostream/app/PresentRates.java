package io.tycostream.app;

import io.tycostream.adapters.db.Observed;
import io.tycostream.adapters.db.materialize.MaterializeRate;
import io.tycostream.adapters.db.materialize.MaterializeSettings;
import io.tycostream.adapters.db.postgres.PostgresRate;
import io.tycostream.adapters.db.risingwave.RisingWaveRate;
import io.tycostream.adapters.db.risingwave.RisingWaveSettings;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.config.Configuration.Product;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** How much changes at present in the sources of a database, at its first endpoint. */
final class PresentRates {

  /** Of sources that need a stream each so many are looked at at the same time. */
  private static final int TOGETHER = 8;

  private PresentRates() {}

  /** What is seen in about so much time, by the name of the source; blocks as long or longer. */
  static Map<String, Observed> observe(
      Configuration.Database database, Configuration configuration, Duration during) {
    String node = configuration.node();
    return switch (database.product()) {
      case Product.Postgres postgres ->
          PostgresRate.observe(
              Databases.settings(database, postgres, node).getFirst(),
              Databases.tables(database, configuration),
              during);
      case Product.Materialize materialize -> {
        MaterializeSettings settings = Databases.settings(database, materialize, node).getFirst();
        yield each(
            database,
            configuration,
            table -> MaterializeRate.observe(settings, Databases.materialized(table), during));
      }
      case Product.RisingWave product -> {
        RisingWaveSettings settings = Databases.risingWave(database, node).getFirst();
        yield each(
            database,
            configuration,
            table -> RisingWaveRate.observe(settings, Databases.subscribed(table), during));
      }
    };
  }

  private static Map<String, Observed> each(
      Configuration.Database database,
      Configuration configuration,
      Function<Configuration.StreamedTable, Observed> observe) {
    Map<String, CompletableFuture<Observed>> looks = new LinkedHashMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(TOGETHER)) {
      Databases.of(database, configuration)
          .forEach(table ->
              looks.put(
                  table.name(),
                  CompletableFuture.supplyAsync(() -> observe.apply(table), threads)));
    }
    Map<String, Observed> observed = new LinkedHashMap<>();
    looks.forEach((source, look) -> observed.put(source, look.join()));
    return observed;
  }
}
