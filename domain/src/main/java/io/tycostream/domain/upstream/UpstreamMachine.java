package io.tycostream.domain.upstream;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.UpstreamEffect.AbortOpening;
import io.tycostream.domain.upstream.UpstreamEffect.ClearAlert;
import io.tycostream.domain.upstream.UpstreamEffect.CloseStream;
import io.tycostream.domain.upstream.UpstreamEffect.ProbeEndpoint;
import io.tycostream.domain.upstream.UpstreamEffect.RaiseAlert;
import io.tycostream.domain.upstream.UpstreamEvent.CatchUpStarted;
import io.tycostream.domain.upstream.UpstreamEvent.DeadlineReached;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import io.tycostream.domain.upstream.UpstreamEvent.FrontierMoved;
import io.tycostream.domain.upstream.UpstreamEvent.FrontierStoodStill;
import io.tycostream.domain.upstream.UpstreamEvent.Heard;
import io.tycostream.domain.upstream.UpstreamEvent.OpeningProgressed;
import io.tycostream.domain.upstream.UpstreamEvent.RetryRequested;
import io.tycostream.domain.upstream.UpstreamEvent.SnapshotStarted;
import io.tycostream.domain.upstream.UpstreamEvent.Started;
import io.tycostream.domain.upstream.UpstreamEvent.StopRequested;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides how the connection to a database is kept.
 *
 * <p>What each kind of failure leads to stands in {@link FailureKind}. Two rules keep it from
 * running in circles: a lost history is answered by one fresh snapshot at once, and by ordinary
 * waits after that; and a stream that broke before it lived as long as the wait that came before it
 * counts as one more failed attempt, whose lost history has to wait as well; so does one that loses
 * its history within half a minute.
 *
 * <p>What always holds:
 *
 * <ol>
 *   <li><b>U1</b> At most one stream is open or being opened. An opening that is given up is
 *       aborted, a stream that is lost or not wanted any more is closed, each exactly once.
 *   <li><b>U2</b> The first stream is fresh, and after a lost history the next one that opens is.
 *       None is fresh without a reason.
 *   <li><b>U3</b> In an outage a lost history is answered by a fresh stream at once one time at
 *       most, and in one that follows a short life never.
 *   <li><b>U4</b> Refused credentials are tried once more, then the connection has failed; a
 *       refused query fails at once; so does an attempt more than allowed that would need a wait.
 *   <li><b>U5</b> A wait lies within the bounds of the backoff, a slow retry where the settings
 *       say.
 *   <li><b>U6</b> Every state but idle and stopped has a deadline, the first of what it waits for.
 *   <li><b>U7</b> An alert is raised while there is no live stream, once, when none has lasted for
 *       the configured time; and cleared once, when one has: when it lived as long as the wait
 *       before it, and a sixth of that time. Before that, what is lost again is the same trouble.
 *   <li><b>U8</b> Stopped is the end, and nothing is open there.
 *   <li><b>U9</b> A deadline told before its time changes nothing.
 *   <li><b>U10</b> While the breaker of an endpoint is open it is not opened, unless those of all
 *       others are open too; an only endpoint is never skipped.
 *   <li><b>U11</b> The same endpoint is opened twice without a wait, a request or a probe that
 *       found it healthy between only for a lost history; so there are no more attempts without a
 *       wait than endpoints, and one more.
 *   <li><b>U12</b> A live stream is closed without a failure only to go back to the first endpoint,
 *       and that only after each probe for 5 minutes found it in our history and not behind us.
 *   <li><b>U13</b> A stall is said when the stream told nothing for the configured time and the
 *       database says that its time stands still, and ends when that moves. A stall breaks no
 *       stream; silence does that the database does not explain.
 *   <li><b>U14</b> With one endpoint in health, the connection is live within a bounded time.
 *   <li><b>U15</b> A stream goes on only in the history it was in, and nothing is read from an
 *       endpoint that is behind us there.
 * </ol>
 */
public final class UpstreamMachine {

  private final UpstreamSettings settings;
  private final Endpoints endpoints;
  private final Reconnection reconnection;

  /**
   * @param endpoints their names in the order of preference; at least one
   */
  public UpstreamMachine(List<String> endpoints, UpstreamSettings settings) {
    this.settings = settings;
    this.endpoints = Endpoints.of(endpoints);
    this.reconnection = new Reconnection(settings);
  }

  /** Where every connection begins. */
  public UpstreamState initial() {
    return new Idle();
  }

  /** The answer to an event; every state answers every event. */
  public Step<UpstreamState, UpstreamEffect> step(
      UpstreamState state, UpstreamEvent event, Instant now) {
    return switch (state) {
      case Idle idle -> idle(idle, event, now);
      case Connecting connecting -> connecting(connecting, event, now);
      case Snapshotting snapshotting -> snapshotting(snapshotting, event, now);
      case CatchingUp catchingUp -> catchingUp(catchingUp, event, now);
      case Live live -> live(live, event, now);
      case Waiting waiting -> waiting(waiting, event, now);
      case Failed failed -> failed(failed, event, now);
      case Stopped stopped -> Step.to(stopped);
    };
  }

  private Step<UpstreamState, UpstreamEffect> idle(Idle idle, UpstreamEvent event, Instant now) {
    return switch (event) {
      case Started started ->
          reconnection.open(
              Outage.begin(now, true, Trouble.begin(now, settings.alertAfter()), endpoints), now);
      case StopRequested stop -> Step.to(new Stopped());
      case SnapshotStarted unexpected -> Step.to(idle);
      case CatchUpStarted unexpected -> Step.to(idle);
      case OpeningProgressed unexpected -> Step.to(idle);
      case StreamOpened unexpected -> Step.to(idle);
      case Heard unexpected -> Step.to(idle);
      case FrontierMoved unexpected -> Step.to(idle);
      case FrontierStoodStill unexpected -> Step.to(idle);
      case EndpointProbed unexpected -> Step.to(idle);
      case StreamFailed unexpected -> Step.to(idle);
      case DeadlineReached unexpected -> Step.to(idle);
      case RetryRequested unexpected -> Step.to(idle);
    };
  }

  private Step<UpstreamState, UpstreamEffect> connecting(
      Connecting connecting, UpstreamEvent event, Instant now) {
    Outage outage = connecting.outage();
    return switch (event) {
      case SnapshotStarted started ->
          Step.to(new Snapshotting(outage, now, now, now.plus(settings.readLimit())));
      case CatchUpStarted started ->
          Step.to(new CatchingUp(outage, now, now, now.plus(settings.readLimit())));
      case StreamOpened opened -> opened(outage, now);
      case StreamFailed failed ->
          reconnection.after(outage, failed.failure(), failed.chance(), now);
      case DeadlineReached reached ->
          now.isBefore(connecting.giveUpAt())
              ? alert(outage, now, connecting::with)
              : abort(
                  outage,
                  "the stream was not opened within " + millis(connecting.since(), now),
                  reached.chance(),
                  now);
      case StopRequested stop -> Step.to(new Stopped(), new AbortOpening());
      case Started unexpected -> Step.to(connecting);
      case OpeningProgressed unexpected -> Step.to(connecting);
      case Heard unexpected -> Step.to(connecting);
      case FrontierMoved unexpected -> Step.to(connecting);
      case FrontierStoodStill unexpected -> Step.to(connecting);
      case EndpointProbed unexpected -> Step.to(connecting);
      case RetryRequested unexpected -> Step.to(connecting);
    };
  }

  private Step<UpstreamState, UpstreamEffect> snapshotting(
      Snapshotting snapshotting, UpstreamEvent event, Instant now) {
    Outage outage = snapshotting.outage();
    return switch (event) {
      case OpeningProgressed progressed ->
          Step.to(
              new Snapshotting(outage, snapshotting.since(), now, now.plus(settings.readLimit())));
      case StreamOpened opened -> opened(outage, now);
      case StreamFailed failed ->
          reconnection.after(outage, failed.failure(), failed.chance(), now);
      case DeadlineReached reached ->
          now.isBefore(snapshotting.giveUpAt())
              ? alert(outage, now, snapshotting::with)
              : abort(
                  outage,
                  "the snapshot did not get on for " + millis(snapshotting.progressed(), now),
                  reached.chance(),
                  now);
      case StopRequested stop -> Step.to(new Stopped(), new AbortOpening());
      case Started unexpected -> Step.to(snapshotting);
      case SnapshotStarted unexpected -> Step.to(snapshotting);
      case CatchUpStarted unexpected -> Step.to(snapshotting);
      case Heard unexpected -> Step.to(snapshotting);
      case FrontierMoved unexpected -> Step.to(snapshotting);
      case FrontierStoodStill unexpected -> Step.to(snapshotting);
      case EndpointProbed unexpected -> Step.to(snapshotting);
      case RetryRequested unexpected -> Step.to(snapshotting);
    };
  }

  private Step<UpstreamState, UpstreamEffect> catchingUp(
      CatchingUp catchingUp, UpstreamEvent event, Instant now) {
    Outage outage = catchingUp.outage();
    return switch (event) {
      case OpeningProgressed progressed ->
          Step.to(new CatchingUp(outage, catchingUp.since(), now, now.plus(settings.readLimit())));
      case StreamOpened opened -> opened(outage, now);
      case StreamFailed failed ->
          reconnection.after(outage, failed.failure(), failed.chance(), now);
      case DeadlineReached reached ->
          now.isBefore(catchingUp.giveUpAt())
              ? alert(outage, now, catchingUp::with)
              : abort(
                  outage,
                  "the stream did not get on for "
                      + millis(catchingUp.progressed(), now)
                      + " while it was catching up",
                  reached.chance(),
                  now);
      case StopRequested stop -> Step.to(new Stopped(), new AbortOpening());
      case Started unexpected -> Step.to(catchingUp);
      case SnapshotStarted unexpected -> Step.to(catchingUp);
      case CatchUpStarted unexpected -> Step.to(catchingUp);
      case Heard unexpected -> Step.to(catchingUp);
      case FrontierMoved unexpected -> Step.to(catchingUp);
      case FrontierStoodStill unexpected -> Step.to(catchingUp);
      case EndpointProbed unexpected -> Step.to(catchingUp);
      case RetryRequested unexpected -> Step.to(catchingUp);
    };
  }

  private Step<UpstreamState, UpstreamEffect> live(Live live, UpstreamEvent event, Instant now) {
    return switch (event) {
      case Heard heard -> Step.to(live.heardAt(now, silentAt(now)));
      case FrontierMoved moved -> Step.to(live.movedAt(now, silentAt(now)));
      case FrontierStoodStill stood -> Step.to(live.explained(silentAt(now), isStall(live, now)));
      case EndpointProbed probed -> probed(live, probed, now);
      case StreamFailed failed -> broken(live, failed.failure(), failed.chance(), now);
      case DeadlineReached reached -> {
        if (now.isBefore(live.silentAt())) {
          yield due(live, now);
        }
        Failure silence =
            new Failure(
                FailureKind.NETWORK,
                live.endpoints().name()
                    + ": nothing was heard from the stream for "
                    + millis(live.heard(), now));
        yield broken(live, silence, reached.chance(), now);
      }
      case StopRequested stop -> Step.to(new Stopped(), new CloseStream());
      case Started unexpected -> Step.to(live);
      case SnapshotStarted unexpected -> Step.to(live);
      case CatchUpStarted unexpected -> Step.to(live);
      case OpeningProgressed unexpected -> Step.to(live);
      case StreamOpened unexpected -> Step.to(live);
      case RetryRequested unexpected -> Step.to(live);
    };
  }

  private Step<UpstreamState, UpstreamEffect> waiting(
      Waiting waiting, UpstreamEvent event, Instant now) {
    return switch (event) {
      case DeadlineReached reached ->
          now.isBefore(waiting.until())
              ? alert(
                  waiting.outage(),
                  now,
                  alerted -> new Waiting(alerted, waiting.failure(), waiting.until()))
              : reconnection.open(waiting.outage(), now);
      case RetryRequested requested -> reconnection.open(waiting.outage(), now);
      case StopRequested stop -> Step.to(new Stopped());
      case Started unexpected -> Step.to(waiting);
      case SnapshotStarted unexpected -> Step.to(waiting);
      case CatchUpStarted unexpected -> Step.to(waiting);
      case OpeningProgressed unexpected -> Step.to(waiting);
      case StreamOpened unexpected -> Step.to(waiting);
      case Heard unexpected -> Step.to(waiting);
      case FrontierMoved unexpected -> Step.to(waiting);
      case FrontierStoodStill unexpected -> Step.to(waiting);
      case EndpointProbed unexpected -> Step.to(waiting);
      case StreamFailed unexpected -> Step.to(waiting);
    };
  }

  private Step<UpstreamState, UpstreamEffect> failed(
      Failed failed, UpstreamEvent event, Instant now) {
    return switch (event) {
      case RetryRequested requested -> reconnection.open(failed.outage().afterHelp(), now);
      case DeadlineReached reached ->
          now.isBefore(failed.retryAt())
              ? alert(
                  failed.outage(),
                  now,
                  alerted ->
                      new Failed(alerted, failed.failure(), failed.since(), failed.retryAt()))
              : reconnection.open(failed.outage().afterHelp(), now);
      case StopRequested stop -> Step.to(new Stopped());
      case Started unexpected -> Step.to(failed);
      case SnapshotStarted unexpected -> Step.to(failed);
      case CatchUpStarted unexpected -> Step.to(failed);
      case OpeningProgressed unexpected -> Step.to(failed);
      case StreamOpened unexpected -> Step.to(failed);
      case Heard unexpected -> Step.to(failed);
      case FrontierMoved unexpected -> Step.to(failed);
      case FrontierStoodStill unexpected -> Step.to(failed);
      case EndpointProbed unexpected -> Step.to(failed);
      case StreamFailed unexpected -> Step.to(failed);
    };
  }

  private Step<UpstreamState, UpstreamEffect> opened(Outage outage, Instant now) {
    Endpoints serving = outage.endpoints().opened();
    return Step.to(
        new Live(
            now,
            now,
            silentAt(now),
            now,
            false,
            outage.attempt(),
            Optional.of(reconnection.recovery(outage, now)),
            serving,
            serving.failedOver()
                ? Optional.of(now.plus(Endpoints.PROBE_EVERY))
                : Optional.empty()));
  }

  /** What a live connection does at a deadline that is not the end of it. */
  private static Step<UpstreamState, UpstreamEffect> due(Live live, Instant now) {
    Live next = live;
    List<UpstreamEffect> effects = new ArrayList<>();
    if (isDue(live.recovery().map(Recovery::overAt), now)) {
      next = next.recovered();
      live.recovery()
          .map(Recovery::trouble)
          .filter(trouble -> trouble.alertAt().isEmpty())
          .ifPresent(alerted -> effects.add(new ClearAlert(alerted.since())));
    }
    if (isDue(live.probeAt(), now)) {
      next = next.probeNextAt(now.plus(Endpoints.PROBE_EVERY));
      effects.add(new ProbeEndpoint(0));
    }
    return new Step<>(next, effects);
  }

  private Step<UpstreamState, UpstreamEffect> probed(
      Live live, EndpointProbed probed, Instant now) {
    if (probed.endpoint() != 0 || !live.endpoints().failedOver()) {
      return Step.to(live);
    }
    Endpoints known = live.endpoints().firstProbed(probed, now);
    if (!known.firstIsBack()) {
      return Step.to(live.with(known));
    }
    return closing(reconnection.failBack(live, known, now));
  }

  private Step<UpstreamState, UpstreamEffect> broken(
      Live live, Failure failure, double chance, Instant now) {
    Outage outage = reconnection.outageAfter(live, failure.kind(), now);
    return closing(reconnection.after(outage, failure, chance, now));
  }

  private Step<UpstreamState, UpstreamEffect> abort(
      Outage outage, String reason, double chance, Instant now) {
    Failure failure = new Failure(FailureKind.NETWORK, outage.endpoints().name() + ": " + reason);
    return first(new AbortOpening(), reconnection.after(outage, failure, chance, now));
  }

  private Instant silentAt(Instant heard) {
    return heard.plus(settings.silenceLimit());
  }

  /** Sooner a silence means nothing: progress comes now and then, and not on the dot. */
  private boolean isStall(Live live, Instant now) {
    return !now.isBefore(live.heard().plus(settings.stallAfter()));
  }

  private static boolean isDue(Optional<Instant> at, Instant now) {
    return at.filter(due -> !now.isBefore(due)).isPresent();
  }

  private static String millis(Instant from, Instant to) {
    return Duration.between(from, to).toMillis() + " ms";
  }

  private static Step<UpstreamState, UpstreamEffect> closing(
      Step<UpstreamState, UpstreamEffect> step) {
    return first(new CloseStream(), step);
  }

  private static Step<UpstreamState, UpstreamEffect> first(
      UpstreamEffect effect, Step<UpstreamState, UpstreamEffect> step) {
    List<UpstreamEffect> effects = new ArrayList<>();
    effects.add(effect);
    effects.addAll(step.effects());
    return new Step<>(step.state(), effects);
  }

  private static Step<UpstreamState, UpstreamEffect> alert(
      Outage outage, Instant now, Function<Outage, UpstreamState> state) {
    return isDue(outage.trouble().alertAt(), now)
        ? Step.to(state.apply(outage.alerted()), new RaiseAlert(outage.trouble().since()))
        : Step.to(state.apply(outage));
  }
}
