package io.tycostream.adapters.db.simulator.risingwave;

/**
 * A subscription, in the schema of its table.
 *
 * @param createdAt in milliseconds
 */
record SimulatedSubscription(
    int id, String name, SimulatedTable table, long retentionMillis, long createdAt) {

  String definition() {
    return "CREATE SUBSCRIPTION %s FROM %s WITH (retention = '%d seconds')"
        .formatted(name, table.name, retentionMillis / 1_000);
  }

  SimulatedSubscription keeping(long millis) {
    return new SimulatedSubscription(id, name, table, millis, createdAt);
  }
}
