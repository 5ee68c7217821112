package io.tycostream.benchmarks;

import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.materialize.MaterializeRelation;
import io.tycostream.adapters.db.materialize.MaterializeSettings;
import io.tycostream.adapters.db.materialize.MaterializeSource;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.benchmarks.Recoveries.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@link Recoveries} before the simulated Materialize of the tests: all connections are cut without
 * a word, and it is away for 0.3 s and back, with the default settings. What the database itself
 * takes to begin a dataflow is not in it.
 */
public final class MaterializeRecovery {

  private static final long START = 1_700_000_000_000L;

  private MaterializeRecovery() {}

  /**
   * Measures and prints a table.
   *
   * @param args rounds of each fault, default 15
   */
  public static void main(String[] args) throws Exception {
    Recoveries recoveries =
        new Recoveries(args.length > 0 ? Integer.parseInt(args[0]) : 15, Duration.ofSeconds(2));
    try (MaterializeSimulator database = MaterializeSimulator.start()) {
      database.clock(START);
      MzObject table = database.table("ticks", MzColumn.int4("id"));
      table.retainHistory(Duration.ofDays(1).toMillis());
      table.advance(START + 1);
      recoveries.measure(
          source(database),
          id -> table.insert(table.upper(), Integer.toString(id)).advance(table.upper() + 1),
          List.of(
              new Fault("cut off", database::restart, () -> {}),
              new Fault(
                  "away for 0.3 s",
                  recoveries.noticed(database::stop, Duration.ofMillis(300)),
                  database::resume)));
    }
    System.exit(0);
  }

  private static MaterializeSource source(MaterializeSimulator database) {
    DatabaseEndpoint endpoint =
        new DatabaseEndpoint(
            "Materialize",
            database.server().host(),
            database.server().port(),
            MaterializeSimulator.DATABASE,
            false,
            "");
    MaterializeSettings settings =
        new MaterializeSettings(
            Recoveries.connection(endpoint, "materialize"),
            Optional.of(MaterializeSimulator.CLUSTER),
            "");
    return new MaterializeSource(
        List.of(settings),
        new MaterializeRelation("ticks", "public.ticks", List.of("id"), Duration.ofMinutes(10)));
  }
}
