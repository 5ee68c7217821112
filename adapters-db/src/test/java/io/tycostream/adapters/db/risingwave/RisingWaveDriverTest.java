package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A simulated RisingWave under the driver: what is quiet, what stands still, what is silent. */
class RisingWaveDriverTest {

  private static final String TABLE = "public.t";

  private final RisingWaveSimulator database = new RisingWaveSimulator();
  private final WireServer server = WireServer.listening(database);
  private final BlockingQueue<UpstreamState> states = new LinkedBlockingQueue<>();
  private final AtomicBoolean committing = new AtomicBoolean(true);
  private final AtomicBoolean over = new AtomicBoolean();
  private Thread cluster;
  private Source source;
  private UpstreamDriver driver;

  @BeforeEach
  void start() {
    database.create(TABLE, SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "varchar"));
    cluster = Thread.ofVirtual().start(this::commit);
    RisingWaveRelation relation =
        FollowedRelation.relation(TABLE, Optional.empty(), Duration.ofMinutes(10));
    source = new Source(FollowedRelation.SOURCE, relation.limits(), Instant.now());
    UpstreamSettings settings =
        new UpstreamSettings(
            Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200), 2, 0.1),
            OptionalInt.empty(),
            Duration.ofSeconds(7),
            Duration.ofSeconds(7),
            Duration.ofSeconds(2),
            UpstreamSettings.DEFAULT.stallAfter(),
            Duration.ofMinutes(1),
            Duration.ofSeconds(2));
    driver =
        new UpstreamDriver(
            "rw",
            new RisingWaveSource(List.of(settings()), relation, FollowedRelation.FAST),
            List.of(source),
            settings,
            (name, from, event, step) -> states.add(step.state()),
            InstantSource.system());
    driver.start();
  }

  @AfterEach
  void stop() throws Exception {
    driver.close();
    over.set(true);
    cluster.join();
    server.close();
    assertEquals(List.of(), server.failures());
  }

  /** A barrier comes every 5 ms, which is a second here, whether something happens or not. */
  private void commit() {
    while (!over.get()) {
      if (committing.get()) {
        database.advance(Duration.ofSeconds(1));
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  private RisingWaveSettings settings() {
    ConnectionSettings usual = FollowedRelation.settings(server).connection();
    return new RisingWaveSettings(
        new ConnectionSettings(
            usual.endpoint(),
            usual.user(),
            usual.password(),
            usual.sslMode(),
            usual.connectTimeout(),
            usual.queryTimeout(),
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            usual.poolSize(),
            usual.applicationName()),
        "");
  }

  private UpstreamState await(Predicate<UpstreamState> wanted) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      UpstreamState state = states.poll(30, TimeUnit.SECONDS);
      assertTrue(
          state != null && System.nanoTime() < end, () -> "it does not come: " + source.state());
      if (wanted.test(state)) {
        return state;
      }
    }
  }

  private static boolean isLive(UpstreamState state, boolean stalled) {
    return state instanceof UpstreamState.Live live && live.stalled() == stalled;
  }

  @Test
  void shouldTellAClusterThatCommitsNothingFromOneThatIsQuiet() throws Exception {
    await(state -> isLive(state, false));
    long unused = database.commit(c -> c.put(TABLE, "1", "a"));
    for (int i = 0; i < 100; i++) { // quiet for twenty times as long as a standstill may last
      UpstreamState state = states.poll(30, TimeUnit.SECONDS);
      assertTrue(isLive(state, false), () -> "a quiet cluster: " + state);
    }
    committing.set(false);
    await(state -> isLive(state, true));
    committing.set(true);
    await(state -> isLive(state, false));
    assertEquals(1, source.figures().orElseThrow().rows());
  }

  /** What was held up proves nothing about a stream that is not heard any more. */
  @Test
  void shouldNoticeThatAStreamIsSilentAlsoWhereNothingIsCommitted() throws Exception {
    await(state -> isLive(state, false));
    committing.set(false);
    await(state -> isLive(state, true));
    database.second(Duration.ofHours(1)); // a FETCH that does not come back
    UpstreamState.Waiting waiting =
        (UpstreamState.Waiting) await(UpstreamState.Waiting.class::isInstance);
    assertTrue(waiting.failure().message().contains("nothing was heard"), waiting::toString);
    database.second(Duration.ofMillis(5));
    committing.set(true);
    await(state -> isLive(state, false));
  }
}
