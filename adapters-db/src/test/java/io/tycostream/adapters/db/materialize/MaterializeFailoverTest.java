package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two endpoints of the same environment, of which the second is behind the first. */
class MaterializeFailoverTest {

  private static final long START = 1_700_000_000_000L;
  private static final Duration HEARTBEAT = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final MaterializeSimulator primary = MaterializeSimulator.start();
  private final MaterializeSimulator second = MaterializeSimulator.start();
  private final AtomicLong skipped = new AtomicLong();
  private MzObject here;
  private MzObject there;

  @BeforeEach
  void makeTables() {
    here = table(primary);
    there = table(second);
    insert(START, 1);
    here.advance(START + 1);
    there.advance(START + 1);
  }

  @AfterEach
  void stop() {
    primary.close();
    second.close();
    assertEquals(List.of(), primary.failures());
    assertEquals(List.of(), second.failures());
  }

  private static MzObject table(MaterializeSimulator database) {
    database.clock(START);
    MzObject table = database.table("t", MzColumn.int4("id"), MzColumn.text("note"));
    return table.retainHistory(3_600_000);
  }

  /** Both have all that is written, sooner or later. */
  private void insert(long time, int id) {
    here.insert(time, "" + id, "x");
    there.insert(time, "" + id, "x");
  }

  private MaterializeSource source(boolean replica) {
    return new MaterializeSource(
        List.of(
            Following.settings(endpoint(primary, false), HEARTBEAT),
            Following.settings(endpoint(second, replica), HEARTBEAT)),
        Following.relation(here, Duration.ofSeconds(10), "id"),
        () -> System.nanoTime() + skipped.get());
  }

  private static DatabaseEndpoint endpoint(MaterializeSimulator database, boolean replica) {
    return new DatabaseEndpoint(
        "Materialize",
        database.server().host(),
        database.server().port(),
        "materialize",
        replica,
        "");
  }

  private static void pollInVain(Following following) throws Exception {
    for (int poll = 0; poll < 30; poll++) {
      assertFalse(following.step());
      assertFalse(following.stands(), "rows do not flow");
    }
  }

  private static void assertNothingLost(Following following) {
    following.assertEachMomentPublished();
    assertEquals(0, following.repeated());
    assertEquals(0, following.resyncs());
    assertEquals(1, following.freshOpened());
  }

  @Test
  void aReplicaThatIsALittleBehindIsWaitedForAndNotLiveBeforeItIsWhereWeAre() throws Exception {
    try (Following following = new Following(source(true), here)) {
      following.untilCaughtUp();
      insert(START + 40, 2);
      insert(START + 90, 3);
      insert(START + 100, 4);
      here.advance(START + 101);
      following.untilCaughtUp();
      Checkpoint held = following.complete().orElseThrow();
      there.advance(START + 50);
      following.endpoint(1, there);
      following.until(() -> second.subscriptions(there) == 1);
      pollInVain(following);
      there.advance(START + 100); // everything but the last moment that we have
      pollInVain(following);
      assertEquals(held, following.complete().orElseThrow());
      insert(START + 101, 5);
      insert(START + 150, 6);
      there.advance(START + 101);
      following.until(following::stands);
      there.advance(START + 200);
      following.untilCaughtUp();
      assertEquals(List.of(), following.failures());
      assertNothingLost(following);
    }
  }

  @Test
  void aReplicaThatIsFarBehindIsTriedAgainUntilItIsWhereWeAre() throws Exception {
    try (Following following = new Following(source(true), here)) {
      following.untilCaughtUp();
      insert(START + 20_000, 2);
      here.advance(START + 20_001);
      following.untilCaughtUp();
      following.endpoint(1, there);
      following.until(() -> following.failures().size() == 3);
      assertEquals(0, second.subscriptions(there));
      following.failures().forEach(each -> assertEquals(FailureKind.BEHIND, each.kind()));
      String message = following.failures().getFirst().message();
      assertTrue(message.contains("lags behind us by 20000 ms"), message);
      insert(START + 20_100, 3);
      there.advance(START + 20_200);
      following.untilCaughtUp();
      assertNothingLost(following);
    }
  }

  /** A snapshot of the past would lead backwards. */
  @Test
  void allRowsAreNotReadAnewAtAReplicaThatIsBehind() throws Exception {
    try (Following following = new Following(source(true), here)) {
      following.untilCaughtUp();
      here.advance(START + 20_001);
      following.untilCaughtUp();
      following.endpoint(1, there);
      following.loseHistory();
      following.until(() -> !following.failures().isEmpty());
      assertEquals(FailureKind.BEHIND, following.failures().getFirst().kind());
      assertTrue(following.failures().getFirst().message().contains("lags behind us by 20000 ms"));
      there.advance(START + 20_200);
      following.untilCaughtUp();
      assertEquals(0, following.repeated());
    }
  }

  /** Another endpoint may be further, so that it is not waited for without end. */
  @Test
  void aReplicaThatDoesNotComeToWhereWeAreIsGivenUp() throws Exception {
    try (Following following = new Following(source(true), here)) {
      following.untilCaughtUp();
      here.advance(START + 101);
      following.untilCaughtUp();
      following.endpoint(1, there);
      following.until(() -> second.subscriptions(there) == 1);
      pollInVain(following);
      assertEquals(List.of(), following.failures());
      skipped.addAndGet(Duration.ofSeconds(5).toNanos()); // as long as a stream may be silent
      following.until(() -> !following.failures().isEmpty());
      assertEquals(FailureKind.BEHIND, following.failures().getFirst().kind());
    }
  }

  /** What is never live is not said to be: the environment may have been set back. */
  @Test
  void aPrimaryThatIsBehindIsNotLiveEither() throws Exception {
    try (Following following = new Following(source(false), here)) {
      following.untilCaughtUp();
      here.advance(START + 20_001);
      following.untilCaughtUp();
      following.endpoint(1, there);
      following.until(() -> second.subscriptions(there) == 1);
      pollInVain(following);
      there.advance(START + 50);
      pollInVain(following);
    }
  }

  /** A relation of which nothing is new is live as soon as the server has said so. */
  @Test
  void anEndpointAtWhichNothingHappenedIsLive() throws Exception {
    try (Following following = new Following(source(true), here)) {
      following.untilCaughtUp();
      following.endpoint(1, there);
      following.until(following::stands);
      assertEquals(List.of(), following.failures());
      assertNothingLost(following);
    }
  }

  @Test
  void aProbeOfAReplicaTellsWhereItsRelationIs() {
    second.clock(START + 60_000);
    assertEquals(START, source(true).probe(1).orElseThrow().time());
    assertEquals(START + 60_000, source(false).probe(1).orElseThrow().time());
    there.advance(START + 58_001); // the catalogue's lag may explain that
    assertEquals(START + 60_000, source(true).probe(1).orElseThrow().time());
  }

  @Test
  void theSourceIsLiveAgainOnlyWhenTheReplicaIsWhereWeWere() throws Exception {
    LinkedBlockingQueue<UpstreamState> states = new LinkedBlockingQueue<>();
    UpstreamObserver observer = (database, from, event, step) -> states.add(step.state());
    Source source = new Source("t", SourceLimits.DEFAULT, Instant.now());
    insert(START + 40, 2);
    insert(START + 90, 3);
    here.advance(START + 101);
    there.advance(START + 50);
    try (UpstreamDriver driver =
        new UpstreamDriver(
            "mz",
            source(true),
            List.of(source),
            UpstreamSettings.DEFAULT,
            observer,
            InstantSource.system())) {
      driver.start();
      await(states, UpstreamState.Live.class::isInstance);
      assertEquals(START + 100, source.generation().orElseThrow().progress().position().time());
      primary.stop();
      await(states, UpstreamState.Connecting.class::isInstance);
      await(
          states,
          state -> {
            assertFalse(state instanceof UpstreamState.Live, state::toString);
            return state instanceof UpstreamState.CatchingUp;
          });
      long asked = looks();
      await(
          states,
          state -> {
            assertFalse(state instanceof UpstreamState.Live, state::toString);
            return looks() > asked + 10;
          });
      insert(START + 101, 4);
      there.advance(START + 200);
      UpstreamState.Live live =
          (UpstreamState.Live) await(states, UpstreamState.Live.class::isInstance);
      assertTrue(live.endpoints().failedOver());
      assertEquals(START + 199, source.generation().orElseThrow().progress().position().time());
      assertEquals(4, source.figures().orElseThrow().rows());
    }
  }

  private static UpstreamState await(
      LinkedBlockingQueue<UpstreamState> states, Predicate<UpstreamState> wanted)
      throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      UpstreamState state = states.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertTrue(state != null && System.nanoTime() < deadline, "it does not come");
      if (wanted.test(state)) {
        return state;
      }
    }
  }

  private long looks() {
    return second.statements().stream().filter(sql -> sql.contains("tycostream:frontiers")).count();
  }
}
