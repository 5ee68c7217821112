package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.replica.ClientEffect.CloseSocket;
import io.tycostream.domain.replica.ClientEffect.OpenSocket;
import io.tycostream.domain.replica.ClientEffect.Tell;
import io.tycostream.domain.replica.ClientEvent.CredentialsDenied;
import io.tycostream.domain.replica.ClientEvent.CredentialsRenewed;
import io.tycostream.domain.replica.ClientEvent.DeadlineReached;
import io.tycostream.domain.replica.ClientEvent.SocketEnded;
import io.tycostream.domain.replica.ClientEvent.SocketOpened;
import io.tycostream.domain.replica.ClientEvent.SubscribeRequested;
import io.tycostream.domain.replica.ClientEvent.UnsubscribeRequested;
import io.tycostream.domain.replica.ReplicaState.Closed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a whole client does, step by step; {@link CheckedReplica} looks at the invariants. */
final class ReplicaTest extends ReplicaScript {

  @Test
  void withoutATokenEverythingIsAskedForAtOnceBehindTheHello() {
    subscribe("a");
    assertEquals(List.of(new OpenSocket(0)), tell(new ClientEvent.Started()));
    assertEquals(List.of(hello("k0", null, Map.of()), ask("a", null)), tell(new SocketOpened()));
    assertEquals(List.of(ask("b", null)), subscribe("b"));
    assertEquals(List.of(), receive(welcome(null, false)));
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    cut();
    assertEquals(List.of(new OpenSocket(1)), returning());
    assertEquals(
        List.of(hello("k0", null, Map.of()), ask("a", at(5)), ask("b", null)),
        tell(new SocketOpened()));
  }

  @Test
  void aSessionBringsBackWhatItIsKnownToHaveAndNothingElseIsForgotten() {
    open("T1", "a", "b");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    // Of b nothing was heard: whether the session has it nobody knows.
    cut();
    subscribe("c");
    returning();
    assertEquals(
        List.of(hello("k0", "T1", Map.of("a", at(5))), end("b"), ask("b", null), ask("c", null)),
        tell(new SocketOpened()));
    assertEquals(List.of(), receive(welcome("T2", true)));
    receive(replay("a", 9, 5, 70));
    assertEquals(
        List.of(new Tell(new Told.Batch("a", at(6), List.of(), true))), receive(batch(9, 71, 6)));
  }

  @Test
  void aSessionThatIsGoneIsMadeGoodByPosition() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    cut();
    returning();
    assertEquals(List.of(hello("k0", "T1", Map.of("a", at(5)))), tell(new SocketOpened()));
    assertEquals(List.of(ask("a", at(5))), receive(welcome("T2", false)));
    cut();
    returning();
    assertEquals(
        List.of(hello("k0", "T2", Map.of()), end("a"), ask("a", at(5))), tell(new SocketOpened()));
  }

  @Test
  void whatTheSessionMayBringBackIsNotHeardWhereItIsAskedForAgain() {
    open("T1", "a");
    cut();
    returning();
    assertEquals(
        List.of(hello("k0", "T1", Map.of()), end("a"), ask("a", null)), tell(new SocketOpened()));
    receive(welcome("T2", true));
    receive(snapshotStart("a", 1));
    assertEquals(List.of(), receive(snapshot(1, 9)));
    assertEquals(List.of(), receive(refused("a", "source-failed", true)));
    receive(new Unsubscribed("a", OptionalInt.of(1), Optional.empty()));
    receive(snapshotStart("a", 2));
    assertEquals(List.of(new Tell(new Told.Snapshot("a", at(8)))), receive(snapshot(2, 8)));
  }

  @Test
  void anUnsubscribeThatWasNotAnsweredIsSentAgainInTheSession() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    assertEquals(List.of(end("a")), tell(new UnsubscribeRequested("a")));
    cut();
    returning();
    assertEquals(List.of(hello("k0", "T1", Map.of())), tell(new SocketOpened()));
    assertEquals(List.of(end("a")), receive(welcome("T2", true)));
  }

  @Test
  void whatTheProgramLeftMeanwhileIsEndedInTheSession() {
    open("T1", "a", "b");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    receive(snapshotStart("b", 2));
    receive(snapshot(2, 5));
    cut();
    assertEquals(List.of(), tell(new UnsubscribeRequested("a")));
    returning();
    tell(new SocketOpened());
    assertEquals(List.of(), tell(new UnsubscribeRequested("b")));
    assertEquals(List.of(end("a"), end("b")), receive(welcome("T2", true)));
    assertEquals(List.of(), receive(snapshotStart("a", 3)));
    assertEquals(List.of(), receive(snapshot(3, 8)));
    assertEquals(List.of(), receive(new Unsubscribed("a", OptionalInt.of(3), Optional.empty())));
  }

  @Test
  void whatIsSaidOfAnEarlierSubscriptionWithTheSameRefIsNotHeard() {
    open(null, "a");
    assertEquals(List.of(end("a")), tell(new UnsubscribeRequested("a")));
    assertEquals(List.of(ask("a", null)), subscribe("a"));
    receive(snapshotStart("a", 1));
    assertEquals(List.of(), receive(snapshot(1, 5)));
    receive(refused("a", "source-failed", true));
    receive(new Unsubscribed("a", OptionalInt.of(1), Optional.empty()));
    receive(snapshotStart("a", 2));
    assertEquals(List.of(new Tell(new Told.Snapshot("a", at(6)))), receive(snapshot(2, 6)));
  }

  @Test
  void aTakenOverSessionIsNotTakenBack() {
    for (boolean withBye : List.of(true, false)) {
      ReplicaTest fresh = new ReplicaTest();
      fresh.open("T1", "a");
      fresh.receive(snapshotStart("a", 1));
      fresh.receive(snapshot(1, 5));
      if (withBye) {
        fresh.receive(new Bye(4409, "taken over", Optional.empty(), true));
      } else {
        fresh.tell(new SocketEnded(4409, "taken over", HALF));
      }
      fresh.returning();
      assertEquals(
          List.of(hello("k0", null, Map.of()), ask("a", at(5))), fresh.tell(new SocketOpened()));
      // Nothing was heard of it in the new session, whatever the old one had.
      fresh.receive(welcome("T2", false));
      fresh.cut();
      fresh.returning();
      assertEquals(
          List.of(hello("k0", "T2", Map.of()), end("a"), ask("a", at(5))),
          fresh.tell(new SocketOpened()));
    }
  }

  @Test
  void otherCredentialsAreAskedForAndTriedOnce() {
    open("T1", "a");
    List<ClientEffect> effects = receive(new Bye(4401, "expired", Optional.empty(), true));
    assertEquals(
        List.of(new CloseSocket(1000, "after bye"), new ClientEffect.AskForCredentials()), effects);
    assertEquals(Optional.empty(), replica.deadline());
    assertEquals(List.of(), tell(new CredentialsRenewed("k1", HALF)));
    returning();
    assertEquals(hello("k1", "T1", Map.of()), tell(new SocketOpened()).getFirst());
    assertEquals(
        List.of(
            new CloseSocket(1000, "after bye"),
            new Tell(new Told.Ended("a", "the client has ended: no"))),
        receive(new Bye(4403, "no", Optional.empty(), false)));
    assertInstanceOf(Closed.class, replica.state());
    assertEquals(
        List.of(new Tell(new Told.Ended("z", "the client has ended: no"))), subscribe("z"));
  }

  @Test
  void withoutOtherCredentialsTheClientEnds() {
    open(null, "a");
    receive(new Bye(4401, "expired", Optional.empty(), false));
    assertEquals(
        List.of(new Tell(new Told.Ended("a", "the client has ended: expired"))),
        tell(new CredentialsDenied()));
    assertEquals(new Closed(4401, "expired"), replica.state());
  }

  @Test
  void credentialsAreRenewedOnAnOpenConnection() {
    open("T1", "a");
    assertEquals(List.of(hello("k1", null, Map.of())), tell(new CredentialsRenewed("k1", HALF)));
    assertEquals(List.of(), receive(welcome("T2", false)));
    cut();
    returning();
    assertEquals(
        List.of(hello("k1", "T2", Map.of()), end("a"), ask("a", null)), tell(new SocketOpened()));
  }

  @Test
  void anExpiredPositionIsMadeGoodByExactlyOneSnapshot() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    cut();
    returning();
    List<ClientEffect> all = new ArrayList<>(tell(new SocketOpened()));
    all.addAll(receive(welcome(null, false)));
    Gap gap = new Gap(1, Optional.of(at(5)), at(90), -1, "history-expired", "snapshot");
    all.addAll(receive(snapshotStart("a", 1)));
    all.addAll(receive(gap));
    all.addAll(receive(snapshot(1, 90)));
    all.addAll(receive(new ServerMessage.Progress(1, at(91))));
    for (int i = 0; i < 50; i++) {
      all.addAll(tell(new DeadlineReached(HALF)));
    }
    assertEquals(
        List.of(
            hello("k0", null, Map.of()),
            ask("a", at(5)),
            new Tell(new Told.Gap("a", gap)),
            new Tell(new Told.Snapshot("a", at(90))),
            new Tell(new Told.Progress("a", at(91)))),
        all);
  }

  @Test
  void aBrokenSequenceIsGoneOnFromOnceAndThenBegunAnew() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    String why = "subscription to t: batch 9 of 1 after 5";
    assertEquals(List.of(new CloseSocket(1000, why)), receive(batch(1, 9, 9)));
    returning();
    assertEquals(ask("a", at(5)), tell(new SocketOpened()).getLast());
    receive(welcome(null, false));
    receive(replay("a", 1, 5, 5));
    receive(batch(1, 9, 9));
    returning();
    assertEquals(ask("a", null), tell(new SocketOpened()).getLast());
  }

  @Test
  void rowsThatTurnOutWrongAreBegunAnewAtOnceAlsoInASession() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    receive(
        new BatchPart(
            1, 6, at(6), List.of(new RowChange.Delete(new Key(Row.of("9")))), 1, false, 0, false));
    returning();
    assertEquals(
        List.of(hello("k0", "T1", Map.of()), end("a"), ask("a", null)), tell(new SocketOpened()));
  }

  @Test
  void aSubscriptionThatBreaksAgainAndAgainIsLeftAloneAndTheOthersGoOn() {
    open(null, "a", "b");
    List<ClientEffect> broken = List.of();
    for (int i = 0; i < 3; i++) {
      receive(snapshotStart("a", 1));
      receive(snapshot(1, 5));
      broken = receive(batch(1, 9, 9));
      returning();
      tell(new SocketOpened());
      receive(welcome(null, false));
    }
    Instant since = now;
    Told.Looping looping = (Told.Looping) ((Tell) broken.getFirst()).told();
    assertEquals("a", looping.ref());
    assertEquals("batch 9 of 1 after 5", looping.reason());
    assertTrue(looping.until().isAfter(since));
    receive(snapshotStart("b", 2));
    assertEquals(List.of(new Tell(new Told.Snapshot("b", at(7)))), receive(snapshot(2, 7)));
    now = looping.until();
    assertEquals(List.of(ask("a", at(5))), tell(new DeadlineReached(HALF)));
  }

  @Test
  void snapshotsThatFollowEachOtherEndInAPause() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    receive(snapshot(1, 6));
    receive(snapshot(1, 7));
    Instant until = now.plusSeconds(5);
    assertEquals(
        List.of(
            new Tell(new Told.Snapshot("a", at(8))),
            end("a"),
            new Tell(new Told.Looping("a", "one snapshot after another", until))),
        receive(snapshot(1, 8)));
    assertEquals(List.of(), receive(snapshot(1, 9)));
    assertEquals(List.of(), receive(new Unsubscribed("a", OptionalInt.of(1), Optional.empty())));
    assertEquals(Optional.of(until), replica.deadline());
    now = until;
    assertEquals(List.of(ask("a", at(8))), tell(new DeadlineReached(HALF)));
  }

  @Test
  void whatIsLeftAloneIsNotExpectedFromTheSession() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    for (int time = 5; time <= 8; time++) {
      receive(snapshot(1, time));
    }
    Instant until = now.plusSeconds(5);
    cut();
    returning();
    assertEquals(List.of(hello("k0", "T1", Map.of())), tell(new SocketOpened()));
    now = until;
    assertEquals(List.of(end("a"), ask("a", at(8))), tell(new DeadlineReached(HALF)));
    assertEquals(List.of(), receive(welcome("T2", true)));
    receive(new Unsubscribed("a", OptionalInt.empty(), Optional.empty()));
    receive(replay("a", 3, 8, 8));
    assertEquals(1, receive(batch(3, 9, 9)).size());
  }

  @Test
  void whatIsLeftAloneIsEndedInASessionThatMayStillHaveIt() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    for (int time = 5; time <= 8; time++) {
      receive(snapshot(1, time));
    }
    cut();
    returning();
    tell(new SocketOpened());
    assertEquals(List.of(end("a")), receive(welcome("T2", true)));
    assertEquals(List.of(), receive(replay("a", 3, 8, 8)));
    assertEquals(List.of(), receive(batch(3, 9, 9)));
  }

  @Test
  void batchesBetweenSnapshotsAreLifeButNotWithoutEnd() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 10));
    for (int i = 1; i <= 3; i++) {
      receive(batch(1, 10 * i + 1, 10 * i + 1));
      assertEquals(1, receive(snapshot(1, 10 * i + 10)).size());
    }
    receive(batch(1, 41, 41));
    assertEquals(3, receive(snapshot(1, 50)).size());
  }

  @Test
  void aRareSnapshotIsNoLoopHoweverOften() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    for (int i = 1; i < 100; i++) {
      now = now.plus(Duration.ofMinutes(3));
      assertEquals(1, receive(snapshot(1, i)).size(), "snapshot " + i);
    }
  }

  @Test
  void aRefusalIsTriedAgainWithABackoffAndAnyOtherEndsTheSubscription() {
    open(null, "a");
    receive(refused("a", "source-not-ready", true));
    assertEquals(Optional.of(now.plus(ReplicaSettings.DEFAULT.backoff().delay(0, HALF))), due());
    now = due().orElseThrow();
    assertEquals(List.of(ask("a", null)), tell(new DeadlineReached(HALF)));
    receive(refused("a", "source-not-ready", true));
    assertEquals(Optional.of(now.plus(ReplicaSettings.DEFAULT.backoff().delay(1, HALF))), due());
    now = due().orElseThrow();
    tell(new DeadlineReached(HALF));
    Refused no = refused("a", "unknown-source", false);
    assertEquals(
        List.of(
            new Tell(new Told.Refused("a", no)),
            new Tell(new Told.Ended("a", "no (unknown-source)"))),
        receive(no));
  }

  @Test
  void whatIsWrongOfTheProgramIsSaidAtOnce() {
    subscribe("a");
    assertThrows(IllegalArgumentException.class, () -> subscribe("a"));
    SubscribeRequested without =
        new SubscribeRequested(new Subscribe("b", "t", Optional.of(at(5))), true);
    assertThrows(IllegalArgumentException.class, () -> tell(without));
  }
}
