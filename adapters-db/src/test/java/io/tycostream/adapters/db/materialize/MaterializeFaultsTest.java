package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.materialize.Generation;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.adapters.db.simulator.wire.Report;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Half an hour of the database's own time, with something breaking every few seconds of it. */
class MaterializeFaultsTest {

  private static final long START = 1_700_000_000_000L;

  private enum Fault {
    STREAM_CUT_AFTER_SOME_BYTES,
    CONNECTION_CUT_AFTER_SOME_BYTES,
    RESTARTED,
    AWAY,
    FELL_BEHIND,
    CANCELLED,
    NO_REPLICAS,
    TOO_MANY_CONNECTIONS,
    HISTORY_COMPACTED,
    GATEWAY_LETS_GO,
  }

  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private final Map<Integer, String> rows = new TreeMap<>();
  private MaterializeSimulator database;
  private MzObject table;
  private RandomGenerator random;
  private Following following;

  @Test
  void aMinute() throws Exception {
    follow(60, Long.getLong("faults.seed", System.nanoTime()));
  }

  @Tag("long")
  @Test
  void halfAnHour() throws Exception {
    follow(30 * 60, Long.getLong("faults.seed", System.nanoTime()));
  }

  private void follow(int seconds, long seed) throws Exception {
    String replay = "-Dfaults.seed=" + seed;
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    try (MaterializeSimulator simulator = MaterializeSimulator.start()) {
      database = simulator;
      database.clock(START);
      table = database.table("t", MzColumn.int4("id"), MzColumn.text("note"));
      table.retainHistory(3_600_000);
      try (Following follower = new Following(database, table, "id")) {
        following = follower;
        for (int second = 0; second < seconds; second++) {
          database.generation(random.nextBoolean() ? Generation.OLD : Generation.NEWEST);
          database.historyInOneBatch(random.nextBoolean());
          write();
          if (random.nextInt(3) == 0) {
            perform(Fault.values()[random.nextInt(Fault.values().length)]);
          }
          database.tick(1_000);
          if (random.nextInt(3) > 0) {
            follower.untilCaughtUp();
          }
        }
        follower.untilCaughtUp();
        List<Long> lost = follower.lost();
        assertEquals(List.of(), lost, replay);
        assertEquals(0, follower.repeated(), replay);
        int compactions = faults.getOrDefault(Fault.HISTORY_COMPACTED, 0);
        assertTrue(follower.resyncs() <= compactions, replay);
        assertTrue(follower.freshOpened() <= 1 + compactions + follower.failures().size(), replay);
        System.out.print(
            String.format(
                "proof: Materialize: %,d virtual seconds, %,d faults, %,d streams, %,d batches, %,d"
                    + " moments told one by one, %d lost, %d repeated, %d differences for %d"
                    + " compactions%n",
                seconds,
                faults.values().stream().mapToInt(count -> count).sum(),
                follower.opened(),
                follower.published().size(),
                follower.told(),
                lost.size(),
                follower.repeated(),
                follower.resyncs(),
                compactions));
      } catch (AssertionError e) {
        throw new AssertionError(replay + ": " + e.getMessage(), e);
      }
      assertEquals(List.of(), database.failures(), replay);
    }
  }

  private void write() {
    long time = table.upper();
    for (int changes = random.nextInt(20); changes > 0; changes--) {
      time += random.nextInt(40);
      int id = random.nextInt(30);
      String before = rows.remove(id);
      if (before != null) {
        table.delete(time, "" + id, before);
      }
      if (random.nextInt(4) > 0) {
        String note = "note\t" + random.nextInt(1_000);
        rows.put(id, note);
        table.insert(time, "" + id, note);
      }
    }
  }

  private void perform(Fault fault) throws Exception {
    faults.merge(fault, 1, Integer::sum);
    switch (fault) {
      case STREAM_CUT_AFTER_SOME_BYTES ->
          database.faults().cutStreamsAfter(random.nextInt(1, 2_000));
      case CONNECTION_CUT_AFTER_SOME_BYTES ->
          database.faults().cutConnectionsAfter(random.nextInt(1, 3_000));
      case RESTARTED -> database.restart();
      case AWAY -> {
        database.restart();
        database.faults().refuse(Report.fatal("08004", "upstream server not available"));
        int failures = following.failures().size();
        following.until(() -> following.failures().size() > failures + 2);
        database.faults().admit();
      }
      case FELL_BEHIND ->
          database.failStreams(
              Report.error("53200", "SUBSCRIBE fell behind: the client did not read fast enough"));
      case CANCELLED ->
          database.failStreams(Report.error("57014", "canceling statement due to user request"));
      case NO_REPLICAS -> {
        following.closeStream();
        database.failNextStart(
            Report.error("0A000", "CLUSTER \"c\" has no replicas available to service request"));
      }
      case TOO_MANY_CONNECTIONS -> {
        following.closeStream();
        database.faults().refuse(Report.fatal("53000", "creating connection would violate limit"));
        int failures = following.failures().size();
        following.until(() -> following.failures().size() > failures);
        database.faults().admit();
      }
      case HISTORY_COMPACTED -> {
        following.closeStream();
        database.tick(2_000);
        table.compact(Math.max(table.since(), table.upper() - 1_000));
      }
      case GATEWAY_LETS_GO -> following.closeStream();
    }
  }
}
