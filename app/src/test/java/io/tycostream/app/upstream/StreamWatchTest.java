package io.tycostream.app.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.Step;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamMachine;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What is counted of a connection that the real machine decides about. */
class StreamWatchTest {

  private static final Instant START = Instant.ofEpochSecond(1_000);
  private static final Duration SILENCE = Duration.ofSeconds(15);
  private static final Relation TABLE =
      new Relation("public.t", "1", List.of(new Column("id", "text")), List.of("id"));

  private final TwoServers changes = new TwoServers();
  private final UpstreamMachine machine =
      new UpstreamMachine(
          changes.endpoints(),
          new UpstreamSettings(
              Backoff.DATABASE,
              OptionalInt.empty(),
              Duration.ofSeconds(40),
              Duration.ofSeconds(40),
              SILENCE,
              SILENCE,
              Duration.ofMinutes(1),
              Duration.ofMinutes(1)));
  private Instant now = START;
  private final StreamWatch watch = new StreamWatch("books", changes, () -> now);
  private UpstreamState state = machine.initial();

  @Test
  void shouldCountNoReconnectAndNoResumeForTheFirstStream() {
    goLive();

    assertEquals(0, watch.seen().reconnectsInAll());
    assertEquals(Map.of(), watch.seen().errors());
    assertEquals(Map.of(), watch.seen().resumes());
    assertEquals(Optional.empty(), watch.seen().downSince());
    assertEquals(Optional.of(Duration.ofSeconds(3)), watch.seen().snapshot());
    assertEquals(Optional.of(START.plusSeconds(3)), watch.seen().heard());
    assertEquals("first", watch.seen().endpoints().name());
  }

  @Test
  void shouldCountWhatFollowsAtOnceElsewhere() {
    goLive();
    Failure cut = new Failure(FailureKind.NETWORK, "cut");
    pass(Duration.ofMinutes(1));
    tell(new UpstreamEvent.Heard());
    pass(Duration.ofSeconds(1));
    tell(new UpstreamEvent.StreamFailed(cut, 0.5));

    assertEquals("second", watch.seen().endpoints().name());
    assertEquals(Map.of(Seen.Reason.NETWORK, 1L), watch.seen().reconnects());
    assertEquals(Map.of(FailureKind.NETWORK, 1L), watch.seen().errors());
    assertEquals(Optional.of(new Seen.Failed(now, cut)), watch.seen().failed());
    assertEquals(Optional.of(now), watch.seen().downSince());
    assertEquals(Optional.of(now.minusSeconds(1)), watch.seen().heard(), "it stays known");

    tell(new UpstreamEvent.StreamOpened());
    assertEquals(Map.of(Seen.Resume.EXACT, 1L), watch.seen().resumes());
    assertEquals(Optional.empty(), watch.seen().downSince());
  }

  @Test
  void shouldCountSilenceAsAFailure() {
    goLive();
    pass(SILENCE);
    tell(new UpstreamEvent.DeadlineReached(0.5));

    assertEquals(Map.of(FailureKind.NETWORK, 1L), watch.seen().errors());
    assertEquals(
        Optional.of("first: nothing was heard from the stream for 15000 ms"),
        watch.seen().failed().map(failed -> failed.failure().message()));
  }

  @Test
  void shouldCountALostHistoryAsAResync() {
    goLive();
    pass(Duration.ofMinutes(1));
    tell(new UpstreamEvent.StreamFailed(new Failure(FailureKind.HISTORY_LOST, "gone"), 0.5));
    tell(new UpstreamEvent.SnapshotStarted());
    tell(new UpstreamEvent.StreamOpened());

    assertEquals(Map.of(Seen.Reason.HISTORY_LOST, 1L), watch.seen().reconnects());
    assertEquals(Map.of(Seen.Resume.RESYNC, 1L), watch.seen().resumes());
  }

  @Test
  void shouldCountTheFailureOfOneSourceWithoutTakingItForTheStreams() {
    goLive();
    UpstreamObserver all = new Observers(List.of(watch));
    all.sourceFailed("books", "t", new Failure(FailureKind.QUERY, "its key is not unique"));
    all.sourceFailed("books", "t", new Failure(FailureKind.RESOURCES, "no slot is free"));
    all.sourceReturned("books", "t");
    assertEquals(Map.of(FailureKind.QUERY, 1L, FailureKind.RESOURCES, 1L), watch.seen().errors());
    assertEquals(Optional.empty(), watch.seen().failed(), "other sources have not failed");
    assertEquals(Optional.empty(), watch.seen().downSince());
    assertEquals(0, watch.seen().reconnectsInAll());
  }

  @Test
  void shouldKnowOfAnAlertUntilAStreamLasts() {
    goLive();
    pass(Duration.ofSeconds(10));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    pass(Duration.ofSeconds(50));
    tell(new UpstreamEvent.StreamFailed(new Failure(FailureKind.QUERY, "no such table"), 0.5));
    Instant lost = now;
    pass(Duration.ofSeconds(59));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    assertEquals(Optional.empty(), watch.seen().alertSince());
    pass(Duration.ofSeconds(1));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    assertEquals(Map.of(FailureKind.QUERY, 1L), watch.seen().errors(), "a deadline is none");
    tell(new UpstreamEvent.RetryRequested());
    pass(Duration.ofSeconds(100));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    assertEquals(Optional.of(lost), watch.seen().alertSince());

    tell(new UpstreamEvent.StreamOpened());
    assertEquals(Optional.of(lost), watch.seen().alertSince(), "it may be lost again at once");
    assertEquals(Optional.empty(), watch.seen().downSince());
    pass(Duration.ofSeconds(10));
    tell(new UpstreamEvent.DeadlineReached(0.5));
    assertEquals(Optional.empty(), watch.seen().alertSince());
  }

  @Test
  void shouldTellTheLagFromTheSilence() {
    Source source = new Source("t", SourceLimits.DEFAULT, now);
    FollowedSource followed = new FollowedSource(source, watch);
    assertEquals(Optional.empty(), followed.lag(now));
    assertEquals(Optional.empty(), followed.silence(now));

    goLive();
    Instant shown = now;
    source.load(TABLE, new Position("e", shown.toEpochMilli(), "p"), List.of(Row.of("1")), now);
    pass(Duration.ofSeconds(10));
    tell(new UpstreamEvent.Heard());
    pass(Duration.ofSeconds(2));
    assertEquals(Optional.of(Duration.ofSeconds(12)), followed.lag(now), "it arrived then");
    assertEquals(Optional.of(Duration.ofSeconds(2)), followed.silence(now));

    changes.clock = true;
    source.progress(shown.plusSeconds(5).toEpochMilli(), now);
    assertEquals(Optional.of(Duration.ofSeconds(7)), followed.lag(now), "by the database's clock");
    source.progress(now.plusSeconds(9).toEpochMilli(), now);
    assertEquals(Optional.of(Duration.ZERO), followed.lag(now), "whose clock is ahead of ours");

    source.progress(-1, now);
    pass(Duration.ofHours(1));
    assertEquals(Optional.of(Duration.ZERO), followed.lag(now), "nothing more can come");
  }

  /** Takes three seconds. */
  private void goLive() {
    tell(new UpstreamEvent.Started());
    tell(new UpstreamEvent.SnapshotStarted());
    pass(Duration.ofSeconds(3));
    tell(new UpstreamEvent.StreamOpened());
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private void tell(UpstreamEvent event) {
    Step<UpstreamState, UpstreamEffect> step = machine.step(state, event, now);
    watch.stepped("books", state, event, step);
    state = step.state();
  }

  private static final class TwoServers implements ChangeSource {
    private boolean clock;

    @Override
    public List<String> endpoints() {
      return List.of("first", "second");
    }

    @Override
    public Optional<Instant> moment(long time) {
      return clock ? Optional.of(Instant.ofEpochMilli(time)) : Optional.empty();
    }

    @Override
    public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Checkpoint> probe(int endpoint) {
      return Optional.empty();
    }

    @Override
    public void abort() {}
  }
}
