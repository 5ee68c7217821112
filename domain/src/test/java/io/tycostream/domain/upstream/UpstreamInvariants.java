package io.tycostream.domain.upstream;

import static io.tycostream.domain.Holds.assertEquals;
import static io.tycostream.domain.Holds.assertFalse;
import static io.tycostream.domain.Holds.assertNotEquals;
import static io.tycostream.domain.Holds.assertTrue;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.UpstreamEvent.DeadlineReached;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import io.tycostream.domain.upstream.UpstreamEvent.FrontierMoved;
import io.tycostream.domain.upstream.UpstreamEvent.FrontierStoodStill;
import io.tycostream.domain.upstream.UpstreamEvent.RetryRequested;
import io.tycostream.domain.upstream.UpstreamEvent.StreamFailed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamOpened;
import io.tycostream.domain.upstream.UpstreamState.CatchingUp;
import io.tycostream.domain.upstream.UpstreamState.Connecting;
import io.tycostream.domain.upstream.UpstreamState.Failed;
import io.tycostream.domain.upstream.UpstreamState.Idle;
import io.tycostream.domain.upstream.UpstreamState.Live;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Recovery;
import io.tycostream.domain.upstream.UpstreamState.Snapshotting;
import io.tycostream.domain.upstream.UpstreamState.Stopped;
import io.tycostream.domain.upstream.UpstreamState.Trouble;
import io.tycostream.domain.upstream.UpstreamState.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A machine, and what a careful operator would write down next to it: after every step it checks
 * the invariants U1 to U13 of {@link UpstreamMachine}. Every test of the machine, and the
 * simulation, steps through it.
 */
public final class UpstreamInvariants {

  /** The shortest wait of the backoff that all tests and the simulation use: 100 ms less 10 %. */
  private static final Duration SHORTEST = Duration.ofMillis(90);

  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration HEALTHY_FOR = Duration.ofMinutes(5);
  private static final Duration HEALTH_LASTS = Duration.ofSeconds(30);

  private final UpstreamSettings settings;
  private final UpstreamMachine machine;
  private UpstreamState state;
  private boolean stream;
  private boolean read;
  private boolean freshWanted;
  private boolean freshAtOnce;
  private int refusedCredentials;
  private boolean alerted;

  /** U7: since when no stream has lasted; nothing when one has. */
  private @Nullable Instant troubledSince;

  /** U7: when the live stream will have lasted. */
  private Instant lastsAt = Instant.MAX;

  private final Map<Integer, Instant> failedAt = new HashMap<>();
  private @Nullable Instant healthySince;
  private @Nullable Instant foundHealthyAt;
  private boolean stalled;
  private Instant moved;

  /** When the database last said why the stream is silent. */
  private Instant explained = Instant.MIN;

  /** A machine that begins in a state which other steps have led to. */
  UpstreamInvariants(UpstreamMachine machine, UpstreamSettings settings, UpstreamState state) {
    this.machine = machine;
    this.settings = settings;
    this.state = state;
    Optional<Outage> outage = outage(state);
    this.stream = isOpen(state);
    this.freshWanted = outage.map(Outage::fresh).orElse(state instanceof Idle);
    this.read = !freshWanted;
    this.freshAtOnce = outage.map(Outage::resyncTried).orElse(false);
    this.refusedCredentials = outage.filter(Outage::credentialsTried).isPresent() ? 1 : 0;
    Optional<Trouble> trouble = outage.map(Outage::trouble);
    this.moved = Instant.MIN;
    if (state instanceof Live live) {
      moved = live.moved();
      stalled = live.stalled();
      trouble = live.recovery().map(Recovery::trouble);
      lastsAt = live.recovery().map(Recovery::overAt).orElse(Instant.MAX);
      live.endpoints()
          .all()
          .getFirst()
          .health()
          .ifPresent(health -> {
            healthySince = health.since();
            foundHealthyAt = health.at();
          });
    }
    this.alerted = trouble.filter(there -> there.alertAt().isEmpty()).isPresent();
    this.troubledSince = trouble.map(Trouble::since).orElse(null);
  }

  /** A machine at its beginning. */
  public UpstreamInvariants(UpstreamMachine machine, UpstreamSettings settings) {
    this(machine, settings, machine.initial());
  }

  public UpstreamState state() {
    return state;
  }

  /** One step, and all that must hold after it. */
  public Step<UpstreamState, UpstreamEffect> step(UpstreamEvent event, Instant now) {
    final UpstreamState from = state;
    if (event instanceof RetryRequested) {
      failedAt.clear(); // U11: a request between
    }
    Step<UpstreamState, UpstreamEffect> step = machine.step(from, event, now);
    assertEndAndEarly(from, event, step, now);
    note(from, event, step, now);
    step.effects().forEach(effect -> perform(effect, from, event, now));
    state = step.state();
    if (state instanceof Live && event instanceof DeadlineReached && !now.isBefore(lastsAt)) {
      troubledSince = null;
      lastsAt = Instant.MAX;
    }
    if (from instanceof Failed && state instanceof Connecting) {
      refusedCredentials = 0;
      freshAtOnce = false;
    }
    assertEquals(isOpen(state), stream, "U1");
    assertFalse(alerted && troubledSince == null, "U7: not cleared");
    assertWaits(from, event, now);
    assertHasDeadline();
    assertStall();
    return step;
  }

  private void note(
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step,
      Instant now) {
    if (from instanceof Idle && event instanceof UpstreamEvent.Started) {
      troubledSince = now;
    } else if (isOpen(from) && event instanceof StreamFailed failed) {
      stream = from instanceof Live; // of one that failed to open nothing is left
      broke(from, failed.failure().kind(), now);
    } else if (isOpen(from) && event instanceof DeadlineReached && ended(step)) {
      broke(from, FailureKind.NETWORK, now);
    } else if (isOpening(from) && event instanceof StreamOpened) {
      read = true;
      freshWanted = false;
      stalled = false;
      moved = now;
      Outage outage = outage(from).orElseThrow();
      Duration wait = usualWait(outage.attempt(), outage.endpoints());
      Duration sixth = settings.alertAfter().dividedBy(6);
      lastsAt = now.plus(wait.compareTo(sixth) < 0 ? sixth : wait);
    } else if (from instanceof Live live) {
      noteLife(live, event, step, now);
    }
  }

  private void noteLife(
      Live live, UpstreamEvent event, Step<UpstreamState, UpstreamEffect> step, Instant now) {
    if (event instanceof FrontierMoved) {
      moved = now;
      stalled = false;
    } else if (event instanceof FrontierStoodStill) {
      stalled |= !now.isBefore(live.heard().plus(settings.stallAfter()));
      explained = now;
    } else if (event instanceof EndpointProbed probed
        && probed.endpoint() == 0
        && live.endpoints().current() > 0) {
      boolean kept = foundHealthyAt != null && !foundHealthyAt.plus(HEALTH_LASTS).isBefore(now);
      healthySince = !probed.isHealthy() ? null : kept ? healthySince : now;
      foundHealthyAt = probed.isHealthy() ? now : null;
      if (probed.isHealthy()) {
        failedAt.remove(0); // U11: found healthy between
      }
      if (ended(step)) {
        assertTrue(
            healthySince != null && !now.isBefore(healthySince.plus(HEALTHY_FOR)),
            "U12: gone back too early");
        assertEquals(new UpstreamEffect.OpenStream(0, false), step.effects().getLast(), "U12");
        begin(now, false);
      }
    }
    assertTrue(
        !ended(step)
            || event instanceof EndpointProbed
            || event instanceof UpstreamEvent.StopRequested,
        () -> "U12: closed without a reason by " + event);
  }

  private void broke(UpstreamState from, FailureKind kind, Instant now) {
    failedAt.put(current(from), now);
    if (current(from) == 0) {
      healthySince = null;
      foundHealthyAt = null;
    }
    if (from instanceof Live live) {
      Duration lived = Duration.between(live.since(), now);
      boolean gained =
          kind != FailureKind.HISTORY_LOST || lived.compareTo(Reconnection.WORTH_A_SNAPSHOT) >= 0;
      begin(now, !gained || lived.compareTo(usualWait(live.attempt(), live.endpoints())) < 0);
    }
    freshWanted |= kind == FailureKind.HISTORY_LOST;
    refusedCredentials += kind == FailureKind.CREDENTIALS ? 1 : 0;
  }

  private Duration usualWait(int attempt, Endpoints endpoints) {
    return settings.backoff().delay(attempt / endpoints.size(), 0.5);
  }

  private void begin(Instant now, boolean afterShortLife) {
    troubledSince = troubledSince == null ? now : troubledSince;
    freshAtOnce = afterShortLife;
    refusedCredentials = 0;
  }

  private void perform(
      UpstreamEffect effect, UpstreamState from, UpstreamEvent event, Instant now) {
    switch (effect) {
      case UpstreamEffect.OpenStream open -> {
        assertFalse(stream, "U1: a second stream");
        stream = true;
        assertEquals(freshWanted || !read, open.fresh(), "U2");
        boolean lost =
            event instanceof StreamFailed failed
                && failed.failure().kind() == FailureKind.HISTORY_LOST;
        if (lost) {
          assertFalse(freshAtOnce, "U3: fresh at once again");
          freshAtOnce = true;
        }
        Instant failed = failedAt.get(open.endpoint());
        assertTrue(
            lost || failed == null || !now.isBefore(failed.plus(SHORTEST)),
            "U11: again without a wait");
      }
      case UpstreamEffect.AbortOpening abort -> {
        assertTrue(stream && isOpening(from), "U1: nothing to abort");
        stream = false;
      }
      case UpstreamEffect.CloseStream close -> {
        assertTrue(stream && from instanceof Live, "U1: nothing to close");
        stream = false;
      }
      case UpstreamEffect.ProbeEndpoint(int endpoint) ->
          assertTrue(
              from instanceof Live live && live.endpoints().current() != endpoint, "U12: probed");
      case UpstreamEffect.RaiseAlert(Instant since) -> {
        assertFalse(alerted || from instanceof Live, "U7: raised twice");
        assertEquals(troubledSince, since, "U7");
        assertFalse(now.isBefore(since.plus(settings.alertAfter())), "U7: too early");
        alerted = true;
      }
      case UpstreamEffect.ClearAlert(Instant since) -> {
        assertTrue(alerted, "U7: nothing to clear");
        assertEquals(troubledSince, since, "U7");
        assertTrue(from instanceof Live && !now.isBefore(lastsAt), "U7: cleared too early");
        alerted = false;
      }
    }
  }

  private void assertEndAndEarly(
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step,
      Instant now) {
    boolean early =
        event instanceof DeadlineReached
            && from.deadline().filter(at -> !now.isBefore(at)).isEmpty();
    if (from instanceof Stopped || early) {
      assertEquals(Step.to(from), step, "U8, U9");
    }
  }

  private void assertWaits(UpstreamState from, UpstreamEvent event, Instant now) {
    if (state instanceof Waiting waiting && !(from instanceof Waiting)) {
      Duration wait = Duration.between(now, waiting.until());
      assertTrue(wait.isPositive() && wait.compareTo(LONGEST) <= 0, () -> "U5: " + wait);
      assertTrue(
          waiting.outage().endpoints().size() > 1 || wait.compareTo(SHORTEST) >= 0,
          () -> "U5: " + wait);
      assertTrue(refusedCredentials <= 1 || !isCredentials(waiting.failure()), "U4");
      assertNotEquals(FailureKind.QUERY, waiting.failure().kind(), "U4");
      settings.maxRetries().ifPresent(max -> assertTrue(waiting.outage().attempt() <= max, "U4"));
    } else if (state instanceof Failed failed && !(from instanceof Failed)) {
      assertEquals(now.plus(settings.slowRetry()), failed.retryAt(), "U5");
      boolean credentials = isCredentials(failed.failure()) && refusedCredentials >= 2;
      boolean limit =
          settings.maxRetries().isPresent()
              && failed.outage().attempt() >= settings.maxRetries().getAsInt();
      assertTrue(
          credentials || limit || failed.failure().kind() == FailureKind.QUERY,
          () -> "U4: " + from + " " + event);
    } else if (state instanceof Connecting connecting && !connecting.equals(from)) {
      Endpoints endpoints = connecting.outage().endpoints();
      boolean open = endpoints.breaker(endpoints.current(), now) == Endpoints.Breaker.OPEN;
      boolean othersToo =
          IntStream.range(0, endpoints.size())
              .allMatch(i -> endpoints.breaker(i, now) == Endpoints.Breaker.OPEN);
      assertTrue(!open || othersToo, () -> "U10: " + endpoints + " at " + now);
    }
  }

  private void assertHasDeadline() {
    switch (state) {
      case Idle idle -> assertTrue(state.deadline().isEmpty(), "U6");
      case Stopped stopped -> assertTrue(state.deadline().isEmpty(), "U6");
      case Connecting connecting -> {
        assertEquals(connecting.since().plus(settings.openLimit()), connecting.giveUpAt(), "U6");
        assertEquals(alertOr(connecting.giveUpAt()), dueAt(), "U6");
      }
      case Snapshotting reading -> {
        assertEquals(reading.progressed().plus(settings.readLimit()), reading.giveUpAt(), "U6");
        assertEquals(alertOr(reading.giveUpAt()), dueAt(), "U6");
      }
      case CatchingUp behind -> {
        assertEquals(behind.progressed().plus(settings.readLimit()), behind.giveUpAt(), "U6");
        assertEquals(alertOr(behind.giveUpAt()), dueAt(), "U6");
      }
      case Live live -> {
        Instant known = explained.isAfter(live.heard()) ? explained : live.heard();
        assertFalse(dueAt().isAfter(known.plus(settings.silenceLimit())), "U6");
        live.probeAt().ifPresent(at -> assertFalse(dueAt().isAfter(at), "U6"));
        assertFalse(dueAt().isAfter(lastsAt), "U6");
        assertEquals(live.endpoints().current() > 0, live.probeAt().isPresent(), "U6");
      }
      case Waiting waiting -> assertEquals(alertOr(waiting.until()), dueAt(), "U6");
      case Failed failed -> assertEquals(alertOr(failed.retryAt()), dueAt(), "U6");
    }
  }

  private void assertStall() {
    if (state instanceof Live live) {
      assertEquals(stalled ? Optional.of(moved) : Optional.empty(), live.stalledSince(), "U13");
    }
  }

  private Instant dueAt() {
    return state.deadline().orElseThrow();
  }

  private Instant alertOr(Instant other) {
    if (alerted || troubledSince == null) {
      return other;
    }
    Instant alert = troubledSince.plus(settings.alertAfter());
    return alert.isBefore(other) ? alert : other;
  }

  private static boolean isCredentials(Failure failure) {
    return failure.kind() == FailureKind.CREDENTIALS;
  }

  private static boolean ended(Step<UpstreamState, UpstreamEffect> step) {
    return step.effects().contains(new UpstreamEffect.CloseStream())
        || step.effects().contains(new UpstreamEffect.AbortOpening());
  }

  static boolean isOpening(UpstreamState state) {
    return state instanceof Connecting
        || state instanceof Snapshotting
        || state instanceof CatchingUp;
  }

  static boolean isOpen(UpstreamState state) {
    return isOpening(state) || state instanceof Live;
  }

  /** The outage that a state is part of. */
  static Optional<Outage> outage(UpstreamState state) {
    return switch (state) {
      case Connecting connecting -> Optional.of(connecting.outage());
      case Snapshotting snapshotting -> Optional.of(snapshotting.outage());
      case CatchingUp catchingUp -> Optional.of(catchingUp.outage());
      case Waiting waiting -> Optional.of(waiting.outage());
      case Failed failed -> Optional.of(failed.outage());
      case Idle idle -> Optional.empty();
      case Live live -> Optional.empty();
      case Stopped stopped -> Optional.empty();
    };
  }

  private static int current(UpstreamState state) {
    return state instanceof Live live
        ? live.endpoints().current()
        : outage(state).orElseThrow().endpoints().current();
  }
}
