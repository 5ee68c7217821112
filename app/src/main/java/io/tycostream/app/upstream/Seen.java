package io.tycostream.app.upstream;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What has been seen of a stream up to now. Immutable.
 *
 * @param endpoints of the database, with the one that is used or tried
 * @param everLive whether rows have flowed since the start
 * @param downSince when the stream was lost; nothing while it is live, and before it is started
 * @param heard its last sign of life; nothing before the first
 * @param failed what went wrong last
 * @param alertSince since when no stream has lasted, where that is worth an alert
 * @param snapshot how long it took to read all rows, the last time
 * @param reconnects attempts to connect again, by what made them necessary
 * @param errors failures by their kind
 * @param resumes of a stream that was live before, by how it went on
 */
public record Seen(
    Endpoints endpoints,
    boolean everLive,
    Optional<Instant> downSince,
    Optional<Instant> heard,
    Optional<Failed> failed,
    Optional<Instant> alertSince,
    Optional<Duration> snapshot,
    Map<Reason, Long> reconnects,
    Map<FailureKind, Long> errors,
    Map<Resume, Long> resumes) {

  /** A failure, and when it was noticed. */
  public record Failed(Instant at, Failure failure) {}

  /** Why it was connected again. */
  public enum Reason {
    NETWORK,
    RESOURCES,
    BEHIND,
    QUERY,
    HISTORY_LOST,
    CREDENTIALS,
    /** The endpoint that is preferred is in health again. */
    FAIL_BACK;

    static Reason of(FailureKind kind) {
      return switch (kind) {
        case NETWORK -> NETWORK;
        case RESOURCES -> RESOURCES;
        case BEHIND -> BEHIND;
        case QUERY -> QUERY;
        case HISTORY_LOST -> HISTORY_LOST;
        case CREDENTIALS -> CREDENTIALS;
      };
    }
  }

  /** How a stream went on that was live before. */
  public enum Resume {
    /** Exactly behind what there was. */
    EXACT,
    /** With all rows anew. */
    RESYNC
  }

  public Seen {
    reconnects = Map.copyOf(reconnects);
    errors = Map.copyOf(errors);
    resumes = Map.copyOf(resumes);
  }

  static Seen nothing(Endpoints endpoints) {
    return new Seen(
        endpoints,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of());
  }

  /** All attempts to connect again. */
  public long reconnectsInAll() {
    return reconnects.values().stream().mapToLong(Long::longValue).sum();
  }

  Seen after(
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step,
      Instant now) {
    UpstreamState to = step.state();
    Optional<Failure> failure = failure(from, event, to);
    Optional<Failed> newest = failure.map(each -> new Failed(now, each)).or(() -> failed);
    Optional<Resume> resume = resume(from, to);
    return new Seen(
        Outages.endpoints(to).orElse(endpoints),
        everLive || to instanceof UpstreamState.Live,
        Outages.of(to).map(UpstreamState.Outage::since),
        heard(to).or(() -> heard),
        newest,
        alertSince(step),
        snapshot(from, to).or(() -> snapshot),
        counted(reconnects, reconnect(from, step, newest)),
        counted(errors, failure.map(Failure::kind)),
        counted(resumes, resume));
  }

  /** The same with one failure more, which is one source's alone and not the stream's. */
  Seen afterSourceFailed(FailureKind kind) {
    return new Seen(
        endpoints,
        everLive,
        downSince,
        heard,
        failed,
        alertSince,
        snapshot,
        reconnects,
        counted(errors, Optional.of(kind)),
        resumes);
  }

  /** A failure that was told, or that a deadline is. */
  private static Optional<Failure> failure(
      UpstreamState from, UpstreamEvent event, UpstreamState to) {
    boolean possible =
        event instanceof UpstreamEvent.StreamFailed
            || event instanceof UpstreamEvent.DeadlineReached;
    return switch (from) {
      case UpstreamState.Connecting connecting when possible -> cause(to);
      case UpstreamState.Snapshotting snapshotting when possible -> cause(to);
      case UpstreamState.CatchingUp catchingUp when possible -> cause(to);
      case UpstreamState.Live live when possible -> cause(to);
      default -> Optional.empty();
    };
  }

  private static Optional<Failure> cause(UpstreamState to) {
    return switch (to) {
      case UpstreamState.Connecting connecting -> connecting.failure();
      case UpstreamState.Waiting waiting -> Optional.of(waiting.failure());
      case UpstreamState.Failed failed -> Optional.of(failed.failure());
      default -> Optional.empty();
    };
  }

  private static Optional<Instant> heard(UpstreamState state) {
    return switch (state) {
      case UpstreamState.Live live -> Optional.of(live.heard());
      case UpstreamState.Snapshotting snapshotting -> Optional.of(snapshotting.progressed());
      case UpstreamState.CatchingUp catchingUp -> Optional.of(catchingUp.progressed());
      default -> Optional.empty();
    };
  }

  private Optional<Instant> alertSince(Step<UpstreamState, UpstreamEffect> step) {
    Optional<Instant> known = alertSince;
    for (UpstreamEffect effect : step.effects()) {
      if (effect instanceof UpstreamEffect.RaiseAlert(Instant since)) {
        known = Optional.of(since);
      } else if (effect instanceof UpstreamEffect.ClearAlert) {
        known = Optional.empty();
      }
    }
    return known;
  }

  private static Optional<Duration> snapshot(UpstreamState from, UpstreamState to) {
    return from instanceof UpstreamState.Snapshotting read && to instanceof UpstreamState.Live live
        ? Optional.of(Duration.between(read.since(), live.since()))
        : Optional.empty();
  }

  private Optional<Reason> reconnect(
      UpstreamState from, Step<UpstreamState, UpstreamEffect> step, Optional<Failed> newest) {
    boolean opens = step.effects().stream().anyMatch(UpstreamEffect.OpenStream.class::isInstance);
    if (!opens || from instanceof UpstreamState.Idle) {
      return Optional.empty();
    }
    return step.state() instanceof UpstreamState.Connecting next && next.failBack()
        ? Optional.of(Reason.FAIL_BACK)
        : newest.map(last -> Reason.of(last.failure().kind()));
  }

  private Optional<Resume> resume(UpstreamState from, UpstreamState to) {
    boolean opened = to instanceof UpstreamState.Live && !(from instanceof UpstreamState.Live);
    return opened && everLive
        ? Outages.of(from).map(outage -> outage.fresh() ? Resume.RESYNC : Resume.EXACT)
        : Optional.empty();
  }

  private static <K> Map<K, Long> counted(Map<K, Long> counts, Optional<K> one) {
    if (one.isEmpty()) {
      return counts;
    }
    Map<K, Long> more = new TreeMap<>(counts);
    more.merge(one.get(), 1L, Long::sum);
    return more;
  }
}
