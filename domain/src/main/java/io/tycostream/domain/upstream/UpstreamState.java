package io.tycostream.domain.upstream;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Where the connection to a database stands. */
public sealed interface UpstreamState {

  /** When {@link UpstreamEvent.DeadlineReached} is due; telling it late or early does no harm. */
  Optional<Instant> deadline();

  /** Not started. */
  record Idle() implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.empty();
    }
  }

  /** A stream is being opened. */
  record Connecting(Outage outage) implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return outage.alertAt();
    }
  }

  /** All rows are being read. */
  record Snapshotting(Outage outage, Instant since) implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return outage.alertAt();
    }
  }

  /**
   * Rows flow.
   *
   * @param heard the last sign of life
   * @param silentAt when silence since then means that the stream is broken
   * @param attempt of the outage that came before, so that a connection which breaks again at once
   *     does not start over with the shortest wait
   */
  record Live(Instant since, Instant heard, Instant silentAt, int attempt)
      implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(silentAt);
    }
  }

  /** Waiting before the next attempt. */
  record Waiting(Outage outage, Failure failure, Instant until) implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(outage.alertAtOr(until));
    }
  }

  /** Given up until somebody asks to try again, or until the slow retry. */
  record Failed(Outage outage, Failure failure, Instant since, Instant retryAt)
      implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(outage.alertAtOr(retryAt));
    }
  }

  /** Ended on request, for good. */
  record Stopped() implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.empty();
    }
  }

  /**
   * A time without a live stream.
   *
   * @param since when it began
   * @param attempt how many attempts failed in it
   * @param fresh whether the next stream starts with a snapshot, because there is nothing to resume
   * @param resyncTried whether a lost history gets no fresh snapshot at once, because it was
   *     already answered by one, or the stream broke at once
   * @param credentialsTried whether the database already refused our credentials once
   * @param alertAt when it becomes worth an alert; nothing once it was raised
   */
  record Outage(
      Instant since,
      int attempt,
      boolean fresh,
      boolean resyncTried,
      boolean credentialsTried,
      Optional<Instant> alertAt) {

    static Outage begin(Instant now, int attempt, boolean fresh, Duration alertAfter) {
      return new Outage(now, attempt, fresh, false, false, Optional.of(now.plus(alertAfter)));
    }

    /**
     * The stream broke at once, after so many attempts. If history is lost again, the next snapshot
     * has to wait: else one that never fits would be read over and over without a pause.
     */
    Outage afterShortLife(int attempts) {
      return new Outage(since, attempts, fresh, true, credentialsTried, alertAt);
    }

    /** The alert or {@code other}, whichever comes first. */
    Instant alertAtOr(Instant other) {
      return alertAt.filter(alert -> alert.isBefore(other)).orElse(other);
    }

    Outage nextAttempt() {
      return new Outage(since, attempt + 1, fresh, resyncTried, credentialsTried, alertAt);
    }

    Outage freshAfterLostHistory() {
      return new Outage(since, attempt, true, true, credentialsTried, alertAt);
    }

    Outage afterRefusedCredentials() {
      return new Outage(since, attempt + 1, fresh, resyncTried, true, alertAt);
    }

    /** Somebody did something about it, so the second chances are there again. */
    Outage afterHelp() {
      return new Outage(since, 0, fresh, false, false, alertAt);
    }

    Outage alerted() {
      return new Outage(since, attempt, fresh, resyncTried, credentialsTried, Optional.empty());
    }
  }
}
