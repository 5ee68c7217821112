package io.tycostream.client.testing;

import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.Endpoints.Endpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamState;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** States of a connection to a database that there is not. */
final class Upstream {

  private static final Duration RETRY = Duration.ofSeconds(1);

  private static final Endpoints ENDPOINTS =
      new Endpoints(
          List.of(new Endpoint("test", 0, Optional.empty(), Optional.empty(), Optional.empty())),
          0);

  private Upstream() {}

  static UpstreamState waiting(String reason, Instant now) {
    return new UpstreamState.Waiting(
        outage(now, 1), new Failure(FailureKind.NETWORK, reason), now.plus(RETRY));
  }

  static UpstreamState catchingUp(Instant now) {
    return new UpstreamState.CatchingUp(outage(now, 1), now, now, now.plus(RETRY));
  }

  static UpstreamState snapshotting(Instant now) {
    return new UpstreamState.Snapshotting(outage(now, 1), now, now, now.plus(RETRY));
  }

  static UpstreamState live(Instant now) {
    return live(now, false);
  }

  static UpstreamState stalled(Instant now) {
    return live(now, true);
  }

  private static UpstreamState live(Instant now, boolean stalled) {
    return new UpstreamState.Live(
        now, now, now.plus(RETRY), now, stalled, 0, Optional.empty(), ENDPOINTS, Optional.empty());
  }

  private static Outage outage(Instant since, int attempts) {
    return new Outage(
        since, attempts, false, false, false, new Trouble(since, Optional.empty()), ENDPOINTS);
  }
}
