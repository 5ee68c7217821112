package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.Step;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.upstream.UpstreamEffect.ClearAlert;
import io.tycostream.domain.upstream.UpstreamEffect.CloseStream;
import io.tycostream.domain.upstream.UpstreamEffect.OpenStream;
import io.tycostream.domain.upstream.UpstreamEffect.RaiseAlert;
import io.tycostream.domain.upstream.UpstreamEvent.DeadlineReached;
import io.tycostream.domain.upstream.UpstreamEvent.StreamFailed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamOpened;
import io.tycostream.domain.upstream.UpstreamState.Connecting;
import io.tycostream.domain.upstream.UpstreamState.Failed;
import io.tycostream.domain.upstream.UpstreamState.Idle;
import io.tycostream.domain.upstream.UpstreamState.Live;
import io.tycostream.domain.upstream.UpstreamState.Snapshotting;
import io.tycostream.domain.upstream.UpstreamState.Stopped;
import io.tycostream.domain.upstream.UpstreamState.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Whatever happens in whatever order, after every step:
 *
 * <ol>
 *   <li>At most one stream is open or being opened; one that was lost while live is closed exactly
 *       once, one that failed to open not at all.
 *   <li>The first stream is fresh. After a lost history the next one that opens was asked for
 *       fresh; none is fresh without a reason.
 *   <li>In an outage a lost history is answered by a fresh stream at once one time at most, and in
 *       one that follows a short life never.
 *   <li>Refused credentials are tried once more, then the connection has failed; a refused query
 *       fails at once; more attempts than allowed fail.
 *   <li>A wait lies within the bounds of the backoff, a slow retry where the settings say.
 *   <li>Every state that waits has a deadline not in the future beyond what it waits for.
 *   <li>An alert is raised once in an outage, not before its time, and cleared once, when the
 *       database is back.
 *   <li>Stopped is the end, and closes what is open.
 *   <li>A deadline told before its time changes nothing.
 * </ol>
 */
final class UpstreamMachineProperties {

  private static final Duration ALERT = Duration.ofSeconds(20);
  private static final Duration SLOW = Duration.ofSeconds(30);
  private static final Duration SILENCE = Duration.ofSeconds(15);

  /** Something that happens after a while. */
  record Happening(Duration after, boolean atDeadline, UpstreamEvent event) {}

  @Property(tries = 1_500, edgeCases = EdgeCasesMode.NONE)
  void holdsItsInvariants(
      @ForAll("happenings") List<Happening> happenings, @ForAll("limits") OptionalInt maxRetries) {
    UpstreamSettings settings =
        new UpstreamSettings(Backoff.DATABASE, maxRetries, SILENCE, ALERT, SLOW);
    Observed observed = new Observed(settings);
    for (Happening happening : happenings) {
      observed.now =
          happening.atDeadline
              ? observed
                  .state
                  .deadline()
                  .filter(at -> at.isAfter(observed.now))
                  .orElse(observed.now)
              : observed.now.plus(happening.after);
      observed.tell(happening.event);
    }
  }

  /** A machine, and what a careful operator would write down next to it. */
  private static final class Observed {
    private final UpstreamSettings settings;
    private final UpstreamMachine machine;
    private UpstreamState state;
    private Instant now = Instant.EPOCH;
    private boolean stream;
    private boolean readBefore;
    private boolean freshWanted = true;
    private boolean shortLife;
    private boolean freshAtOnce;
    private int refusedCredentials;
    private boolean alerted;
    private Instant downSince = Instant.EPOCH;

    Observed(UpstreamSettings settings) {
      this.settings = settings;
      this.machine = new UpstreamMachine(settings);
      this.state = machine.initial();
    }

    void tell(UpstreamEvent event) {
      final UpstreamState from = state;
      Step<UpstreamState, UpstreamEffect> step = machine.step(from, event, now);
      assertIsTheEndOrEarly(from, event, step);
      if (event instanceof StreamFailed failed && isOpen(from)) {
        broke(from, failed.failure().kind());
      } else if (event instanceof DeadlineReached && closed(from, step)) {
        broke(from, FailureKind.NETWORK);
      } else if (event instanceof StreamOpened && isOpening(from)) {
        readBefore = true;
        freshWanted = false;
      }
      step.effects().forEach(effect -> perform(effect, from, event));
      state = step.state();
      if (from instanceof Failed && state instanceof Connecting) {
        refusedCredentials = 0;
        freshAtOnce = false;
        shortLife = false;
      }
      if (state instanceof Live && !(from instanceof Live)) {
        assertFalse(alerted, "not cleared");
      }
      assertEquals(isOpen(state), stream, "1");
      assertWaits(from, event);
      assertHasDeadline();
    }

    private void broke(UpstreamState from, FailureKind kind) {
      if (from instanceof Live live) {
        downSince = now;
        Duration lived = Duration.between(live.since(), now);
        shortLife = lived.compareTo(settings.backoff().delay(live.attempt(), 0.5)) < 0;
        freshAtOnce = false;
        refusedCredentials = 0;
      } else {
        stream = false; // it failed to open: nothing is left to close
      }
      freshWanted |= kind == FailureKind.HISTORY_LOST;
      refusedCredentials += kind == FailureKind.CREDENTIALS ? 1 : 0;
    }

    private void perform(UpstreamEffect effect, UpstreamState from, UpstreamEvent event) {
      switch (effect) {
        case OpenStream open -> {
          assertFalse(stream, "1: a second stream");
          stream = true;
          assertEquals(freshWanted || !readBefore, open.fresh(), "2");
          if (event instanceof StreamFailed) {
            assertTrue(open.fresh(), "3: at once, and not fresh");
            assertFalse(freshAtOnce || shortLife, "3: fresh at once again");
            freshAtOnce = true;
          }
        }
        case CloseStream close -> {
          assertTrue(stream, "1: nothing to close");
          stream = false;
        }
        case RaiseAlert(Instant since) -> {
          assertFalse(alerted || from instanceof Live, "7: raised twice");
          assertEquals(downSince, since);
          assertFalse(now.isBefore(downSince.plus(ALERT)), "7: too early");
          alerted = true;
        }
        case ClearAlert(Instant since) -> {
          assertTrue(alerted, "7: nothing to clear");
          assertEquals(downSince, since);
          alerted = false;
        }
      }
    }

    private void assertIsTheEndOrEarly(
        UpstreamState from, UpstreamEvent event, Step<UpstreamState, UpstreamEffect> step) {
      boolean early =
          event instanceof DeadlineReached
              && from.deadline().filter(at -> !now.isBefore(at)).isEmpty();
      if (from instanceof Stopped || early) {
        assertEquals(Step.to(from), step, "8, 9");
      }
    }

    private void assertWaits(UpstreamState from, UpstreamEvent event) {
      if (state instanceof Waiting waiting && !(from instanceof Waiting)) {
        Duration wait = Duration.between(now, waiting.until());
        assertTrue(wait.compareTo(Duration.ofMillis(90)) >= 0, () -> "5: " + wait);
        assertTrue(wait.compareTo(Duration.ofSeconds(30)) <= 0, () -> "5: " + wait);
        assertTrue(refusedCredentials <= 1 || !isCredentials(waiting.failure()), "4");
        settings.maxRetries().ifPresent(max -> assertTrue(waiting.outage().attempt() <= max, "4"));
      } else if (state instanceof Failed failed && !(from instanceof Failed)) {
        assertEquals(now.plus(SLOW), failed.retryAt(), "5");
        boolean credentials = isCredentials(failed.failure()) && refusedCredentials >= 2;
        boolean limit =
            settings.maxRetries().isPresent()
                && failed.outage().attempt() >= settings.maxRetries().getAsInt();
        assertTrue(
            credentials || limit || failed.failure().kind() == FailureKind.QUERY,
            () -> "4: " + from + " " + event);
      }
    }

    private void assertHasDeadline() {
      switch (state) {
        case Idle idle -> assertTrue(state.deadline().isEmpty());
        case Stopped stopped -> assertTrue(state.deadline().isEmpty());
        case Connecting connecting -> assertEquals(alerted, state.deadline().isEmpty(), "6");
        case Snapshotting snapshotting -> assertEquals(alerted, state.deadline().isEmpty(), "6");
        case Live live -> assertEquals(live.heard().plus(SILENCE), dueAt(), "6");
        case Waiting waiting -> assertEquals(alertOr(waiting.until()), dueAt(), "6");
        case Failed failed -> assertEquals(alertOr(failed.retryAt()), dueAt(), "6");
      }
    }

    private Instant dueAt() {
      return state.deadline().orElseThrow();
    }

    private Instant alertOr(Instant other) {
      Instant alert = downSince.plus(ALERT);
      return !alerted && alert.isBefore(other) ? alert : other;
    }
  }

  private static boolean isCredentials(Failure failure) {
    return failure.kind() == FailureKind.CREDENTIALS;
  }

  private static boolean closed(UpstreamState from, Step<UpstreamState, UpstreamEffect> step) {
    return from instanceof Live && step.effects().contains(new CloseStream());
  }

  private static boolean isOpening(UpstreamState state) {
    return state instanceof Connecting || state instanceof Snapshotting;
  }

  private static boolean isOpen(UpstreamState state) {
    return isOpening(state) || state instanceof Live;
  }

  @Provide
  Arbitrary<List<Happening>> happenings() {
    Arbitrary<Double> chances = Arbitraries.doubles().between(0, true, 1, false);
    Arbitrary<UpstreamEvent> failed =
        Combinators.combine(
                Arbitraries.frequency(
                    Tuple.of(3, FailureKind.NETWORK),
                    Tuple.of(1, FailureKind.RESOURCES),
                    Tuple.of(1, FailureKind.QUERY),
                    Tuple.of(3, FailureKind.HISTORY_LOST),
                    Tuple.of(2, FailureKind.CREDENTIALS)),
                chances)
            .as((kind, chance) -> new StreamFailed(new Failure(kind, "so"), chance));
    Arbitrary<UpstreamEvent> events =
        Arbitraries.frequencyOf(
            Tuple.of(12, failed),
            Tuple.of(12, chances.map(DeadlineReached::new)),
            Tuple.of(8, Arbitraries.just(new StreamOpened())),
            Tuple.of(4, Arbitraries.just(new UpstreamEvent.SnapshotStarted())),
            Tuple.of(3, Arbitraries.just(new UpstreamEvent.Heard())),
            Tuple.of(3, Arbitraries.just(new UpstreamEvent.RetryRequested())),
            Tuple.of(1, Arbitraries.just(new UpstreamEvent.StopRequested())));
    Arbitrary<Duration> pauses =
        Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.longs().between(0, 300)),
                Tuple.of(1, Arbitraries.longs().between(300, 25_000)))
            .map(Duration::ofMillis);
    return Combinators.combine(pauses, Arbitraries.of(true, false), events)
        .as(Happening::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(80)
        .map(list -> {
          List<Happening> story = new ArrayList<>(list);
          story.add(0, new Happening(Duration.ZERO, false, new UpstreamEvent.Started()));
          return story;
        });
  }

  @Provide
  Arbitrary<OptionalInt> limits() {
    return Arbitraries.of(
        OptionalInt.empty(), OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(3));
  }
}
