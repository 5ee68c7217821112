package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.replica.ClientEffect.CloseSocket;
import io.tycostream.domain.replica.ClientEffect.Tell;
import io.tycostream.domain.replica.ClientEvent.SocketOpened;
import io.tycostream.domain.replica.ClientEvent.UnsubscribeRequested;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a client remembers of what its session may still have, and when it forgets that. */
final class ReplicaSessionTest extends ReplicaScript {

  @Test
  void whatWasNeverAskedForIsNotEndedInTheSession() {
    open("T1", "a");
    cut();
    subscribe("c");
    tell(new UnsubscribeRequested("c"));
    returning();
    tell(new SocketOpened());
    assertEquals(List.of(), receive(welcome("T2", true)));
  }

  @Test
  void whatWasAskedForAndNotAnsweredIsEndedInTheSession() {
    open("T1", "a");
    cut();
    assertEquals(List.of(), tell(new UnsubscribeRequested("a")));
    returning();
    assertEquals(List.of(hello("k0", "T1", Map.of())), tell(new SocketOpened()));
    assertEquals(List.of(end("a")), receive(welcome("T2", true)));
  }

  @Test
  void aRefThatIsWantedAgainIsEndedInTheSessionOnlyOnce() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    cut();
    tell(new UnsubscribeRequested("a"));
    subscribe("a");
    returning();
    assertEquals(
        List.of(hello("k0", "T1", Map.of()), end("a"), ask("a", null)), tell(new SocketOpened()));
    assertEquals(List.of(), receive(welcome("T2", true)));
    receive(new Unsubscribed("a", OptionalInt.empty(), Optional.empty()));
    receive(snapshotStart("a", 2));
    assertEquals(List.of(new Tell(new Told.Snapshot("a", at(6)))), receive(snapshot(2, 6)));
  }

  @Test
  void aConnectionWithoutASessionForgetsWhatAnEarlierOneMayHaveHad() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    cut();
    tell(new UnsubscribeRequested("a"));
    returning();
    assertEquals(List.of(hello("k0", null, Map.of())), tell(new SocketOpened()));
    receive(welcome("T1", false));
    assertNothingIsEndedInTheNextSession("T1");
  }

  @Test
  void aSessionThatIsGoneHasNothingToEnd() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    cut();
    tell(new UnsubscribeRequested("a"));
    returning();
    tell(new SocketOpened());
    assertEquals(List.of(), receive(welcome("T2", false)));
    assertNothingIsEndedInTheNextSession("T2");
  }

  @Test
  void feedsOfAnEarlierConnectionMeanNothing() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    cut();
    returning();
    tell(new SocketOpened());
    assertEquals(List.of(), receive(snapshot(1, 9)));
    assertEquals(List.of(), receive(welcome("T2", true)));
    assertEquals(List.of(), receive(batch(1, 6, 6)));
    receive(replay("a", 3, 5, 5));
    assertEquals(1, receive(batch(3, 6, 6)).size());
  }

  /** The session would not say again that it has ended: no position is given for it. */
  @Test
  void whatHasNoRowsYetIsNotExpectedFromTheSession() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    cut();
    returning();
    assertEquals(
        List.of(hello("k0", "T1", Map.of()), end("a"), ask("a", null)), tell(new SocketOpened()));
  }

  /** The word was lost with the connection. */
  @Test
  void whatTheGatewayEndedIsEndedWhenItIsToldAgain() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    cut();
    returning();
    assertEquals(List.of(hello("k0", "T1", Map.of("a", at(5)))), tell(new SocketOpened()));
    assertEquals(List.of(), receive(welcome("T2", true)));
    List<ClientEffect> told = receive(refused("a", "forbidden", false));
    assertEquals(2, told.size());
    assertInstanceOf(Told.Ended.class, ((ClientEffect.Tell) told.getLast()).told());
  }

  @Test
  void whatBreaksAgainAndAgainIsLeftAloneAndEndedInTheSession() {
    open("T1", "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    receive(batch(1, 9, 9));
    for (int broken = 2; broken <= 3; broken++) {
      returning();
      tell(new SocketOpened());
      assertEquals(List.of(), receive(welcome("T1", true)));
      receive(snapshotStart("a", 1));
      receive(snapshot(1, 6));
      List<ClientEffect> effects = receive(batch(1, 9, 9));
      assertEquals(broken == 3 ? 2 : 1, effects.size());
      assertInstanceOf(CloseSocket.class, effects.getLast());
    }
    returning();
    assertEquals(List.of(hello("k0", "T1", Map.of())), tell(new SocketOpened()));
    assertEquals(List.of(end("a")), receive(welcome("T1", true)));
  }

  @Test
  void asManyAnswersAreAwaitedAsUnsubscribesWereSent() {
    open(null, "a");
    for (int i = 0; i < 2; i++) {
      assertEquals(List.of(end("a")), tell(new UnsubscribeRequested("a")));
      assertEquals(List.of(ask("a", null)), subscribe("a"));
    }
    Unsubscribed answer = new Unsubscribed("a", OptionalInt.empty(), Optional.empty());
    assertEquals(List.of(), receive(answer));
    receive(snapshotStart("a", 1));
    assertEquals(List.of(), receive(snapshot(1, 5)));
    // That there was nothing to end is an answer too.
    assertEquals(List.of(), receive(refused("a", "unknown-feed", false)));
    receive(snapshotStart("a", 2));
    assertEquals(List.of(new Tell(new Told.Snapshot("a", at(6)))), receive(snapshot(2, 6)));
    assertEquals(
        List.of(new Tell(new Told.Ended("a", "the gateway ended the subscription"))),
        receive(answer));
  }

  private void assertNothingIsEndedInTheNextSession(String token) {
    cut();
    returning();
    assertEquals(List.of(hello("k0", token, Map.of())), tell(new SocketOpened()));
    assertEquals(List.of(), receive(welcome(token, true)));
  }
}
