package io.tycostream.benchmarks;

import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.risingwave.RisingWaveRelation;
import io.tycostream.adapters.db.risingwave.RisingWaveSettings;
import io.tycostream.adapters.db.risingwave.RisingWaveSource;
import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.benchmarks.Recoveries.Fault;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * {@link Recoveries} before the simulated RisingWave of the tests, which commits an epoch ten times
 * a second: all connections are cut without a word, and it is away for 0.3 s and back, with the
 * default settings. A cursor tells a change with the first epoch behind it, which is in what is
 * measured.
 */
public final class RisingWaveRecovery {

  private static final String TABLE = "public.ticks";
  private static final Duration EPOCH = Duration.ofMillis(100);

  private RisingWaveRecovery() {}

  /**
   * Measures and prints a table.
   *
   * @param args rounds of each fault, default 15
   */
  public static void main(String[] args) throws Exception {
    Recoveries recoveries =
        new Recoveries(args.length > 0 ? Integer.parseInt(args[0]) : 15, Duration.ofSeconds(2));
    RisingWaveSimulator database = new RisingWaveSimulator();
    database.create(TABLE, SimulatedColumn.key("id", "int4"));
    Thread cluster = Thread.ofVirtual().start(() -> commit(database));
    try (WireServer server = WireServer.listening(database)) {
      recoveries.measure(
          source(server),
          id -> {
            long unused = database.commit(c -> c.put(TABLE, Integer.toString(id)));
          },
          List.of(
              new Fault("cut off", server::cutAll, () -> {}),
              new Fault(
                  "away for 0.3 s",
                  recoveries.noticed(() -> leave(server), Duration.ofMillis(300)),
                  server::listen)));
    }
    cluster.interrupt();
    System.exit(0);
  }

  private static void leave(WireServer server) {
    server.stopListening();
    server.cutAll();
  }

  private static void commit(RisingWaveSimulator database) {
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(EPOCH.toNanos());
      database.advance(EPOCH);
    }
  }

  private static RisingWaveSource source(WireServer server) {
    DatabaseEndpoint endpoint =
        new DatabaseEndpoint("RisingWave", server.host(), server.port(), "dev", false, "");
    return new RisingWaveSource(
        List.of(new RisingWaveSettings(Recoveries.connection(endpoint, "root"), "")),
        new RisingWaveRelation(
            "ticks",
            TABLE,
            Optional.empty(),
            "ticks_tycostream",
            true,
            RisingWaveRelation.RETENTION,
            SourceLimits.DEFAULT));
  }
}
