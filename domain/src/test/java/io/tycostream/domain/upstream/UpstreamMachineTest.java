package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tycostream.domain.MachineDocument;
import io.tycostream.domain.Step;
import io.tycostream.domain.TransitionTable;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.upstream.UpstreamEffect.ClearAlert;
import io.tycostream.domain.upstream.UpstreamEffect.CloseStream;
import io.tycostream.domain.upstream.UpstreamEffect.OpenStream;
import io.tycostream.domain.upstream.UpstreamEffect.RaiseAlert;
import io.tycostream.domain.upstream.UpstreamEvent.DeadlineReached;
import io.tycostream.domain.upstream.UpstreamEvent.Heard;
import io.tycostream.domain.upstream.UpstreamEvent.RetryRequested;
import io.tycostream.domain.upstream.UpstreamEvent.SnapshotStarted;
import io.tycostream.domain.upstream.UpstreamEvent.Started;
import io.tycostream.domain.upstream.UpstreamEvent.StopRequested;
import io.tycostream.domain.upstream.UpstreamEvent.StreamFailed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamOpened;
import io.tycostream.domain.upstream.UpstreamState.Connecting;
import io.tycostream.domain.upstream.UpstreamState.Failed;
import io.tycostream.domain.upstream.UpstreamState.Idle;
import io.tycostream.domain.upstream.UpstreamState.Live;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Snapshotting;
import io.tycostream.domain.upstream.UpstreamState.Stopped;
import io.tycostream.domain.upstream.UpstreamState.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class UpstreamMachineTest {

  private static final Instant NOW = Instant.parse("2026-11-21T20:45:16Z");
  private static final Instant SINCE = NOW.minusSeconds(60);
  private static final Duration SILENCE = Duration.ofSeconds(15);
  private static final Duration ALERT = Duration.ofSeconds(60);
  private static final Duration SLOW = Duration.ofSeconds(90);
  private static final double CHANCE = 0.75;
  private static final Failure CUT = new Failure(FailureKind.NETWORK, "cut");

  private static final Backoff BACKOFF = Backoff.DATABASE;
  private static final UpstreamSettings SETTINGS =
      new UpstreamSettings(BACKOFF, OptionalInt.empty(), SILENCE, ALERT, SLOW);

  private final UpstreamMachine machine = new UpstreamMachine(SETTINGS);

  /** An outage whose alert is due now, which is still to be raised. */
  private static final Outage DARK = new Outage(SINCE, 2, false, false, false, Optional.of(NOW));

  /** The same after the alert, when nothing can be resumed. */
  private static final Outage KNOWN = new Outage(SINCE, 2, true, false, false, Optional.empty());

  /** Each state, most of them as they are at the moment when their deadline has come. */
  private enum From {
    IDLE(new Idle()),
    CONNECTING(new Connecting(DARK)),
    CONNECTING_FRESH(new Connecting(KNOWN)),
    SNAPSHOTTING(new Snapshotting(DARK, NOW.minusSeconds(1))),
    SNAPSHOTTING_FRESH(new Snapshotting(KNOWN, NOW.minusSeconds(1))),
    LIVE(new Live(NOW.minusSeconds(999), NOW.minus(SILENCE), NOW, 3)),
    LIVE_BRIEFLY(new Live(NOW.minusMillis(1), NOW.minusMillis(1), NOW.plusSeconds(1), 3)),
    WAITING(new Waiting(KNOWN, CUT, NOW)),
    WAITING_IN_THE_DARK(new Waiting(DARK, CUT, NOW.plusSeconds(1))),
    FAILED(new Failed(KNOWN, CUT, SINCE, NOW)),
    FAILED_IN_THE_DARK(new Failed(DARK, CUT, SINCE, NOW.plusSeconds(1))),
    STOPPED(new Stopped());

    private final UpstreamState state;

    From(UpstreamState state) {
      this.state = state;
    }
  }

  private static List<UpstreamEvent> events() {
    return List.of(
        new Started(),
        new SnapshotStarted(),
        new StreamOpened(),
        new Heard(),
        new StreamFailed(CUT, CHANCE),
        new DeadlineReached(CHANCE),
        new RetryRequested(),
        new StopRequested());
  }

  private static final TransitionTable<From, UpstreamState, UpstreamEvent, UpstreamEffect> TABLE =
      new TransitionTable<>(List.of(From.values()), from -> from.state, events());

  @TestFactory
  List<DynamicTest> everyStateAnswersEveryEvent() {
    return TABLE.cells(UpstreamState.class, UpstreamEvent.class, this::expected, this::stepNow);
  }

  @Test
  void thePageAboutItSaysWhatItDoes() throws IOException {
    new MachineDocument<>(
            "The connection to a database",
            "When the gateway opens, gives up and tries again its stream from a database.",
            UpstreamMachine.class,
            TABLE,
            this::stepNow,
            Map.of())
        .assertIsWritten("upstream.md", UpstreamMachineTest.class);
  }

  private Step<UpstreamState, UpstreamEffect> stepNow(UpstreamState state, UpstreamEvent event) {
    return machine.step(state, event, NOW);
  }

  /** The table; a state or an event that is missing here does not compile. */
  private Step<UpstreamState, UpstreamEffect> expected(From from, UpstreamEvent event) {
    return switch (from) {
      case IDLE ->
          switch (event) {
            case Started e -> Step.to(new Connecting(begins(0, true, false)), new OpenStream(true));
            case StopRequested e -> Step.to(new Stopped());
            case SnapshotStarted e -> stays(from);
            case StreamOpened e -> stays(from);
            case Heard e -> stays(from);
            case StreamFailed e -> stays(from);
            case DeadlineReached e -> stays(from);
            case RetryRequested e -> stays(from);
          };
      case CONNECTING, CONNECTING_FRESH -> {
        Outage outage = from == From.CONNECTING ? DARK : KNOWN;
        yield switch (event) {
          case SnapshotStarted e -> Step.to(new Snapshotting(outage, NOW));
          case StreamOpened e -> opened(outage);
          case StreamFailed e -> Step.to(waits(outage.nextAttempt(), 2));
          case DeadlineReached e ->
              from == From.CONNECTING
                  ? Step.to(new Connecting(DARK.alerted()), new RaiseAlert(SINCE))
                  : stays(from);
          case StopRequested e -> Step.to(new Stopped(), new CloseStream());
          case Started e -> stays(from);
          case Heard e -> stays(from);
          case RetryRequested e -> stays(from);
        };
      }
      case SNAPSHOTTING, SNAPSHOTTING_FRESH -> {
        Snapshotting snapshotting = (Snapshotting) from.state;
        Outage outage = snapshotting.outage();
        yield switch (event) {
          case StreamOpened e -> opened(outage);
          case StreamFailed e -> Step.to(waits(outage.nextAttempt(), 2));
          case DeadlineReached e ->
              from == From.SNAPSHOTTING
                  ? Step.to(
                      new Snapshotting(DARK.alerted(), snapshotting.since()), new RaiseAlert(SINCE))
                  : stays(from);
          case StopRequested e -> Step.to(new Stopped(), new CloseStream());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case Heard e -> stays(from);
          case RetryRequested e -> stays(from);
        };
      }
      case LIVE, LIVE_BRIEFLY -> {
        Live live = (Live) from.state;
        boolean brief = from == From.LIVE_BRIEFLY;
        int failed = brief ? 3 : 0;
        Outage outage = begins(failed + 1, false, brief);
        yield switch (event) {
          case Heard e -> Step.to(new Live(live.since(), NOW, NOW.plus(SILENCE), 3));
          case StreamFailed e -> Step.to(waits(outage, failed), new CloseStream());
          case DeadlineReached e ->
              brief
                  ? stays(from)
                  : Step.to(
                      new Waiting(outage, silence(), NOW.plus(BACKOFF.delay(0, CHANCE))),
                      new CloseStream());
          case StopRequested e -> Step.to(new Stopped(), new CloseStream());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case StreamOpened e -> stays(from);
          case RetryRequested e -> stays(from);
        };
      }
      case WAITING, WAITING_IN_THE_DARK -> {
        boolean due = from == From.WAITING;
        Step<UpstreamState, UpstreamEffect> opens =
            Step.to(new Connecting(due ? KNOWN : DARK), new OpenStream(due));
        yield switch (event) {
          case DeadlineReached e ->
              due
                  ? opens
                  : Step.to(
                      new Waiting(DARK.alerted(), CUT, NOW.plusSeconds(1)), new RaiseAlert(SINCE));
          case RetryRequested e -> opens;
          case StopRequested e -> Step.to(new Stopped());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case StreamOpened e -> stays(from);
          case Heard e -> stays(from);
          case StreamFailed e -> stays(from);
        };
      }
      case FAILED, FAILED_IN_THE_DARK -> {
        boolean due = from == From.FAILED;
        Outage helped =
            new Outage(SINCE, 0, due, false, false, due ? Optional.empty() : Optional.of(NOW));
        Step<UpstreamState, UpstreamEffect> opens =
            Step.to(new Connecting(helped), new OpenStream(due));
        yield switch (event) {
          case DeadlineReached e ->
              due
                  ? opens
                  : Step.to(
                      new Failed(DARK.alerted(), CUT, SINCE, NOW.plusSeconds(1)),
                      new RaiseAlert(SINCE));
          case RetryRequested e -> opens;
          case StopRequested e -> Step.to(new Stopped());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case StreamOpened e -> stays(from);
          case Heard e -> stays(from);
          case StreamFailed e -> stays(from);
        };
      }
      case STOPPED -> stays(from);
    };
  }

  @TestFactory
  List<DynamicTest> everyKindOfFailureHasItsAnswer() {
    return List.of(FailureKind.values()).stream()
        .map(kind ->
            DynamicTest.dynamicTest(
                kind.name(),
                () -> {
                  Failure failure = new Failure(kind, "so");
                  assertEquals(first(failure), fails(DARK, failure));
                  assertEquals(again(failure), fails(secondTime(DARK), failure));
                }))
        .toList();
  }

  private static Step<UpstreamState, UpstreamEffect> first(Failure failure) {
    Outage next = DARK.nextAttempt();
    return switch (failure.kind()) {
      case NETWORK -> Step.to(waits(next, failure, 2));
      case RESOURCES -> Step.to(waits(next, failure, 7));
      case QUERY -> Step.to(new Failed(DARK, failure, NOW, NOW.plus(SLOW)));
      case HISTORY_LOST ->
          Step.to(
              new Connecting(new Outage(SINCE, 2, true, true, false, DARK.alertAt())),
              new OpenStream(true));
      case CREDENTIALS ->
          Step.to(waits(new Outage(SINCE, 3, false, false, true, DARK.alertAt()), failure, 2));
    };
  }

  private static Step<UpstreamState, UpstreamEffect> again(Failure failure) {
    Outage second = secondTime(DARK);
    Outage next = second.nextAttempt();
    return switch (failure.kind()) {
      case NETWORK -> Step.to(waits(next, failure, 2));
      case RESOURCES -> Step.to(waits(next, failure, 7));
      case QUERY, CREDENTIALS -> Step.to(new Failed(second, failure, NOW, NOW.plus(SLOW)));
      case HISTORY_LOST ->
          Step.to(waits(new Outage(SINCE, 3, true, true, true, DARK.alertAt()), failure, 2));
    };
  }

  @Test
  void theRetriesThatWereAllowedAreMadeAndNotOneMore() {
    UpstreamMachine limited =
        new UpstreamMachine(new UpstreamSettings(BACKOFF, OptionalInt.of(2), SILENCE, ALERT, SLOW));
    UpstreamState state = limited.step(limited.initial(), new Started(), NOW).state();
    for (int retry = 0; retry < 2; retry++) {
      state = limited.step(state, new StreamFailed(CUT, CHANCE), NOW).state();
      state = limited.step(state, new RetryRequested(), NOW).state();
      assertInstanceOf(Connecting.class, state);
    }
    state = limited.step(state, new StreamFailed(CUT, CHANCE), NOW).state();
    assertEquals(2, assertInstanceOf(Failed.class, state).outage().attempt());
  }

  @Test
  void aSnapshotThatNeverFitsIsNotReadOverAndOverWithoutAPause() {
    UpstreamState state = machine.step(machine.initial(), new Started(), NOW).state();
    Failure misfit = new Failure(FailureKind.HISTORY_LOST, "misfit");
    for (int attempt = 0; attempt < 10; attempt++) {
      state = machine.step(state, new SnapshotStarted(), NOW).state();
      state = machine.step(state, new StreamOpened(), NOW).state();
      Step<UpstreamState, UpstreamEffect> step =
          machine.step(state, new StreamFailed(misfit, CHANCE), NOW);
      assertEquals(List.of(new CloseStream()), step.effects());
      Waiting waiting = assertInstanceOf(Waiting.class, step.state());
      assertEquals(NOW.plus(BACKOFF.delay(attempt, CHANCE)), waiting.until());
      step = machine.step(waiting, new RetryRequested(), NOW);
      assertEquals(List.of(new OpenStream(true)), step.effects());
      state = step.state();
    }
  }

  private Step<UpstreamState, UpstreamEffect> fails(Outage outage, Failure failure) {
    return machine.step(new Connecting(outage), new StreamFailed(failure, CHANCE), NOW);
  }

  private static Outage secondTime(Outage outage) {
    return new Outage(outage.since(), outage.attempt(), true, true, true, outage.alertAt());
  }

  private static Outage begins(int attempt, boolean fresh, boolean brief) {
    return new Outage(NOW, attempt, fresh, brief, false, Optional.of(NOW.plus(ALERT)));
  }

  private static Step<UpstreamState, UpstreamEffect> opened(Outage outage) {
    Live live = new Live(NOW, NOW, NOW.plus(SILENCE), 2);
    return outage.alertAt().isPresent()
        ? Step.to(live)
        : Step.to(live, new ClearAlert(outage.since()));
  }

  private static Waiting waits(Outage outage, int attempt) {
    return waits(outage, CUT, attempt);
  }

  private static Waiting waits(Outage outage, Failure failure, int attempt) {
    return new Waiting(outage, failure, NOW.plus(BACKOFF.delay(attempt, CHANCE)));
  }

  private static Failure silence() {
    return new Failure(
        FailureKind.NETWORK, "nothing was heard from the stream for " + SILENCE.toMillis() + " ms");
  }

  private static Step<UpstreamState, UpstreamEffect> stays(From from) {
    return Step.to(from.state);
  }
}
