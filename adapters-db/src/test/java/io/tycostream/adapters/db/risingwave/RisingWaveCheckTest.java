package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.Findings;
import io.tycostream.adapters.db.Observed;
import io.tycostream.adapters.db.simulator.risingwave.Dialect;
import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RisingWaveCheckTest {

  private final RisingWaveSimulator database = new RisingWaveSimulator();
  private final WireServer server = WireServer.listening(database);

  @AfterEach
  void end() {
    server.close();
    assertEquals(List.of(), server.failures());
  }

  private Findings check(String relation, List<String> key, boolean create) {
    return RisingWaveCheck.run(
        FollowedRelation.settings(server),
        new RisingWaveRelation(
            "books",
            relation,
            key.isEmpty() ? Optional.empty() : Optional.of(key),
            "sub",
            create,
            RisingWaveRelation.RETENTION,
            SourceLimits.DEFAULT));
  }

  @Test
  void shouldSayWhatCanBeFollowed() {
    database.create("public.t", SimulatedColumn.key("id", "int4"));
    database.subscribe("sub", "public.t", Duration.ofMinutes(1));
    Findings findings = check("public.t", List.of(), false);
    assertEquals(List.of(), findings.problems());
    assertTrue(findings.summary().getFirst().endsWith(": RisingWave 2.8"));
    assertEquals(
        "source books: table public.t, key id, subscription sub keeps 60 s",
        findings.summary().get(1));
    assertTrue(findings.summary().get(2).contains("keeps less than the history"));
  }

  @Test
  void shouldChangeNothing() {
    database.create("public.v", true, SimulatedColumn.of("id", "int4"));
    Findings findings = check("public.v", List.of(), true);
    assertEquals(List.of(), findings.problems());
    assertEquals(
        "source books: materialized view public.v, no key, subscription sub will be made",
        findings.summary().get(1));
    assertEquals(List.of(), database.subscriptions());
  }

  /** In each epoch, one a millisecond, one row is changed and one comes. */
  @Test
  void shouldSeeHowMuchChangesInTheDatabasesOwnTime() throws Exception {
    database.create("public.t", SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "int4"));
    database.subscribe("sub", "public.t", Duration.ofHours(1));
    AtomicBoolean over = new AtomicBoolean();
    Semaphore fetches = new Semaphore(0);
    database.beforeNextFetch(fetches::release);
    try (ExecutorService writer = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> written =
          writer.submit(() -> {
            for (int n = 1; !over.get(); n++) {
              int now = n;
              database.commit(c -> c.put("public.t", "0", "" + now).put("public.t", "" + now, "0"));
              fetches.tryAcquire(10, TimeUnit.MILLISECONDS);
              database.beforeNextFetch(fetches::release);
            }
            return true;
          });
      Observed seen =
          RisingWaveRate.observe(
              FollowedRelation.settings(server),
              FollowedRelation.relation("public.t", Optional.empty(), Duration.ofMinutes(10)),
              Duration.ofMillis(500));
      over.set(true);
      written.get(30, TimeUnit.SECONDS);
      Observed.Changes changes = assertInstanceOf(Observed.Changes.class, seen);
      assertTrue(changes.changes() > 0, seen::toString);
      assertEquals(2_000, changes.perSecond(), 1e-6, seen::toString);
    }
  }

  @Test
  void shouldSayWhyItDoesNotKnowHowMuchChanges() {
    database.create("public.t", SimulatedColumn.key("id", "int4"));
    RisingWaveRelation relation =
        FollowedRelation.relation("public.t", Optional.empty(), Duration.ofMinutes(10));
    Duration shortly = Duration.ofMillis(20);
    assertEquals(
        new Observed.NotKnown("there is no subscription yet to see changes in"),
        RisingWaveRate.observe(FollowedRelation.settings(server), relation, shortly));
    database.subscribe("sub", "public.t", Duration.ofHours(1));
    assertEquals(
        new Observed.NotKnown("the database did not get on in 20 ms"),
        RisingWaveRate.observe(FollowedRelation.settings(server), relation, shortly));
  }

  @Test
  void shouldSayWhatIsMissing() {
    database.create("public.t", SimulatedColumn.key("id", "int4"));
    assertTrue(check("public.t", List.of(), false).problems().getFirst().contains("is missing"));
    assertTrue(
        check("public.t", List.of("no"), true).problems().getFirst().contains("not among its"));
    assertTrue(
        check("public.u", List.of(), true).problems().getFirst().contains("no table or mater"));
    server.stopListening();
    assertEquals(1, check("public.t", List.of(), true).problems().size());
  }

  @Test
  void shouldSayThatAServerIsTooOld() {
    try (WireServer old = WireServer.listening(new RisingWaveSimulator(Dialect.NUMBERED))) {
      Findings findings =
          RisingWaveCheck.run(
              FollowedRelation.settings(old),
              FollowedRelation.relation("public.t", Optional.empty(), Duration.ofMinutes(1)));
      assertTrue(findings.problems().getFirst().contains("1.10 is too old"), findings.toString());
    }
  }
}
