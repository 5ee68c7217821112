package io.tycostream.domain.source;

import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.upstream.UpstreamState;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the gateway's connection to a source's database stands.
 *
 * @param since when the condition began; while reconnecting, since when the rows may be old
 * @param attempt how many attempts failed since
 * @param retryAt when the next one is made
 * @param reason for people, in a sentence
 */
public record SourceState(
    SourceCondition condition,
    Instant since,
    OptionalInt attempt,
    Optional<Instant> retryAt,
    Optional<String> reason) {

  /** A condition without further particulars. */
  public static SourceState of(SourceCondition condition, Instant since) {
    return new SourceState(
        condition, since, OptionalInt.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * What the state of the connection means for a source.
   *
   * @param hasRows whether the source can be read meanwhile
   * @param present what was said so far
   */
  static SourceState of(UpstreamState upstream, boolean hasRows, SourceState present) {
    return switch (upstream) {
      case UpstreamState.Idle idle -> present;
      case UpstreamState.Connecting connecting ->
          during(
              connecting.outage(),
              hasRows,
              Optional.empty(),
              connecting.reason().or(present::reason));
      case UpstreamState.Snapshotting snapshotting ->
          new SourceState(
              SourceCondition.SNAPSHOTTING,
              snapshotting.since(),
              OptionalInt.empty(),
              Optional.empty(),
              present.reason());
      case UpstreamState.CatchingUp catchingUp ->
          new SourceState(
              SourceCondition.CATCHING_UP,
              catchingUp.since(),
              OptionalInt.empty(),
              Optional.empty(),
              present.reason());
      case UpstreamState.Live live ->
          live.stalledSince()
              .map(since -> of(SourceCondition.STALLED, since))
              .orElseGet(() -> of(SourceCondition.LIVE, liveSince(live, present)));
      case UpstreamState.Waiting waiting ->
          during(
              waiting.outage(),
              hasRows,
              Optional.of(waiting.until()),
              Optional.of(waiting.failure().message()));
      case UpstreamState.Failed failed ->
          new SourceState(
              SourceCondition.FAILED,
              failed.since(),
              OptionalInt.of(failed.outage().attempt()),
              Optional.of(failed.retryAt()),
              Optional.of(failed.failure().message()));
      case UpstreamState.Stopped stopped -> present;
    };
  }

  /** The same of a source whose rows never change again: what is live or stalled is complete. */
  SourceState completed() {
    return switch (condition) {
      case LIVE, STALLED -> of(SourceCondition.COMPLETED, since);
      case CONNECTING, SNAPSHOTTING, RECONNECTING, CATCHING_UP, FAILED, COMPLETED -> this;
    };
  }

  /** A stall ends when the database moves on, not when the stream was opened. */
  private static Instant liveSince(UpstreamState.Live live, SourceState present) {
    return switch (present.condition()) {
      case STALLED -> live.moved();
      case LIVE -> present.since().isAfter(live.since()) ? present.since() : live.since();
      case CONNECTING, SNAPSHOTTING, RECONNECTING, CATCHING_UP, FAILED, COMPLETED -> live.since();
    };
  }

  private static SourceState during(
      Outage outage, boolean hasRows, Optional<Instant> retryAt, Optional<String> reason) {
    return new SourceState(
        hasRows ? SourceCondition.RECONNECTING : SourceCondition.CONNECTING,
        outage.since(),
        OptionalInt.of(outage.attempt()),
        retryAt,
        reason);
  }
}
