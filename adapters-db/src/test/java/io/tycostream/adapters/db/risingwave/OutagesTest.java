package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.Report;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.upstream.FailureKind;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Minutes of the database's time in which one thing after the other goes wrong: nothing is lost and
 * nothing comes twice, and what has to be read anew is, once for each reason.
 */
class OutagesTest {

  private static final String TABLE = "public.t";

  /** What goes wrong. */
  private enum Fault {
    CUT_NOW,
    CUT_IN_AN_ANSWER,
    RECOVERY,
    RESTART,
    TURNED_AWAY,
    CLOCK_BACK,
    FRONTEND_LAGS,
    SUBSCRIPTION_ANEW,
    RETENTION_OVER,
    GATEWAY_RESTART
  }

  private final RisingWaveSimulator database = new RisingWaveSimulator();
  private final WireServer server = WireServer.listening(database);

  @Test
  void nothingIsLostInAMinute() {
    play(60, 7);
  }

  @Test
  @Tag("long")
  void nothingIsLostInHalfAnHour() {
    play(30 * 60, 20_261_126);
  }

  /**
   * @param seconds of the database's time in which something happens; what it skips to be over a
   *     retention does not count
   */
  private void play(int seconds, long seed) {
    Random random = new Random(seed);
    database.second(Duration.ofMillis(1));
    database.create(TABLE, SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "varchar"));
    database.subscribe("sub", TABLE, Duration.ofMinutes(5));
    database.cutFetchesAt(3);
    Map<Fault, Integer> reached = new EnumMap<>(Fault.class);
    int resyncs = 0;
    int expectedResyncs = 0;
    FollowedRelation followed = follow();
    try {
      followed.until(() -> followed.complete() > 0);
      FollowedRelation current = followed;
      long played = 0;
      int steps = 0;
      while (played < seconds * 1000L) {
        int step = 400 + random.nextInt(1_200);
        played += step;
        steps++;
        database.advanceOnly(Duration.ofMillis(step));
        long last = commit(random);
        if (random.nextInt(3) == 0) {
          Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
          reached.merge(fault, 1, Integer::sum);
          boolean loses = fault == Fault.SUBSCRIPTION_ANEW || fault == Fault.RETENTION_OVER;
          if (loses || fault == Fault.GATEWAY_RESTART) {
            current.until(last); // so that no resync does for two, or is not needed any more
          }
          expectedResyncs += loses ? 1 : 0;
          goWrong(fault, random, current);
          if (fault == Fault.GATEWAY_RESTART) {
            current.check();
            resyncs += current.resyncs();
            current.close();
            current = follow();
          }
        }
        last = commit(random);
        if (random.nextInt(4) != 0) {
          current.until(last);
        }
        server.faults().admit();
        database.frontendClockOffset(Duration.ZERO);
        database.releaseFrontend();
      }
      current.until(database.commit(c -> c.put(TABLE, "0", "last")));
      current.check();
      resyncs += current.resyncs();
      current.close();
      assertEquals(expectedResyncs, resyncs, "each lost history is read anew once: " + reached);
      assertEquals(
          List.of(), current.failures.stream().filter(f -> f.kind() == FailureKind.QUERY).toList());
      if (seconds > 600) {
        assertEquals(Fault.values().length, reached.size(), "each was reached: " + reached);
      }
      assertTrue(played >= seconds * 1000L && steps >= seconds / 2);
      assertTrue(database.now() >= RisingWaveSimulator.START + played);
      System.out.print(
          String.format(
              "proof: RisingWave simulated for %d s with %d faults %s: 0 lost, 0 repeated, %d"
                  + " resyncs for %d lost histories%n",
              played / 1000,
              reached.values().stream().mapToInt(Integer::intValue).sum(),
              reached,
              resyncs,
              expectedResyncs));
    } finally {
      followed.close();
      server.close();
    }
    assertEquals(List.of(), server.failures());
  }

  private FollowedRelation follow() {
    return new FollowedRelation(
        server,
        database,
        FollowedRelation.relation(TABLE, Optional.empty(), Duration.ofSeconds(30)));
  }

  /** Always something that happens: a row whose value never was there. */
  private long commit(Random random) {
    int n = random.nextInt();
    return database.commit(c -> {
      c.put(TABLE, "0", Long.toString(database.now()) + n);
      for (int i = 0; i < n % 5; i++) {
        String id = Integer.toString(1 + Math.floorMod(n + i * 7, 6));
        if (i == 2) {
          c.remove(TABLE, id);
        } else {
          c.put(TABLE, id, "v" + n);
        }
      }
    });
  }

  private void goWrong(Fault fault, Random random, FollowedRelation followed) {
    switch (fault) {
      case CUT_NOW -> server.cutAll();
      case CUT_IN_AN_ANSWER -> server.faults().cutStreamsAfter(random.nextInt(500));
      case RECOVERY -> database.loseCursors();
      case RESTART -> {
        server.stopListening();
        server.cutAll();
        for (int i = 0; i < 3; i++) {
          followed.turn();
        }
        listenAgain();
      }
      case TURNED_AWAY -> {
        server.faults().refuse(Report.fatal("53300", "too many connections"));
        server.cutAll();
        for (int i = 0; i < 3; i++) {
          followed.turn();
        }
        server.faults().admit();
      }
      case CLOCK_BACK -> {
        server.cutAll();
        database.frontendClockOffset(Duration.ofMillis(-250));
      }
      case FRONTEND_LAGS -> {
        database.holdFrontend();
        database.advance(Duration.ofMillis(300));
        for (int i = 0; i < 20; i++) {
          followed.turn();
        }
        database.releaseFrontend();
      }
      case SUBSCRIPTION_ANEW -> {
        followed.breakStream();
        database.unsubscribe("sub");
        long unused = commit(random);
        database.subscribe("sub", TABLE, Duration.ofMinutes(5));
      }
      case RETENTION_OVER -> {
        followed.breakStream();
        long unused = commit(random);
        database.advance(Duration.ofMinutes(6));
      }
      case GATEWAY_RESTART -> {}
    }
  }

  /** Until the port is free: a client that connects to a closed one can take it for a moment. */
  private void listenAgain() {
    boolean taken = true;
    while (taken) {
      try {
        server.listen();
        taken = false;
      } catch (UncheckedIOException e) {
        Thread.onSpinWait();
      }
    }
  }
}
