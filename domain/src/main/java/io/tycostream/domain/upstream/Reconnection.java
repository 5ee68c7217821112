package io.tycostream.domain.upstream;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.UpstreamEffect.OpenStream;
import io.tycostream.domain.upstream.UpstreamState.Connecting;
import io.tycostream.domain.upstream.UpstreamState.Failed;
import io.tycostream.domain.upstream.UpstreamState.Live;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Recovery;
import io.tycostream.domain.upstream.UpstreamState.Trouble;
import io.tycostream.domain.upstream.UpstreamState.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What follows a failure: another attempt, somewhere, at some time, or none for now. */
final class Reconnection {

  /**
   * How many rounds further a database that lacks resources is treated: with the default backoff
   * the first wait is 3.2 s instead of 0.1 s.
   */
  private static final int RESOURCE_HEAD_START = 5;

  /**
   * A stream that loses its history before it lived so long was not worth the rows that were read
   * for it: however many are read in a row, the pauses between grow.
   */
  static final Duration WORTH_A_SNAPSHOT = Duration.ofSeconds(30);

  /**
   * Of the time that is worth an alert, a stream has to live this part at least for the trouble
   * before it to be over: 10 s by default. Else a database that is lost again and again, each time
   * soon, would never be worth one.
   */
  static final int LIVES_TO_AN_ALERT = 6;

  private final UpstreamSettings settings;

  Reconnection(UpstreamSettings settings) {
    this.settings = settings;
  }

  /** The next attempt, now; not because of a failure just now. */
  Step<UpstreamState, UpstreamEffect> open(Outage outage, Instant now) {
    return open(outage, Optional.empty(), false, now);
  }

  /** A stream of the first endpoint, in place of one that is live. */
  Step<UpstreamState, UpstreamEffect> failBack(Live live, Endpoints endpoints, Instant now) {
    Outage change = Outage.begin(now, false, trouble(live, now), endpoints.at(0));
    return open(change, Optional.empty(), true, now);
  }

  private Step<UpstreamState, UpstreamEffect> open(Outage outage, Failure failure, Instant now) {
    return open(outage, Optional.of(failure), false, now);
  }

  private Step<UpstreamState, UpstreamEffect> open(
      Outage outage, Optional<Failure> failure, boolean failBack, Instant now) {
    return Step.to(
        new Connecting(outage, failure, failBack, now, now.plus(settings.openLimit())),
        new OpenStream(outage.endpoints().current(), outage.fresh()));
  }

  /** The outage that begins when a live stream breaks. */
  Outage outageAfter(Live live, FailureKind kind, Instant now) {
    Duration lived = Duration.between(live.since(), now);
    boolean lasted =
        lived.compareTo(usualWait(live.attempt(), live.endpoints())) >= 0
            && (kind != FailureKind.HISTORY_LOST || lived.compareTo(WORTH_A_SNAPSHOT) >= 0);
    Outage outage = Outage.begin(now, false, trouble(live, now), live.endpoints());
    return lasted ? outage : outage.afterShortLife(live.attempt());
  }

  /** A stream that is lost again before it has lasted is part of the trouble there was. */
  private Trouble trouble(Live live, Instant now) {
    return live.recovery()
        .map(Recovery::trouble)
        .orElseGet(() -> Trouble.begin(now, settings.alertAfter()));
  }

  /** How long the stream that ends an outage has to last, so that the trouble is over. */
  Recovery recovery(Outage outage, Instant now) {
    Duration wait = usualWait(outage.attempt(), outage.endpoints());
    Duration least = settings.alertAfter().dividedBy(LIVES_TO_AN_ALERT);
    return new Recovery(outage.trouble(), now.plus(wait.compareTo(least) < 0 ? least : wait));
  }

  /** As long as the wait is that came before, but for the jitter. */
  private Duration usualWait(int attempt, Endpoints endpoints) {
    return settings.backoff().delay(attempt / endpoints.size(), 0.5);
  }

  /** What follows a failure of the given outage. */
  Step<UpstreamState, UpstreamEffect> after(
      Outage outage, Failure failure, double chance, Instant now) {
    return switch (failure.kind()) {
      case NETWORK -> failOver(outage, failure, wait(outage, 0, chance), now);
      case RESOURCES -> failOver(outage, failure, wait(outage, RESOURCE_HEAD_START, chance), now);
      case BEHIND -> {
        Duration wait = wait(outage, 0, chance);
        Outage behind = outage.with(outage.endpoints().behind(now));
        yield behind.endpoints().isBehindForLong(now)
            ? failOver(behind, failure, wait, now)
            : retry(behind, behind.nextAttempt(), failure, now.plus(wait), now);
      }
      case HISTORY_LOST -> {
        Outage lost = outage.freshAfterLostHistory();
        yield outage.resyncTried()
            ? retry(lost, lost.nextAttempt(), failure, now.plus(wait(lost, 0, chance)), now)
            : open(lost, failure, now);
      }
      case CREDENTIALS ->
          outage.credentialsTried()
              ? giveUp(outage, failure, now)
              : retry(
                  outage,
                  outage.afterRefusedCredentials(),
                  failure,
                  now.plus(wait(outage, 0, chance)),
                  now);
      case QUERY -> giveUp(outage, failure, now);
    };
  }

  /**
   * The wait grows with each round through all endpoints, so that several that are down together
   * are no reason to hurry.
   */
  private Duration wait(Outage outage, int headStart, double chance) {
    int rounds = outage.attempt() / outage.endpoints().size();
    return settings.backoff().delay(rounds + headStart, chance);
  }

  /** The failure is the endpoint's own: another one at once, or the one that is free first. */
  private Step<UpstreamState, UpstreamEffect> failOver(
      Outage outage, Failure failure, Duration wait, Instant now) {
    Endpoints endpoints = outage.endpoints().failed(now.plus(wait));
    Endpoints.Choice next = endpoints.next(now);
    Outage following = outage.nextAttempt().with(endpoints.at(next.endpoint()));
    return next.at().isAfter(now)
        ? retry(outage.with(endpoints), following, failure, next.at(), now)
        : open(following, failure, now);
  }

  private Step<UpstreamState, UpstreamEffect> retry(
      Outage outage, Outage following, Failure failure, Instant at, Instant now) {
    boolean allowed =
        settings.maxRetries().isEmpty() || outage.attempt() < settings.maxRetries().getAsInt();
    return allowed ? Step.to(new Waiting(following, failure, at)) : giveUp(outage, failure, now);
  }

  private Step<UpstreamState, UpstreamEffect> giveUp(Outage outage, Failure failure, Instant now) {
    return Step.to(new Failed(outage, failure, now, now.plus(settings.slowRetry())));
  }
}
