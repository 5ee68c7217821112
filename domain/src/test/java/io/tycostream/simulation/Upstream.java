package io.tycostream.simulation;

import io.tycostream.domain.Step;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamMachine;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Performs what the {@link UpstreamMachine} decides for one stream of a gateway. */
final class Upstream {

  private static final long HEARD_EVERY = World.SECOND / 10;

  private final World world;
  private final SimGateway gateway;
  private final DatabaseServer server;
  private final List<Source> sources;
  private final UpstreamMachine machine = new UpstreamMachine(UpstreamSettings.DEFAULT);
  private final Intake intake;
  private final Network network;
  private final Dialect dialect;

  private UpstreamState state = machine.initial();
  private @Nullable DatabaseStream stream;
  private long heardTold = -World.SECOND;
  private Instant wakeAt = Instant.MAX;
  private boolean dead;

  Upstream(
      World world,
      SimGateway gateway,
      DatabaseServer server,
      List<Source> sources,
      Network network,
      Dialect dialect) {
    this.world = world;
    this.gateway = gateway;
    this.server = server;
    this.sources = List.copyOf(sources);
    this.intake =
        new Intake(sources, world.instant(), () -> step(new UpstreamEvent.SnapshotStarted()));
    this.network = network;
    this.dialect = dialect;
  }

  void start() {
    step(new UpstreamEvent.Started());
  }

  /** The gateway died: nothing is done any more, and the connection is gone. */
  void die() {
    dead = true;
    if (stream != null) {
      stream.close();
    }
  }

  UpstreamState state() {
    return state;
  }

  @Nullable DatabaseStream stream() {
    return stream;
  }

  /** The stream is going to tell something. */
  void polls() {
    intake.at(world.instant());
  }

  /** All rows of a table were read. */
  void loaded(String table, Position at) {
    gateway.loaded(table, at);
  }

  void opened(DatabaseStream from) {
    if (from == stream) {
      step(new UpstreamEvent.StreamOpened());
    }
  }

  void failed(DatabaseStream from, Failure failure) {
    if (from == stream && !dead) {
      stream = null;
      step(new UpstreamEvent.StreamFailed(failure, world.unit()));
    }
  }

  void heard() {
    if (world.now() - heardTold > HEARD_EVERY && !dead) {
      heardTold = world.now();
      step(new UpstreamEvent.Heard());
    }
  }

  /** Somebody asks to try again now. */
  void retry() {
    step(new UpstreamEvent.RetryRequested());
  }

  private void step(UpstreamEvent event) {
    Step<UpstreamState, UpstreamEffect> step = machine.step(state, event, world.instant());
    if (state.getClass() != step.state().getClass()) {
      world.say(
          gateway.name() + " upstream", name(step.state()) + " after " + name(event) + why(event));
      if (step.state() instanceof UpstreamState.Failed) {
        world.rare(Rare.UPSTREAM_FAILED);
      }
    }
    state = step.state();
    for (Source source : sources) {
      if (!intake.hasFailed(source)) {
        source.upstream(state);
      }
    }
    step.effects().forEach(this::perform);
    planDeadline();
  }

  private void perform(UpstreamEffect effect) {
    switch (effect) {
      case UpstreamEffect.OpenStream(boolean fresh) -> {
        intake.at(world.instant());
        intake.beginStream(fresh);
        DatabaseStream next =
            DatabaseStream.in(
                dialect,
                new DatabaseStream.Ends(
                    world,
                    network,
                    server,
                    gateway.name(),
                    sources.stream().map(Source::name).toList(),
                    this,
                    intake));
        stream = next;
        next.open(fresh);
      }
      case UpstreamEffect.CloseStream close -> {
        DatabaseStream there = stream;
        stream = null;
        if (there != null) {
          there.close();
        }
      }
      case UpstreamEffect.RaiseAlert raise -> world.say(gateway.name() + " upstream", "alert");
      case UpstreamEffect.ClearAlert clear ->
          world.say(gateway.name() + " upstream", "alert is over");
    }
  }

  private void planDeadline() {
    // One plan at a time: an earlier deadline is planned anew, a later one when the plan comes due.
    state
        .deadline()
        .filter(deadline -> deadline.isBefore(wakeAt))
        .ifPresent(deadline -> {
          wakeAt = deadline;
          world.at(deadline, () -> reach(deadline));
        });
  }

  private void reach(Instant planned) {
    if (dead || !planned.equals(wakeAt)) {
      return;
    }
    wakeAt = Instant.MAX;
    if (state.deadline().filter(deadline -> !world.instant().isBefore(deadline)).isPresent()) {
      step(new UpstreamEvent.DeadlineReached(world.unit()));
    } else {
      planDeadline();
    }
  }

  private static String name(Object of) {
    return of.getClass().getSimpleName();
  }

  private static String why(UpstreamEvent event) {
    return event instanceof UpstreamEvent.StreamFailed failed
        ? ": " + failed.failure().message()
        : "";
  }
}
