package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.UpstreamEvent.DeadlineReached;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamFailed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamOpened;
import io.tycostream.domain.upstream.UpstreamState.Live;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some endpoints with their faults, and a driver that performs what the machine decides, in virtual
 * time. A database's time is the number of milliseconds; a lagging replica is behind by its lag.
 */
final class EndpointWorld {

  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration LATENCY = Duration.ofMillis(5);
  private static final Duration READING = Duration.ofMillis(40);

  /** What an endpoint does for a while. */
  enum Manner {
    SERVES,
    REFUSES,
    HANGS,
    /** Lets us in and breaks at the next tick. */
    BREAKS,
    OVERLOADED,
    /** Is half a minute behind. */
    LAGS
  }

  /** From then on, until the next phase of the endpoint. */
  record Phase(int fromMillis, Manner manner) {}

  record Endpoint(String epoch, boolean replica, List<Phase> phases) {

    Manner at(Instant now) {
      Manner manner = Manner.SERVES;
      for (Phase phase : phases) {
        if (now.toEpochMilli() >= phase.fromMillis) {
          manner = phase.manner;
        }
      }
      return manner == Manner.LAGS && !replica ? Manner.SERVES : manner;
    }
  }

  /** Something that is under way. */
  private record Due(Instant at, Runnable what) {}

  private final List<Endpoint> endpoints;
  private final UpstreamInvariants checked;
  private final Failure failure = new Failure(FailureKind.NETWORK, "so");
  private Instant now = Instant.EPOCH;
  private Instant tickAt = Instant.EPOCH;
  private @Nullable Due due;
  private @Nullable Due probe;
  private @Nullable Checkpoint complete;
  private int resyncs;

  EndpointWorld(List<Endpoint> endpoints) {
    this.endpoints = endpoints;
    UpstreamSettings settings =
        UpstreamMachineProperties.settings(OptionalInt.empty(), Duration.ZERO);
    List<String> names = IntStream.range(0, endpoints.size()).mapToObj(i -> "e" + i).toList();
    this.checked = new UpstreamInvariants(new UpstreamMachine(names, settings), settings);
    step(new UpstreamEvent.Started());
  }

  UpstreamState state() {
    return checked.state();
  }

  /** How often all rows were read. */
  int resyncs() {
    return resyncs;
  }

  Instant now() {
    return now;
  }

  void runUntil(Instant end) {
    while (now.isBefore(end)) {
      Instant next = tickAt;
      for (Due pending : pending()) {
        next = pending.at.isBefore(next) ? pending.at : next;
      }
      Instant deadline = state().deadline().orElse(next);
      boolean atDeadline = deadline.isBefore(next);
      now = atDeadline ? (deadline.isBefore(now) ? now : deadline) : next;
      if (atDeadline) {
        step(new DeadlineReached(0.5));
      } else {
        happen();
      }
    }
  }

  private List<Due> pending() {
    List<Due> pending = new ArrayList<>();
    if (due != null) {
      pending.add(due);
    }
    if (probe != null) {
      pending.add(probe);
    }
    return pending;
  }

  private void happen() {
    Due opened = due;
    Due looked = probe;
    if (opened != null && !now.isBefore(opened.at)) {
      due = null;
      opened.what.run();
    } else if (looked != null && !now.isBefore(looked.at)) {
      probe = null;
      looked.what.run();
    } else {
      tickAt = now.plus(TICK);
      tick();
    }
  }

  private void tick() {
    if (state() instanceof Live live) {
      int current = live.endpoints().current();
      switch (endpoints.get(current).at(now)) {
        case SERVES, LAGS, OVERLOADED -> {
          Checkpoint reached = present(current);
          Checkpoint before = complete;
          if (before == null || reached.reaches(before)) {
            complete = reached;
          }
          step(new UpstreamEvent.FrontierMoved());
        }
        case REFUSES, BREAKS -> step(new StreamFailed(failure, 0.5));
        case HANGS -> {}
      }
    }
  }

  private void step(UpstreamEvent event) {
    Step<UpstreamState, UpstreamEffect> step = checked.step(event, now);
    for (UpstreamEffect effect : step.effects()) {
      switch (effect) {
        case UpstreamEffect.OpenStream(int endpoint, boolean fresh) -> open(endpoint, fresh);
        case UpstreamEffect.AbortOpening abort -> due = null;
        case UpstreamEffect.CloseStream close -> {}
        case UpstreamEffect.ProbeEndpoint(int endpoint) -> {
          boolean there = endpoints.get(endpoint).at(now) != Manner.REFUSES;
          Optional<Checkpoint> shown = there ? Optional.of(present(endpoint)) : Optional.empty();
          if (endpoints.get(endpoint).at(now) != Manner.HANGS) {
            Optional<Checkpoint> ours = Optional.ofNullable(complete);
            probe =
                new Due(now.plus(LATENCY), () -> step(new EndpointProbed(endpoint, shown, ours)));
          }
        }
        case UpstreamEffect.RaiseAlert raised -> {}
        case UpstreamEffect.ClearAlert cleared -> {}
      }
    }
  }

  private void open(int endpoint, boolean fresh) {
    switch (endpoints.get(endpoint).at(now)) {
      case SERVES, BREAKS, LAGS ->
          due = new Due(now.plus(LATENCY), () -> connected(endpoint, fresh));
      case REFUSES -> fails(FailureKind.NETWORK);
      case OVERLOADED -> fails(FailureKind.RESOURCES);
      case HANGS -> due = null; // until the machine gives it up
    }
  }

  private void fails(FailureKind kind) {
    due = new Due(now.plus(LATENCY), () -> step(new StreamFailed(new Failure(kind, "so"), 0.5)));
  }

  private void connected(int endpoint, boolean fresh) {
    Resumption.Shown shown =
        new Resumption.Shown(
            endpoints.get(endpoint).epoch,
            present(endpoint).time(),
            endpoints.get(endpoint).replica,
            new Resumption.Retained.After(0),
            Map.of());
    Optional<Checkpoint> held = Optional.ofNullable(complete);
    if (!fresh) {
      switch (Resumption.decide(new Resumption.Held(held, Map.of(), Map.of()), shown)) {
        case Resumption.Resume(Checkpoint at) -> {
          assertEquals(shown.epoch(), at.epoch(), "U15: resumed in another history");
          step(new StreamOpened());
        }
        case Resumption.HistoryLost lost -> fails(FailureKind.HISTORY_LOST);
        case Resumption.Behind behind -> fails(FailureKind.BEHIND);
        case Resumption.SetBack back -> fails(FailureKind.QUERY);
      }
    } else if (held.flatMap(ours -> Resumption.backwards(ours, shown)).isPresent()) {
      fails(FailureKind.BEHIND);
    } else {
      step(new UpstreamEvent.SnapshotStarted());
      due =
          new Due(
              now.plus(READING),
              () -> {
                Checkpoint read = new Checkpoint(shown.epoch(), shown.present());
                assertFalse(
                    held.filter(ours -> ours.epoch().equals(read.epoch()) && !read.reaches(ours))
                        .isPresent(),
                    "U15: went back");
                complete = read;
                resyncs++;
                step(new StreamOpened());
              });
    }
  }

  private Checkpoint present(int endpoint) {
    long lag = endpoints.get(endpoint).at(now) == Manner.LAGS ? 30_000 : 0;
    return new Checkpoint(endpoints.get(endpoint).epoch, 100_000 + now.toEpochMilli() - lag);
  }
}
