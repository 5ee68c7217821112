package io.tycostream.app.upstream;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Instant;

/** One log line for everything that an operator wants to know about a database connection. */
public final class UpstreamLog implements UpstreamObserver {

  private static final System.Logger LOG = System.getLogger("io.tycostream.upstream");

  @Override
  public void stepped(
      String database,
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step) {
    switch (step.state()) {
      case UpstreamState.Live live when !(from instanceof UpstreamState.Live) ->
          LOG.log(INFO, "{0}: live at {1}", database, live.endpoints().name());
      case UpstreamState.Live live when isStalled(from) && !live.stalled() ->
          LOG.log(INFO, "{0}: live again, the database moves on", database);
      case UpstreamState.Live live when live.stalled() && !isStalled(from) ->
          LOG.log(
              WARNING,
              "{0}: stalled: connected to {1}, which has not moved on since {2}",
              database,
              live.endpoints().name(),
              live.moved());
      case UpstreamState.Snapshotting reading when !(from instanceof UpstreamState.Snapshotting) ->
          LOG.log(
              INFO, "{0}: reading all rows at {1}", database, reading.outage().endpoints().name());
      case UpstreamState.CatchingUp behind when !(from instanceof UpstreamState.CatchingUp) ->
          LOG.log(
              INFO,
              "{0}: catching up at {1} with what happened meanwhile",
              database,
              behind.outage().endpoints().name());
      case UpstreamState.Connecting connecting
          when connecting.failure().isPresent() && opens(step) ->
          LOG.log(
              WARNING,
              "{0}: {1}; at once {2} follows",
              database,
              connecting.failure().get().message(),
              connecting.outage().endpoints().name());
      case UpstreamState.Connecting connecting when connecting.failBack() && opens(step) ->
          LOG.log(INFO, "{0}: {1}", database, connecting.reason().orElseThrow());
      case UpstreamState.Waiting waiting when !(from instanceof UpstreamState.Waiting) ->
          LOG.log(
              WARNING,
              "{0}: {1}; attempt {2} follows at {3}",
              database,
              waiting.failure().message(),
              waiting.outage().attempt(),
              waiting.outage().endpoints().name());
      case UpstreamState.Failed failed when !(from instanceof UpstreamState.Failed) ->
          LOG.log(ERROR, "{0}: given up for now: {1}", database, failed.failure().message());
      case UpstreamState.Stopped stopped when !(from instanceof UpstreamState.Stopped) ->
          LOG.log(INFO, "{0}: stopped", database);
      default -> {}
    }
    for (UpstreamEffect effect : step.effects()) {
      switch (effect) {
        case UpstreamEffect.RaiseAlert(Instant since) ->
            LOG.log(ERROR, "{0}: ALERT: no stream has lasted since {1}", database, since);
        case UpstreamEffect.ClearAlert(Instant since) ->
            LOG.log(WARNING, "{0}: the stream lasts, as none did since {1}", database, since);
        default -> {}
      }
    }
  }

  @Override
  public void sourceFailed(String database, String source, Failure failure) {
    LOG.log(
        ERROR,
        "{0}: source {1} is given up for now, the others go on: {2}",
        database,
        source,
        failure.message());
  }

  @Override
  public void sourceReturned(String database, String source) {
    LOG.log(INFO, "{0}: source {1} is live again", database, source);
  }

  private static boolean opens(Step<UpstreamState, UpstreamEffect> step) {
    return step.effects().stream().anyMatch(UpstreamEffect.OpenStream.class::isInstance);
  }

  private static boolean isStalled(UpstreamState state) {
    return state instanceof UpstreamState.Live live && live.stalled();
  }
}
