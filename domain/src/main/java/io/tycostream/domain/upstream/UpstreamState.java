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

  /**
   * A stream is being opened.
   *
   * @param failure that this attempt follows at once; nothing when a wait came between, or nothing
   *     had failed
   * @param failBack whether nothing failed: the first endpoint is in health again
   * @param since when that began
   * @param giveUpAt when it is given up
   */
  record Connecting(
      Outage outage, Optional<Failure> failure, boolean failBack, Instant since, Instant giveUpAt)
      implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(outage.alertAtOr(giveUpAt));
    }

    /** Why the stream is opened, for people; nothing when that was said before. */
    public Optional<String> reason() {
      return failBack
          ? Optional.of(outage.endpoints().name() + " is healthy again")
          : failure.map(Failure::message);
    }

    Connecting with(Outage alerted) {
      return new Connecting(alerted, failure, failBack, since, giveUpAt);
    }
  }

  /**
   * All rows are being read.
   *
   * @param progressed when it last got on
   * @param giveUpAt when it is given up, if it does not get on
   */
  record Snapshotting(Outage outage, Instant since, Instant progressed, Instant giveUpAt)
      implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(outage.alertAtOr(giveUpAt));
    }

    Snapshotting with(Outage alerted) {
      return new Snapshotting(alerted, since, progressed, giveUpAt);
    }
  }

  /**
   * The stream goes on behind what was complete, and has yet to tell what happened until it was
   * opened: rows flow, and are old.
   *
   * @param progressed when it last got on
   * @param giveUpAt when it is given up, if it does not get on
   */
  record CatchingUp(Outage outage, Instant since, Instant progressed, Instant giveUpAt)
      implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(outage.alertAtOr(giveUpAt));
    }

    CatchingUp with(Outage alerted) {
      return new CatchingUp(alerted, since, progressed, giveUpAt);
    }
  }

  /**
   * Rows flow.
   *
   * @param heard the last sign of life
   * @param silentAt when silence since then means that the stream is broken
   * @param moved when the database's own time last moved on
   * @param stalled whether it should have since then: not quiet, but held up
   * @param attempt of the outage that came before, so that a connection which breaks again at once
   *     does not start over with the shortest wait
   * @param recovery from the trouble before; nothing once it is over
   * @param probeAt when the first endpoint is looked at; nothing while it is the current one
   */
  record Live(
      Instant since,
      Instant heard,
      Instant silentAt,
      Instant moved,
      boolean stalled,
      int attempt,
      Optional<Recovery> recovery,
      Endpoints endpoints,
      Optional<Instant> probeAt)
      implements UpstreamState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(earlier(recovery.map(Recovery::overAt), earlier(probeAt, silentAt)));
    }

    /** Since when the database does not move on although it should. */
    public Optional<Instant> stalledSince() {
      return stalled ? Optional.of(moved) : Optional.empty();
    }

    Live heardAt(Instant now, Instant silentAt) {
      return new Live(since, now, silentAt, moved, stalled, attempt, recovery, endpoints, probeAt);
    }

    Live movedAt(Instant now, Instant silentAt) {
      return new Live(since, now, silentAt, now, false, attempt, recovery, endpoints, probeAt);
    }

    Live explained(Instant silentAt, boolean stall) {
      return new Live(
          since, heard, silentAt, moved, stalled || stall, attempt, recovery, endpoints, probeAt);
    }

    Live recovered() {
      return new Live(
          since, heard, silentAt, moved, stalled, attempt, Optional.empty(), endpoints, probeAt);
    }

    Live probeNextAt(Instant at) {
      return new Live(
          since, heard, silentAt, moved, stalled, attempt, recovery, endpoints, Optional.of(at));
    }

    Live with(Endpoints changed) {
      return new Live(since, heard, silentAt, moved, stalled, attempt, recovery, changed, probeAt);
    }
  }

  /**
   * A stream that is live, and may be lost again at once.
   *
   * @param trouble that is not over yet
   * @param overAt when it is
   */
  record Recovery(Trouble trouble, Instant overAt) {}

  /** Waiting before the next attempt, at the current endpoint of the outage. */
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

  private static Instant earlier(Optional<Instant> one, Instant other) {
    return one.filter(at -> at.isBefore(other)).orElse(other);
  }

  /**
   * A time in which no stream lasted: an outage, and those that follow it after short lives.
   *
   * @param since when the first stream was lost
   * @param alertAt when it becomes worth an alert; nothing once that was raised
   */
  record Trouble(Instant since, Optional<Instant> alertAt) {

    static Trouble begin(Instant now, Duration alertAfter) {
      return new Trouble(now, Optional.of(now.plus(alertAfter)));
    }

    Trouble alerted() {
      return new Trouble(since, Optional.empty());
    }
  }

  /**
   * A time without a live stream.
   *
   * @param since when it began
   * @param attempt how many attempts failed in it, at all endpoints together
   * @param fresh whether the next stream starts with a snapshot, because there is nothing to resume
   * @param resyncTried whether a lost history gets no fresh snapshot at once, because it was
   *     already answered by one, or the stream broke at once
   * @param credentialsTried whether the database already refused our credentials once
   * @param trouble that it is part of
   * @param endpoints with the one that is tried, or waited for
   */
  record Outage(
      Instant since,
      int attempt,
      boolean fresh,
      boolean resyncTried,
      boolean credentialsTried,
      Trouble trouble,
      Endpoints endpoints) {

    static Outage begin(Instant now, boolean fresh, Trouble trouble, Endpoints endpoints) {
      return new Outage(now, 0, fresh, false, false, trouble, endpoints);
    }

    /**
     * The stream broke at once, after so many attempts. If history is lost again, the next snapshot
     * has to wait: else one that never fits would be read over and over without a pause.
     */
    Outage afterShortLife(int attempts) {
      return new Outage(since, attempts, fresh, true, credentialsTried, trouble, endpoints);
    }

    /** The alert or {@code other}, whichever comes first. */
    Instant alertAtOr(Instant other) {
      return earlier(trouble.alertAt(), other);
    }

    Outage nextAttempt() {
      return new Outage(
          since, attempt + 1, fresh, resyncTried, credentialsTried, trouble, endpoints);
    }

    Outage freshAfterLostHistory() {
      return new Outage(since, attempt, true, true, credentialsTried, trouble, endpoints);
    }

    Outage afterRefusedCredentials() {
      return new Outage(since, attempt + 1, fresh, resyncTried, true, trouble, endpoints);
    }

    /** Somebody did something about it, so the second chances are there again, everywhere. */
    Outage afterHelp() {
      return new Outage(since, 0, fresh, false, false, trouble, endpoints.afresh());
    }

    Outage alerted() {
      return new Outage(
          since, attempt, fresh, resyncTried, credentialsTried, trouble.alerted(), endpoints);
    }

    Outage with(Endpoints changed) {
      return new Outage(since, attempt, fresh, resyncTried, credentialsTried, trouble, changed);
    }
  }
}
