package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.materialize.CatalogRows;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.domain.upstream.StreamException;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamMachine;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * When a relation is said to be stalled, at the settings that hold when nothing is configured, in
 * virtual time: a real stream from a simulated Materialize whose time, catalogue and progress are
 * those of the test, and the machine behind it.
 */
class MaterializeStallProperties {

  private static final long START = 1_700_000_000_000L;
  private static final int STEP = 250;
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final UpstreamSettings SETTINGS = UpstreamSettings.DEFAULT;
  private static final int STALL = Math.toIntExact(SETTINGS.stallAfter().toMillis());
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final AtomicInteger TABLES = new AtomicInteger();
  private static MaterializeSimulator database;

  @BeforeContainer
  static void start() {
    database = MaterializeSimulator.start();
    database.clock(START);
  }

  @AfterContainer
  static void stop() {
    database.close();
    assertEquals(List.of(), database.failures());
  }

  /** Progress comes about once a second, now and then seconds late; the catalogue lags too. */
  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void aDatabaseThatIsWellIsNeverStalledAndOneThatIsHeldUpIsAfterFiveHeartbeats(
      @ForAll @Size(12) List<@IntRange(min = 500, max = 4_500) Integer> pauses,
      @ForAll @IntRange(max = 5_000) int lag)
      throws StreamException {
    MzObject table = database.table("t" + TABLES.incrementAndGet(), MzColumn.int4("id"));
    table.retainHistory(3_600_000);
    table.advance(database.clock() + 1);
    try (Watched watched = new Watched(table, lag)) {
      for (int pause : pauses) {
        watched.silentFor(pause);
        assertFalse(watched.live().stalled(), () -> "silent for " + pause + " ms, lag " + lag);
        watched.progress();
      }
      watched.silentFor(STALL - STEP);
      assertFalse(watched.live().stalled());
      watched.silentFor(STEP);
      assertTrue(watched.live().stalled());
      // The database explains it, so that it may last longer than a stream may be silent.
      watched.silentFor(2 * Math.toIntExact(SETTINGS.silenceLimit().toMillis()));
      assertTrue(watched.live().stalled());
      watched.progress();
      assertFalse(watched.live().stalled());
    }
  }

  /** A stream with the machine behind it, and the clock of both. */
  private static final class Watched implements AutoCloseable {

    private final UpstreamMachine machine = new UpstreamMachine(List.of("mz"), SETTINGS);
    private final AtomicLong millis = new AtomicLong();
    private final MzObject table;
    private final long begun;
    private final int lag;
    private final Following following;
    private UpstreamState state = machine.initial();

    Watched(MzObject table, int lag) throws StreamException {
      this.table = table;
      this.begun = table.upper();
      this.lag = lag;
      MaterializeSource changes =
          new MaterializeSource(
              List.of(Following.settings(database.server(), HEARTBEAT)),
              Following.relation(table, Duration.ofSeconds(10), "id"),
              () -> Duration.ofMillis(millis.get()).toNanos());
      this.following = new Following(changes, table);
      following.untilCaughtUp();
      following.until(following::stands);
      // What lags is asked for; the newest is what the stream has told.
      database.answer(
          "tycostream:frontiers",
          CatalogRows.of(
              List.of(Column.text("read_frontier"), Column.text("write_frontier")),
              () -> List.of(List.of(Long.toString(table.since()), Long.toString(shown())))));
      tell(new UpstreamEvent.Started());
      tell(new UpstreamEvent.StreamOpened());
    }

    private long shown() {
      return Math.min(table.upper(), Math.max(begun, begun + millis.get() - lag));
    }

    UpstreamState.Live live() {
      return (UpstreamState.Live) state;
    }

    /** Each look is awaited, so that nothing depends on how fast it is. */
    void silentFor(int duration) throws StreamException {
      for (int passed = 0; passed < duration; passed += STEP) {
        millis.addAndGet(Math.min(STEP, duration - passed));
        boolean silent = !now().isBefore(live().heard().plus(HEARTBEAT));
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        do {
          assertTrue(System.nanoTime() < deadline, "nothing explains the silence");
          poll();
        } while (silent && !following.isHeldUp());
      }
    }

    void progress() throws StreamException {
      table.advance(begun + millis.get() + 1);
      following.untilCaughtUp();
      tell(new UpstreamEvent.FrontierMoved());
    }

    private void poll() throws StreamException {
      assertFalse(following.step());
      if (following.isHeldUp()) {
        tell(new UpstreamEvent.FrontierStoodStill());
      }
      if (!now().isBefore(state.deadline().orElseThrow())) {
        tell(new UpstreamEvent.DeadlineReached(0.5));
      }
    }

    private Instant now() {
      return Instant.EPOCH.plusMillis(millis.get());
    }

    private void tell(UpstreamEvent event) {
      state = machine.step(state, event, now()).state();
    }

    @Override
    public void close() {
      following.close();
    }
  }
}
