package io.tycostream.simulation;

import io.tycostream.domain.Step;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.Resumption;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamInvariants;
import io.tycostream.domain.upstream.UpstreamMachine;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Performs what the {@link UpstreamMachine} decides for one stream of a gateway; its invariants are
 * checked after each step.
 */
final class Upstream {

  private static final long HEARD_EVERY = World.SECOND / 10;

  /** Soon, so that there are alerts in the short time of a seed. */
  private static final Duration ALERT_AFTER = Duration.ofSeconds(3);

  /** How long a source that failed alone waits until it is tried once more. */
  private static final long APART_FOR = 4 * World.SECOND;

  /** What waits for its moment is looked at each time that it has grown by so much. */
  private static final long MOST_PENDING = 1L << 21;

  /** However many servers there are: more streams in a second are no waiting at all. */
  private static final int MOST_OPENINGS = 30;

  private final World world;
  private final SimGateway gateway;
  private final List<DatabaseServer> servers;
  private final List<Source> sources;
  private final UpstreamInvariants machine;
  private final Intake intake;
  private final Network network;
  private final Dialect dialect;
  private final Past past;

  private UpstreamState state;
  private Map<String, Resumption.Followed> carried = Map.of();
  private Optional<Checkpoint> completeTold = Optional.empty();
  private @Nullable DatabaseStream stream;
  private long heardTold = -World.SECOND;
  private Instant wakeAt = Instant.MAX;
  private boolean dead;

  /** Those that failed alone and have not come back, where the stream is of several. */
  private final Set<Source> apart = new LinkedHashSet<>();

  /** Those that ever failed alone: what they have in their logs may have come there late. */
  private final Set<Source> lateOnes = new HashSet<>();

  private long askAgainAt;
  private long openingsSince;
  private int openings;
  private @Nullable Instant lostAt;

  Upstream(
      World world,
      SimGateway gateway,
      List<DatabaseServer> servers,
      List<Source> sources,
      Network network,
      Shape shape) {
    this.world = world;
    this.gateway = gateway;
    this.servers = servers;
    UpstreamSettings usual = UpstreamSettings.DEFAULT;
    UpstreamSettings settings =
        new UpstreamSettings(
            usual.backoff(),
            usual.maxRetries(),
            usual.openLimit(),
            usual.readLimit(),
            usual.silenceLimit(),
            usual.stallAfter(),
            ALERT_AFTER,
            usual.slowRetry());
    List<String> names = servers.stream().map(DatabaseServer::name).toList();
    this.machine = new UpstreamInvariants(new UpstreamMachine(names, settings), settings);
    this.state = machine.state();
    this.sources = List.copyOf(sources);
    this.intake = new Intake(sources, world.instant());
    this.network = network;
    this.dialect = shape.dialect();
    this.past = new Past(shape.keepsPast(), shape.history().maxAge());
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

  /** All rows of a table were told. */
  void loaded(String table, Beginning beginning) {
    boolean taken = // else they were too many
        named(table)
            .generation()
            .map(present -> present.progress().position())
            .filter(at -> at.sameHistory(beginning.rows()) && !beginning.rows().isAfter(at))
            .isPresent();
    if (taken) {
      gateway.loaded(table, beginning);
    }
  }

  private Source named(String table) {
    return sources.stream().filter(each -> each.name().equals(table)).findFirst().orElseThrow();
  }

  /**
   * The database lets go of what happened up to here.
   *
   * @throws Violation when some of that may still be of help to clients, if the gateway is started
   *     again
   */
  void letsGo(Checkpoint needed) {
    for (Source source : sources) {
      if (!lateOnes.contains(source)) {
        source
            .generation()
            .flatMap(present -> present.log().entry(present.log().floor() + 1))
            .filter(first -> isLetGo(first, needed, source.limits().history().maxAge()))
            .ifPresent(first -> {
              throw new Violation(
                  gateway.name() + " lets go of " + needed + ", and may need " + source.name());
            });
      }
    }
  }

  private boolean isLetGo(LogEntry entry, Checkpoint needed, Duration maxAge) {
    Position at = entry.batch().position();
    return entry.batch().after().epoch().equals(needed.epoch()) // else there was nothing before it
        && at.epoch().equals(needed.epoch())
        && Long.compareUnsigned(at.time(), needed.time()) <= 0
        && entry.appendedAt().isAfter(world.instant().minus(maxAge));
  }

  /** Why a stream is of no use, if it is. */
  Optional<Failure> uselessness() {
    return intake.uselessness();
  }

  /**
   * Looks after the sources that failed while the stream goes on: their rows are read again beside
   * it, now and then.
   */
  @SuppressWarnings("ReferenceEquality") // that very one
  void looksAfterSources(DatabaseStream from) {
    List<Intake.FailedAlone> newly = intake.newlyFailed();
    for (Intake.FailedAlone each : newly) {
      world.say(gateway.name() + " " + each.source().name(), "fails: " + each.failure().message());
      world.rare(Rare.SOURCE_TOO_LARGE);
      lateOnes.add(each.source());
      if (sources.size() > 1) {
        apart.add(each.source());
        askAgainAt = world.now() + APART_FOR;
      }
    }
    if (dead || from != stream || !(state instanceof UpstreamState.Live)) {
      return;
    }
    for (Source each : List.copyOf(apart)) {
      if (!intake.hasFailed(each)) {
        apart.remove(each);
        world.rare(Rare.SOURCE_RETURNED);
        each.upstream(state);
      }
    }
    if (!apart.isEmpty() && world.now() >= askAgainAt) {
      askAgainAt = world.now() + APART_FOR;
      from.readAgain(apart.stream().map(Source::name).toList());
    }
  }

  /** What there is to go on with. */
  Resumption.Held held() {
    Map<String, String> known = new TreeMap<>();
    intake.relations().forEach((name, relation) -> known.put(name, relation.print()));
    return new Resumption.Held(intake.complete(), known, carried);
  }

  void snapshotStarted() {
    step(new UpstreamEvent.SnapshotStarted());
  }

  @SuppressWarnings("ReferenceEquality") // that very one
  void opened(DatabaseStream from, Map<String, Resumption.Followed> followed) {
    if (from == stream) {
      carried = followed;
      if (state instanceof UpstreamState.Connecting) {
        step(new UpstreamEvent.CatchUpStarted());
      }
    }
  }

  /** It has told what had happened when it was opened. */
  @SuppressWarnings("ReferenceEquality") // that very one
  void stands(DatabaseStream from) {
    if (from == stream && !dead) {
      step(new UpstreamEvent.StreamOpened());
      if (state instanceof UpstreamState.Live live && live.endpoints().failedOver()) {
        world.rare(Rare.FAILED_OVER);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // that very one
  void failed(DatabaseStream from, Failure failure) {
    if (from == stream && !dead) {
      stream = null;
      step(new UpstreamEvent.StreamFailed(failure, world.unit()));
    }
  }

  /** Something was heard, of a stream that stands or not yet. */
  void heard(boolean stands) {
    if (dead || world.now() - heardTold <= HEARD_EVERY) {
      return;
    }
    heardTold = world.now();
    Optional<Checkpoint> complete = intake.complete();
    boolean moved = !complete.equals(completeTold);
    completeTold = complete;
    if (!stands) {
      step(new UpstreamEvent.OpeningProgressed());
    } else {
      step(moved ? new UpstreamEvent.FrontierMoved() : new UpstreamEvent.Heard());
    }
  }

  /**
   * The database's time stands still: a stream that tells progress and nothing else is silent then,
   * and a look beside it says why; others are still heard.
   */
  void stoodStill(boolean stands) {
    if (dialect != Dialect.PROGRESS) {
      heard(stands);
    } else if (!dead) {
      step(stands ? new UpstreamEvent.FrontierStoodStill() : new UpstreamEvent.OpeningProgressed());
    }
  }

  /**
   * What must hold after every step: what is held is within the limits, also of a source that has
   * failed; what waits is looked at now and then.
   */
  void check() {
    for (Source source : sources) {
      if (!source.withinLimits(0) || intake.pendingBytes(source) > MOST_PENDING) {
        throw new Violation(gateway.name() + " holds too much of " + source.name());
      }
    }
  }

  /** Somebody asks to try again now. */
  void retry() {
    askAgainAt = 0;
    step(new UpstreamEvent.RetryRequested());
  }

  private void step(UpstreamEvent event) {
    Step<UpstreamState, UpstreamEffect> step = machine.step(event, world.instant());
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
      case UpstreamEffect.OpenStream(int endpoint, boolean fresh) -> {
        countOpening();
        intake.at(world.instant());
        intake.beginStream(fresh);
        DatabaseStream next =
            DatabaseStream.in(
                dialect,
                new DatabaseStream.Ends(
                    world,
                    network,
                    servers.get(endpoint),
                    past,
                    gateway.name(),
                    sources.stream().map(Source::name).toList(),
                    this,
                    intake));
        stream = next;
        next.open(fresh);
      }
      case UpstreamEffect.AbortOpening abort -> closeStream();
      case UpstreamEffect.CloseStream close -> {
        lostAt = world.instant();
        closeStream();
      }
      case UpstreamEffect.ProbeEndpoint(int endpoint) ->
          world.after(network.delay(), () -> probe(endpoint));
      case UpstreamEffect.RaiseAlert(Instant since) -> {
        world.say(gateway.name() + " upstream", "alert");
        world.rare(Rare.ALERT);
        if (lostAt != null && lostAt.isAfter(since)) {
          world.rare(Rare.ALERT_AFTER_SHORT_LIVES);
        }
      }
      case UpstreamEffect.ClearAlert clear ->
          world.say(gateway.name() + " upstream", "alert is over");
    }
  }

  private void countOpening() {
    if (world.now() - openingsSince > World.SECOND) {
      openingsSince = world.now();
      openings = 0;
    }
    if (++openings > MOST_OPENINGS) {
      throw new Violation(gateway.name() + " opens streams without waiting");
    }
  }

  private void closeStream() {
    DatabaseStream there = stream;
    stream = null;
    if (there != null) {
      there.close();
    }
  }

  private void probe(int endpoint) {
    if (!dead) {
      boolean wasOver = state instanceof UpstreamState.Live live && live.endpoints().failedOver();
      Optional<Checkpoint> present = servers.get(endpoint).probed();
      step(new UpstreamEvent.EndpointProbed(endpoint, present, intake.complete()));
      if (wasOver && state instanceof UpstreamState.Connecting) {
        world.rare(Rare.FAILED_BACK);
      }
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
