package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamState;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Trouble;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What each state of the connection means for a client. */
final class SourceStateTest {

  private static final Instant BROKEN = Instant.ofEpochSecond(1);
  private static final Instant NOW = Instant.ofEpochSecond(2);
  private static final Instant THEN = Instant.ofEpochSecond(3);
  private static final Endpoints ENDPOINTS = Endpoints.of(List.of("one"));
  private static final Outage OUTAGE =
      new Outage(BROKEN, 7, false, false, false, new Trouble(BROKEN, Optional.empty()), ENDPOINTS);
  private static final Failure FAILURE = new Failure(FailureKind.NETWORK, "nobody is there");
  private static final SourceState SAID =
      new SourceState(
          SourceCondition.LIVE, NOW, OptionalInt.empty(), Optional.empty(), Optional.of("before"));

  @Test
  void whatIsNotYetOrNotAnyMoreChangesNothing() {
    assertEquals(SAID, state(new UpstreamState.Idle(), true));
    assertEquals(SAID, state(new UpstreamState.Stopped(), true));
  }

  @Test
  void anOutageIsReconnectingWithRowsAndConnectingWithout() {
    UpstreamState connecting =
        new UpstreamState.Connecting(OUTAGE, Optional.empty(), false, NOW, THEN);
    UpstreamState waiting = new UpstreamState.Waiting(OUTAGE, FAILURE, THEN);
    for (boolean hasRows : new boolean[] {true, false}) {
      SourceCondition condition =
          hasRows ? SourceCondition.RECONNECTING : SourceCondition.CONNECTING;
      OptionalInt attempt = OptionalInt.of(7);
      assertEquals(
          new SourceState(condition, BROKEN, attempt, Optional.empty(), Optional.of("before")),
          state(connecting, hasRows),
          "while it is tried the last reason holds");
      assertEquals(
          new SourceState(
              condition, BROKEN, attempt, Optional.of(THEN), Optional.of("nobody is there")),
          state(waiting, hasRows));
    }
  }

  @Test
  void anAttemptThatFollowsAtOnceSaysAfterWhat() {
    UpstreamState next =
        new UpstreamState.Connecting(OUTAGE, Optional.of(FAILURE), false, NOW, THEN);
    assertEquals(Optional.of("nobody is there"), state(next, true).reason());
  }

  @Test
  void whoGoesBackToAnEndpointSaysThatItIsHealthyAgain() {
    UpstreamState back = new UpstreamState.Connecting(OUTAGE, Optional.empty(), true, NOW, THEN);
    assertEquals(Optional.of("one is healthy again"), state(back, true).reason());
  }

  @Test
  void aStreamThatCatchesUpSaysWhyItHasTo() {
    assertEquals(
        new SourceState(
            SourceCondition.CATCHING_UP,
            NOW,
            OptionalInt.empty(),
            Optional.empty(),
            Optional.of("before")),
        state(new UpstreamState.CatchingUp(OUTAGE, NOW, NOW, THEN), true));
  }

  @Test
  void aSnapshotSaysWhyItIsReadAndALiveStreamNothing() {
    assertEquals(
        new SourceState(
            SourceCondition.SNAPSHOTTING,
            NOW,
            OptionalInt.empty(),
            Optional.empty(),
            Optional.of("before")),
        state(new UpstreamState.Snapshotting(OUTAGE, NOW, NOW, THEN), true));
    assertEquals(SourceState.of(SourceCondition.LIVE, NOW), state(live(NOW, BROKEN, false), true));
    assertEquals(
        SourceState.of(SourceCondition.STALLED, BROKEN),
        state(live(NOW, BROKEN, true), true),
        "since the database moved last");
  }

  @Test
  void whatWasStalledIsLiveSinceTheDatabaseMovedAgain() {
    SourceState stalled = SourceState.of(SourceCondition.STALLED, NOW);
    SourceState again = SourceState.of(live(BROKEN, THEN, false), true, stalled);
    assertEquals(SourceState.of(SourceCondition.LIVE, THEN), again);
    assertEquals(
        again,
        SourceState.of(live(BROKEN, THEN.plusSeconds(1), false), true, again),
        "however often it moves after that");
    assertEquals(
        THEN.plusSeconds(2),
        SourceState.of(live(THEN.plusSeconds(2), THEN.plusSeconds(2), false), true, again).since(),
        "until another stream");
  }

  @Test
  void whoHasGivenUpSaysWhenItIsTriedAgain() {
    assertEquals(
        new SourceState(
            SourceCondition.FAILED,
            NOW,
            OptionalInt.of(7),
            Optional.of(THEN),
            Optional.of("nobody is there")),
        state(new UpstreamState.Failed(OUTAGE, FAILURE, NOW, THEN), true));
  }

  @Test
  void whatNeverChangesAgainIsCompleteWhileTheConnectionStands() {
    for (boolean stalled : new boolean[] {true, false}) {
      SourceState live = state(live(NOW, NOW, stalled), true);
      assertEquals(SourceState.of(SourceCondition.COMPLETED, live.since()), live.completed());
    }
    SourceState failed = state(new UpstreamState.Failed(OUTAGE, FAILURE, NOW, THEN), true);
    assertEquals(failed, failed.completed());
    assertEquals(SAID.completed(), SAID.completed().completed());
  }

  @Test
  void aSourceIsCompleteAtTheLastTimeThereIs() {
    Relation relation = new Relation("t", "1", List.of(new Column("id", "text")), List.of("id"));
    Source source = new Source("t", SourceLimits.DEFAULT, NOW);
    source.load(relation, new Position("e", 5, relation.print()), List.of(), NOW);
    source.upstream(live(NOW, NOW, false));
    assertEquals(SourceCondition.LIVE, source.state().condition());
    source.progress(-1, NOW);
    source.upstream(live(NOW, NOW, false));
    assertEquals(SourceCondition.COMPLETED, source.state().condition());
  }

  private static UpstreamState live(Instant since, Instant moved, boolean stalled) {
    return new UpstreamState.Live(
        since, NOW, THEN, moved, stalled, 0, Optional.empty(), ENDPOINTS, Optional.empty());
  }

  private static SourceState state(UpstreamState upstream, boolean hasRows) {
    return SourceState.of(upstream, hasRows, SAID);
  }
}
