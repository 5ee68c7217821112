package io.tycostream.domain.upstream;

import io.tycostream.domain.Step;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Decides how the connection to a database is kept.
 *
 * <p>What each kind of failure leads to stands in {@link FailureKind}. Two rules keep it from
 * running in circles: a lost history is answered by one fresh snapshot at once, and by ordinary
 * waits after that; and a stream that broke before it lived as long as the wait that came before it
 * counts as one more failed attempt, whose lost history has to wait as well.
 */
public final class UpstreamMachine {

  /**
   * How many attempts further a database that lacks resources is treated: with the default backoff
   * the first wait is 3.2 s instead of 0.1 s.
   */
  private static final int RESOURCE_HEAD_START = 5;

  private final UpstreamSettings settings;

  public UpstreamMachine(UpstreamSettings settings) {
    this.settings = settings;
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
      case Live live -> live(live, event, now);
      case Waiting waiting -> waiting(waiting, event, now);
      case Failed failed -> failed(failed, event, now);
      case Stopped stopped -> Step.to(stopped);
    };
  }

  private Step<UpstreamState, UpstreamEffect> idle(Idle idle, UpstreamEvent event, Instant now) {
    return switch (event) {
      case Started started ->
          Step.to(
              new Connecting(Outage.begin(now, 0, true, settings.alertAfter())),
              new OpenStream(true));
      case StopRequested stop -> Step.to(new Stopped());
      case SnapshotStarted unexpected -> Step.to(idle);
      case StreamOpened unexpected -> Step.to(idle);
      case Heard unexpected -> Step.to(idle);
      case StreamFailed unexpected -> Step.to(idle);
      case DeadlineReached unexpected -> Step.to(idle);
      case RetryRequested unexpected -> Step.to(idle);
    };
  }

  private Step<UpstreamState, UpstreamEffect> connecting(
      Connecting connecting, UpstreamEvent event, Instant now) {
    Outage outage = connecting.outage();
    return switch (event) {
      case SnapshotStarted started -> Step.to(new Snapshotting(outage, now));
      case StreamOpened opened -> opened(outage, now);
      case StreamFailed failed -> failure(outage, failed.failure(), failed.chance(), now);
      case DeadlineReached reached -> alert(outage, now, Connecting::new);
      case StopRequested stop -> Step.to(new Stopped(), new CloseStream());
      case Started unexpected -> Step.to(connecting);
      case Heard unexpected -> Step.to(connecting);
      case RetryRequested unexpected -> Step.to(connecting);
    };
  }

  private Step<UpstreamState, UpstreamEffect> snapshotting(
      Snapshotting snapshotting, UpstreamEvent event, Instant now) {
    Outage outage = snapshotting.outage();
    return switch (event) {
      case StreamOpened opened -> opened(outage, now);
      case StreamFailed failed -> failure(outage, failed.failure(), failed.chance(), now);
      case DeadlineReached reached ->
          alert(outage, now, alerted -> new Snapshotting(alerted, snapshotting.since()));
      case StopRequested stop -> Step.to(new Stopped(), new CloseStream());
      case Started unexpected -> Step.to(snapshotting);
      case SnapshotStarted unexpected -> Step.to(snapshotting);
      case Heard unexpected -> Step.to(snapshotting);
      case RetryRequested unexpected -> Step.to(snapshotting);
    };
  }

  private Step<UpstreamState, UpstreamEffect> live(Live live, UpstreamEvent event, Instant now) {
    return switch (event) {
      case Heard heard -> Step.to(new Live(live.since(), now, silentAt(now), live.attempt()));
      case StreamFailed failed ->
          closing(failure(outageAfter(live, now), failed.failure(), failed.chance(), now));
      case DeadlineReached reached -> {
        if (now.isBefore(live.silentAt())) {
          yield Step.to(live);
        }
        Failure silence =
            new Failure(
                FailureKind.NETWORK,
                "nothing was heard from the stream for "
                    + Duration.between(live.heard(), now).toMillis()
                    + " ms");
        yield closing(failure(outageAfter(live, now), silence, reached.chance(), now));
      }
      case StopRequested stop -> Step.to(new Stopped(), new CloseStream());
      case Started unexpected -> Step.to(live);
      case SnapshotStarted unexpected -> Step.to(live);
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
              : open(waiting.outage());
      case RetryRequested requested -> open(waiting.outage());
      case StopRequested stop -> Step.to(new Stopped());
      case Started unexpected -> Step.to(waiting);
      case SnapshotStarted unexpected -> Step.to(waiting);
      case StreamOpened unexpected -> Step.to(waiting);
      case Heard unexpected -> Step.to(waiting);
      case StreamFailed unexpected -> Step.to(waiting);
    };
  }

  private Step<UpstreamState, UpstreamEffect> failed(
      Failed failed, UpstreamEvent event, Instant now) {
    return switch (event) {
      case RetryRequested requested -> open(failed.outage().afterHelp());
      case DeadlineReached reached ->
          now.isBefore(failed.retryAt())
              ? alert(
                  failed.outage(),
                  now,
                  alerted ->
                      new Failed(alerted, failed.failure(), failed.since(), failed.retryAt()))
              : open(failed.outage().afterHelp());
      case StopRequested stop -> Step.to(new Stopped());
      case Started unexpected -> Step.to(failed);
      case SnapshotStarted unexpected -> Step.to(failed);
      case StreamOpened unexpected -> Step.to(failed);
      case Heard unexpected -> Step.to(failed);
      case StreamFailed unexpected -> Step.to(failed);
    };
  }

  private static Step<UpstreamState, UpstreamEffect> open(Outage outage) {
    return Step.to(new Connecting(outage), new OpenStream(outage.fresh()));
  }

  private Step<UpstreamState, UpstreamEffect> opened(Outage outage, Instant now) {
    UpstreamState live = new Live(now, now, silentAt(now), outage.attempt());
    return outage.alertAt().isPresent()
        ? Step.to(live)
        : Step.to(live, new ClearAlert(outage.since()));
  }

  private Instant silentAt(Instant heard) {
    return heard.plus(settings.silenceLimit());
  }

  private Outage outageAfter(Live live, Instant now) {
    Duration lived = Duration.between(live.since(), now);
    boolean lasted = lived.compareTo(settings.backoff().delay(live.attempt(), 0.5)) >= 0;
    Outage outage = Outage.begin(now, 0, false, settings.alertAfter());
    return lasted ? outage : outage.afterShortLife(live.attempt());
  }

  /** What follows a failure of the given outage. */
  private Step<UpstreamState, UpstreamEffect> failure(
      Outage outage, Failure failure, double chance, Instant now) {
    return switch (failure.kind()) {
      case NETWORK -> retry(outage, outage.nextAttempt(), 0, failure, chance, now);
      case RESOURCES ->
          retry(outage, outage.nextAttempt(), RESOURCE_HEAD_START, failure, chance, now);
      case HISTORY_LOST -> {
        Outage lost = outage.freshAfterLostHistory();
        yield outage.resyncTried()
            ? retry(lost, lost.nextAttempt(), 0, failure, chance, now)
            : open(lost);
      }
      case CREDENTIALS ->
          outage.credentialsTried()
              ? giveUp(outage, failure, now)
              : retry(outage, outage.afterRefusedCredentials(), 0, failure, chance, now);
      case QUERY -> giveUp(outage, failure, now);
    };
  }

  private Step<UpstreamState, UpstreamEffect> retry(
      Outage outage, Outage next, int headStart, Failure failure, double chance, Instant now) {
    if (settings.maxRetries().isPresent() && outage.attempt() >= settings.maxRetries().getAsInt()) {
      return giveUp(outage, failure, now);
    }
    Duration wait = settings.backoff().delay(outage.attempt() + headStart, chance);
    return Step.to(new Waiting(next, failure, now.plus(wait)));
  }

  private Step<UpstreamState, UpstreamEffect> giveUp(Outage outage, Failure failure, Instant now) {
    return Step.to(new Failed(outage, failure, now, now.plus(settings.slowRetry())));
  }

  private static Step<UpstreamState, UpstreamEffect> closing(
      Step<UpstreamState, UpstreamEffect> step) {
    List<UpstreamEffect> effects = new ArrayList<>();
    effects.add(new CloseStream());
    effects.addAll(step.effects());
    return new Step<>(step.state(), effects);
  }

  private static Step<UpstreamState, UpstreamEffect> alert(
      Outage outage, Instant now, Function<Outage, UpstreamState> state) {
    boolean due = outage.alertAt().filter(at -> !now.isBefore(at)).isPresent();
    return due
        ? Step.to(state.apply(outage.alerted()), new RaiseAlert(outage.since()))
        : Step.to(state.apply(outage));
  }
}
