package io.tycostream.app.upstream;

import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.UpstreamState;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import java.util.Optional;

/** What states of a connection have in common. */
final class Outages {

  private Outages() {}

  /** The time without a live stream that a state belongs to. */
  static Optional<Outage> of(UpstreamState state) {
    return switch (state) {
      case UpstreamState.Connecting connecting -> Optional.of(connecting.outage());
      case UpstreamState.Snapshotting snapshotting -> Optional.of(snapshotting.outage());
      case UpstreamState.CatchingUp catchingUp -> Optional.of(catchingUp.outage());
      case UpstreamState.Waiting waiting -> Optional.of(waiting.outage());
      case UpstreamState.Failed failed -> Optional.of(failed.outage());
      case UpstreamState.Idle idle -> Optional.empty();
      case UpstreamState.Live live -> Optional.empty();
      case UpstreamState.Stopped stopped -> Optional.empty();
    };
  }

  static Optional<Endpoints> endpoints(UpstreamState state) {
    return state instanceof UpstreamState.Live live
        ? Optional.of(live.endpoints())
        : of(state).map(Outage::endpoints);
  }
}
