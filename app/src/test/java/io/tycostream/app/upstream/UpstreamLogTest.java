package io.tycostream.app.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.Step;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamMachine;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.text.MessageFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each change of a connection that the real machine decides about is one line, and nothing else.
 */
class UpstreamLogTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration SILENCE = Duration.ofSeconds(15);
  private static final Failure CUT = new Failure(FailureKind.NETWORK, "the connection was cut");
  private static final Failure MISSING = new Failure(FailureKind.QUERY, "there is no such table");
  private static final Failure LOST = new Failure(FailureKind.HISTORY_LOST, "the slot is gone");

  private final Logger logger = Logger.getLogger("io.tycostream.upstream");
  private final Lines lines = new Lines();
  private final UpstreamLog log = new UpstreamLog();
  private Instant now = START;
  private UpstreamMachine machine = machine("first");
  private UpstreamState state = machine.initial();

  private static UpstreamMachine machine(String... endpoints) {
    return new UpstreamMachine(
        List.of(endpoints),
        new UpstreamSettings(
            Backoff.DATABASE,
            OptionalInt.empty(),
            Duration.ofSeconds(40),
            Duration.ofSeconds(40),
            SILENCE,
            UpstreamSettings.DEFAULT.stallAfter(),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1)));
  }

  @BeforeEach
  void listen() {
    logger.addHandler(lines);
  }

  @AfterEach
  void listenNoMore() {
    logger.removeHandler(lines);
  }

  @Test
  void shouldTellHowAStreamBecomesLiveAndNothingWhileItIs() {
    tell(new UpstreamEvent.Started());
    assertTold();
    tell(new UpstreamEvent.SnapshotStarted());
    assertTold("INFO books: reading all rows at first");
    tell(new UpstreamEvent.OpeningProgressed());
    assertTold();
    tell(new UpstreamEvent.StreamOpened());
    assertTold("INFO books: live at first");
    tell(new UpstreamEvent.Heard());
    tell(new UpstreamEvent.FrontierMoved());
    assertTold();
  }

  @Test
  void shouldTellEachAttemptOfAnOutageItsAlertAndItsEnd() {
    goLive();
    tell(new UpstreamEvent.StreamFailed(CUT, 0.5));
    assertTold("WARNING books: the connection was cut; attempt 1 follows at first");
    reachDeadline();
    assertTold();
    pass(Duration.ofSeconds(30));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    assertTold("SEVERE books: ALERT: no stream has lasted since 2026-01-01T00:01:00Z");
    tell(new UpstreamEvent.StreamFailed(CUT, 0.5));
    assertTold("WARNING books: the connection was cut; attempt 2 follows at first");
    reachDeadline();
    tell(new UpstreamEvent.CatchUpStarted());
    assertTold("INFO books: catching up at first with what happened meanwhile");
    tell(new UpstreamEvent.StreamOpened());
    assertTold("INFO books: live at first");
    pass(Duration.ofSeconds(10));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    assertTold("WARNING books: the stream lasts, as none did since 2026-01-01T00:01:00Z");
  }

  @Test
  void shouldTellWhatFollowsAtOnce() {
    machine = machine("first", "second");
    goLive();
    tell(new UpstreamEvent.StreamFailed(CUT, 0.5));
    assertTold("WARNING books: the connection was cut; at once second follows");
    tell(new UpstreamEvent.StreamFailed(LOST, 0.5));
    assertTold("WARNING books: the slot is gone; at once second follows");
  }

  @Test
  void shouldTellThatItGoesBackToTheFirstEndpoint() {
    machine = machine("first", "second");
    goLive();
    tell(new UpstreamEvent.StreamFailed(CUT, 0.5));
    tell(new UpstreamEvent.StreamOpened());
    lines.told.clear();
    Optional<Checkpoint> complete = Optional.of(new Checkpoint("e", 7));
    Instant end = now.plus(Duration.ofMinutes(20));
    while (state instanceof UpstreamState.Live && now.isBefore(end)) {
      pass(Duration.ofSeconds(5));
      tell(new UpstreamEvent.Heard());
      tell(new UpstreamEvent.DeadlineReached(0.5));
      tell(new UpstreamEvent.EndpointProbed(0, complete, complete));
    }
    assertEquals(1, lines.told.size(), lines.told::toString);
    assertTrue(lines.told.getFirst().startsWith("INFO books: "), lines.told::toString);
    assertTrue(lines.told.getFirst().contains("first"), lines.told::toString);
  }

  @Test
  void shouldTellWhatIsGivenUpForNowAgainWithEachSlowRetry() {
    goLive();
    for (int time = 0; time < 3; time++) {
      tell(new UpstreamEvent.StreamFailed(MISSING, 0.5));
      tell(new UpstreamEvent.StreamFailed(MISSING, 0.5));
      assertTold("SEVERE books: given up for now: there is no such table");
      tell(new UpstreamEvent.RetryRequested());
      assertTold();
    }
  }

  @Test
  void shouldTellSilenceAsAFailure() {
    goLive();
    pass(SILENCE);
    tell(new UpstreamEvent.DeadlineReached(0.5));
    assertTold(
        "WARNING books: first: nothing was heard from the stream for 15000 ms; attempt 1 follows at"
            + " first");
  }

  @Test
  void shouldTellAStallOnceAndItsEndOnce() {
    goLive();
    while (!(state instanceof UpstreamState.Live live && live.stalled())) {
      assertTrue(now.isBefore(START.plus(Duration.ofMinutes(10))), "it does not stall");
      pass(Duration.ofSeconds(1));
      tell(new UpstreamEvent.FrontierStoodStill());
    }
    tell(new UpstreamEvent.FrontierStoodStill());
    assertTold(
        "WARNING books: stalled: connected to first, which has not moved on since"
            + " 2026-01-01T00:00:00Z");
    tell(new UpstreamEvent.FrontierMoved());
    assertTold("INFO books: live again, the database moves on");
    tell(new UpstreamEvent.FrontierMoved());
    assertTold();
  }

  @Test
  void shouldTellTheEndOnce() {
    goLive();
    tell(new UpstreamEvent.StopRequested());
    tell(new UpstreamEvent.StopRequested());
    assertTold("INFO books: stopped");
  }

  @Test
  void shouldTellOfASourceThatFailsAloneEachTimeAndOfItsReturn() {
    goLive();
    log.sourceFailed("books", "trades", MISSING);
    log.sourceFailed("books", "trades", MISSING);
    log.sourceReturned("books", "trades");
    assertTold(
        "SEVERE books: source trades is given up for now, the others go on: there is no such table",
        "SEVERE books: source trades is given up for now, the others go on: there is no such table",
        "INFO books: source trades is live again");
  }

  private void goLive() {
    tell(new UpstreamEvent.Started());
    tell(new UpstreamEvent.StreamOpened());
    reachDeadline(); // it has lasted,
    pass(Duration.ofSeconds(55)); // and lived for longer than any wait
    tell(new UpstreamEvent.Heard());
    lines.told.clear();
  }

  private void reachDeadline() {
    now = state.deadline().orElseThrow();
    tell(new UpstreamEvent.DeadlineReached(0.5));
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private void tell(UpstreamEvent event) {
    Step<UpstreamState, UpstreamEffect> step = machine.step(state, event, now);
    log.stepped("books", state, event, step);
    state = step.state();
  }

  /** What was told since this was asked last. */
  private void assertTold(String... expected) {
    assertEquals(List.of(expected), lines.told);
    lines.told.clear();
  }

  private static final class Lines extends Handler {
    final List<String> told = new ArrayList<>();

    @Override
    public void publish(LogRecord record) {
      told.add(
          record.getLevel()
              + " "
              + MessageFormat.format(record.getMessage(), record.getParameters()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
