package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Pressure;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.SourceStatus;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.replica.ClientEffect.CloseSocket;
import io.tycostream.domain.replica.ClientEffect.OpenSocket;
import io.tycostream.domain.replica.ClientEffect.Send;
import io.tycostream.domain.replica.ClientEffect.Tell;
import io.tycostream.domain.replica.ClientEvent.CloseRequested;
import io.tycostream.domain.replica.ClientEvent.DeadlineReached;
import io.tycostream.domain.replica.ClientEvent.GarbageReceived;
import io.tycostream.domain.replica.ClientEvent.Pinged;
import io.tycostream.domain.replica.ClientEvent.SocketOpened;
import io.tycostream.domain.replica.ClientEvent.SubscribeRequested;
import io.tycostream.domain.replica.ClientEvent.UnsubscribeRequested;
import io.tycostream.domain.replica.ReplicaState.Closed;
import io.tycostream.domain.replica.ReplicaState.Connecting;
import io.tycostream.domain.replica.ReplicaState.Greeting;
import io.tycostream.domain.replica.ReplicaState.Idle;
import io.tycostream.domain.replica.ReplicaState.Open;
import io.tycostream.domain.replica.ReplicaState.Unauthorized;
import io.tycostream.domain.replica.ReplicaState.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What a program is told of what a gateway says, and what it is not told. */
final class ReplicaToldTest extends ReplicaScript {

  @Test
  void howTheSourceStandsIsToldByRefAndThenByFeed() {
    open(null, "a", "b");
    SourceStatus byRef = source(Optional.of("a"), OptionalInt.empty());
    assertEquals(List.of(new Tell(new Told.SourceState("a", byRef))), receive(byRef));
    receive(snapshotStart("b", 2));
    SourceStatus byFeed = source(Optional.empty(), OptionalInt.of(2));
    assertEquals(List.of(new Tell(new Told.SourceState("b", byFeed))), receive(byFeed));
    assertEquals(List.of(), receive(source(Optional.empty(), OptionalInt.of(3))));
    assertEquals(List.of(), receive(source(Optional.of("z"), OptionalInt.empty())));
    assertEquals(List.of(), receive(source(Optional.empty(), OptionalInt.empty())));
  }

  @Test
  void pressureIsToldOfTheSubscriptionOfItsFeed() {
    open(null, "a", "b");
    receive(snapshotStart("a", 1));
    receive(snapshotStart("b", 2));
    Pressure pressure = new Pressure(80, 100, "high", 2);
    assertEquals(List.of(new Tell(new Told.Pressure("b", pressure))), receive(pressure));
    assertEquals(List.of(), receive(new Pressure(80, 100, "high", 3)));
  }

  @Test
  void whatTheGatewayEndsIsToldOnceAndNotAskedForAgain() {
    open(null, "a", "b", "c");
    receive(snapshotStart("a", 1));
    assertEquals(
        List.of(new Tell(new Told.Ended("a", "the source was dropped"))),
        receive(new Unsubscribed("a", OptionalInt.of(1), Optional.of("the source was dropped"))));
    assertEquals(Optional.empty(), replica.table("a"));
    assertEquals(List.of(), receive(snapshot(1, 5)));
    assertEquals(
        List.of(new Tell(new Told.Ended("b", "the gateway ended the subscription"))),
        receive(new Unsubscribed("b", OptionalInt.empty(), Optional.empty())));
    assertEquals(List.of(), receive(new Unsubscribed("b", OptionalInt.empty(), Optional.empty())));
    cut();
    returning();
    assertEquals(List.of(hello("k0", null, Map.of()), ask("c", null)), tell(new SocketOpened()));
  }

  @Test
  void aGapThatLeavesTheRowsWrongIsToldAndBegunAnew() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    Gap gap = new Gap(1, Optional.of(at(5)), at(9), 4, "drop-oldest", "none");
    String why = "subscription to t: a gap that leaves the rows wrong, recovery none";
    assertEquals(
        List.of(new Tell(new Told.Gap("a", gap)), new CloseSocket(1000, why)), receive(gap));
    returning();
    assertEquals(ask("a", null), tell(new SocketOpened()).getLast());
  }

  @Test
  void aReplayFromAheadOfTheRowsIsGivenUpAndBegunAnew() {
    open(null, "a");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    cut();
    returning();
    tell(new SocketOpened());
    String why = "subscription to t: a replay from " + at(7) + " after " + at(5);
    assertEquals(List.of(new CloseSocket(1000, why)), receive(replay("a", 1, 7, 7)));
    returning();
    assertEquals(ask("a", null), tell(new SocketOpened()).getLast());
  }

  @Test
  void whatTheClientCannotFollowIsEndedAtTheGatewayToo() {
    open(null, "a");
    List<ClientEffect> effects =
        receive(
            new Subscribed(
                "a",
                1,
                "t",
                List.of("nope"),
                List.of(new Column("id", "int8")),
                Start.SNAPSHOT,
                Optional.empty(),
                OptionalLong.empty()));
    assertEquals(2, effects.size());
    assertEquals(end("a"), effects.getFirst());
    Tell tell = assertInstanceOf(Tell.class, effects.getLast());
    String reason = assertInstanceOf(Told.Ended.class, tell.told()).reason();
    assertTrue(reason.contains("nope"), reason);
    assertEquals(List.of(), receive(snapshot(1, 5)));
    // The ref is free again, behind the answer to the unsubscribe.
    assertEquals(List.of(ask("a", null)), subscribe("a"));
    assertEquals(List.of(), receive(new Unsubscribed("a", OptionalInt.of(1), Optional.empty())));
    receive(snapshotStart("a", 2));
    assertEquals(List.of(new Tell(new Told.Snapshot("a", at(6)))), receive(snapshot(2, 6)));
  }

  @Test
  void changesOfAnEventSubscriptionAreToldAsTheyCome() {
    open(null);
    assertEquals(List.of(new Send(events("a", at(5)))), tell(eventsRequested("a", at(5))));
    receive(replay("a", 1, 5, 5));
    List<RowChange> changes = List.of(new RowChange.Delete(new Key(Row.of("9"))));
    assertEquals(
        List.of(new Tell(new Told.Changes("a", at(6), changes, true))),
        receive(new BatchPart(1, 6, at(6), changes, 1, false, 0, false)));
    assertEquals(
        List.of(new Tell(new Told.Changes("a", at(8), changes, false))),
        receive(new BatchPart(1, 8, at(8), changes, 2, false, 0, false)));
    Gap gap = new Gap(1, Optional.of(at(8)), at(20), 4, "drop-oldest", "none");
    assertEquals(List.of(new Tell(new Told.Gap("a", gap))), receive(gap));
    cut();
    returning();
    assertEquals(new Send(events("a", at(20))), tell(new SocketOpened()).getLast());
  }

  @Test
  void rowsOfAnEventSubscriptionThatFollowEachOtherAreALoopUnlessChangesComeBetween() {
    for (boolean changes : List.of(true, false)) {
      ReplicaToldTest client = new ReplicaToldTest();
      client.open(null);
      client.tell(eventsRequested("a", null));
      client.receive(snapshotStart("a", 1));
      for (int time = 5; time <= 7; time++) {
        assertEquals(List.of(rows(time)), client.receive(snapshot(1, time)));
      }
      if (changes) {
        client.receive(batch(1, 8, 8));
        assertEquals(List.of(rows(9)), client.receive(snapshot(1, 9)));
      } else {
        Told looping =
            new Told.Looping("a", "one snapshot after another", client.now.plusSeconds(5));
        assertEquals(List.of(rows(9), end("a"), new Tell(looping)), client.receive(snapshot(1, 9)));
      }
    }
  }

  @Test
  void aChangeBetweenLetsAnEventSubscriptionGoOnFromItsPositionAfterEveryBreak() {
    open(null);
    tell(eventsRequested("a", at(5)));
    for (int time = 5; time <= 6; time++) {
      receive(replay("a", 1, time, time));
      receive(batch(1, time + 1, time + 1));
      receive(batch(1, 99, 99));
      returning();
      assertEquals(new Send(events("a", at(time + 1))), tell(new SocketOpened()).getLast());
      receive(welcome(null, false));
    }
  }

  @Test
  void aBadPositionIsRemarkedAndForgotten() {
    open(null);
    tell(eventsRequested("a", at(5)));
    Refused bad = refused("a", "bad-position", false);
    assertEquals(
        List.of(new Tell(new Told.Remarked(bad)), new Send(events("a", null))), receive(bad));
    assertEquals(
        List.of(
            new Tell(new Told.Refused("a", bad)),
            new Tell(new Told.Ended("a", "no (bad-position)"))),
        receive(bad));
    assertEquals(Optional.empty(), replica.table("a"));
  }

  @Test
  void anyOtherRefusalKeepsThePositionWhileItWaits() {
    open(null);
    tell(eventsRequested("a", at(5)));
    Refused ahead = refused("a", "position-ahead", true);
    assertEquals(List.of(new Tell(new Told.Refused("a", ahead))), receive(ahead));
    // Nothing is asked for now, so that nothing can be refused.
    assertEquals(List.of(new Tell(new Told.Remarked(ahead))), receive(ahead));
    assertEquals(List.of(), receive(source(Optional.of("a"), OptionalInt.empty())));
    now = due().orElseThrow();
    assertEquals(List.of(new Send(events("a", at(5)))), tell(new DeadlineReached(HALF)));
  }

  @Test
  void aRefusalOfNoSubscriptionIsRemarked() {
    open(null, "a");
    Refused ofAll =
        new Refused(Optional.empty(), OptionalInt.empty(), "bad-request", "what?", false);
    assertEquals(List.of(new Tell(new Told.Remarked(ofAll))), receive(ofAll));
    assertEquals("", new Told.Remarked(ofAll).ref());
    Refused ofAnother = refused("z", "unknown-feed", false);
    assertEquals(List.of(new Tell(new Told.Remarked(ofAnother))), receive(ofAnother));
    assertEquals("z", new Told.Remarked(ofAnother).ref());
    assertTrue(replica.table("a").isPresent());
  }

  @Test
  void whatIsNoMessageIsGivenUpAndGoneOnFromThePositionOnceWhereItsFeedIsKnown() {
    for (OptionalInt feed : List.of(OptionalInt.of(1), OptionalInt.of(7), OptionalInt.empty())) {
      ReplicaToldTest client = new ReplicaToldTest();
      client.open(null, "a");
      client.receive(snapshotStart("a", 1));
      client.receive(snapshot(1, 5));
      GarbageReceived garbage = new GarbageReceived("no JSON", feed, HALF);
      assertEquals(List.of(new CloseSocket(1000, "no JSON")), client.tell(garbage));
      client.returning();
      assertEquals(ask("a", at(5)), client.tell(new SocketOpened()).getLast());
      client.receive(welcome(null, false));
      client.receive(replay("a", 1, 5, 5));
      assertEquals(List.of(new CloseSocket(1000, "no JSON")), client.tell(garbage));
      client.returning();
      boolean itsOwn = feed.equals(OptionalInt.of(1));
      assertEquals(ask("a", itsOwn ? null : at(5)), client.tell(new SocketOpened()).getLast());
    }
  }

  @Test
  void whatIsNoMessageInPlaceOfAWelcomeIsGivenUp() {
    tell(new ClientEvent.Started());
    tell(new SocketOpened());
    assertEquals(
        List.of(new CloseSocket(1000, "no JSON")),
        tell(new GarbageReceived("no JSON", OptionalInt.empty(), HALF)));
    assertInstanceOf(Waiting.class, replica.state());
  }

  @Test
  void withoutAConnectionNothingIsHeard() {
    for (Class<?> state :
        List.of(Idle.class, Connecting.class, Waiting.class, Unauthorized.class, Closed.class)) {
      ReplicaToldTest client = in(state);
      ReplicaState before = client.replica.state();
      GarbageReceived garbage = new GarbageReceived("no JSON", OptionalInt.of(1), HALF);
      for (int i = 0; i < 3; i++) { // so often it would be a loop
        assertEquals(List.of(), client.tell(garbage), state + "");
      }
      assertEquals(List.of(), client.receive(snapshotStart("a", 1)), state + "");
      assertEquals(List.of(), client.receive(refused("a", "unknown-source", false)), state + "");
      assertEquals(List.of(), client.receive(new Bye(4403, "no", Optional.empty(), false)));
      assertEquals(List.of(), client.tell(new Pinged()), state + "");
      assertEquals(before, client.replica.state());
    }
  }

  @Test
  void aProgramThatClosesIsToldNothingMoreInAnyState() {
    for (Class<?> state :
        List.of(
            Idle.class,
            Connecting.class,
            Greeting.class,
            Open.class,
            Waiting.class,
            Unauthorized.class)) {
      ReplicaToldTest client = in(state);
      boolean socket = client.replica.hasSocket();
      assertTrue(client.replica.table("a").isPresent());
      assertEquals(
          socket ? List.of(new CloseSocket(1000, "client left")) : List.of(),
          client.tell(new CloseRequested()),
          state + "");
      assertEquals(new Closed(1000, "closed by the program"), client.replica.state());
      assertEquals(Optional.empty(), client.replica.table("a"));
      assertEquals(Optional.empty(), client.replica.deadline());
      assertEquals(List.of(), client.tell(new UnsubscribeRequested("a")));
      Told ended = new Told.Ended("a", "the client has ended: closed by the program");
      assertEquals(List.of(new Tell(ended)), client.subscribe("a"));
    }
  }

  @Test
  void silenceIsAskedAboutAndEverySignOfLifeIsAnAnswer() {
    Send ping = new Send(new ClientMessage.Ping(Optional.empty()));
    for (ClientEvent life :
        List.of(new Pinged(), new ClientEvent.MessageReceived(new Pong(Optional.empty()), HALF))) {
      ReplicaToldTest client = new ReplicaToldTest();
      client.open(null);
      Instant opened = client.now;
      Duration patience = Duration.ofMinutes(20);
      assertEquals(Optional.of(opened.plus(patience)), client.due());
      client.now = opened.plusSeconds(60);
      assertEquals(List.of(), client.tell(life));
      assertEquals(Optional.of(client.now.plus(patience)), client.due());
      assertEquals(List.of(ping), client.returning());
      assertEquals(List.of(), client.tell(life));
      assertEquals(List.of(ping), client.returning());
      assertEquals(
          List.of(new CloseSocket(1000, "nothing was heard from the gateway for 2400000 ms")),
          client.returning());
    }
  }

  @Test
  void aClientNeedsAnAddressAndOneIsEnough() {
    Hello hello = new Hello(Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), false);
    assertThrows(
        IllegalArgumentException.class, () -> new Replica(ReplicaSettings.DEFAULT, hello, 0));
    Replica one = new Replica(ReplicaSettings.DEFAULT, hello, 1);
    assertEquals(List.of(new OpenSocket(0)), one.on(new ClientEvent.Started(), now));
  }

  @Test
  void itsTextTellsTheConnectionAndEverySubscription() {
    open("T1", "a", "b");
    receive(snapshotStart("a", 1));
    receive(snapshot(1, 5));
    tell(new UnsubscribeRequested("b"));
    assertEquals(
        replica.state()
            + " [a ASKED at "
            + at(5)
            + ", 0 fresh starts, 0 since the last batch], unanswered {b=1}, departed []",
        replica.toString());
  }

  @Test
  void aClientThatHasEndedKeepsNothing() {
    open("T1", "a", "b");
    receive(snapshotStart("a", 1));
    tell(new UnsubscribeRequested("b"));
    receive(new Bye(4400, "protocol error", Optional.empty(), false));
    assertEquals(
        new Closed(4400, "protocol error") + " [], unanswered {}, departed []", replica.toString());
  }

  /** A client with a subscription that has rows where it ever had a connection. */
  private static ReplicaToldTest in(Class<?> state) {
    ReplicaToldTest client = new ReplicaToldTest();
    if (state == Connecting.class || state == Greeting.class) {
      client.tell(new ClientEvent.Started());
      client.subscribe("a");
      if (state == Greeting.class) {
        client.tell(new SocketOpened());
      }
    } else if (state == Idle.class) {
      client.subscribe("a");
    } else {
      client.open("T1", "a");
      client.receive(snapshotStart("a", 1));
      client.receive(snapshot(1, 5));
      if (state == Waiting.class) {
        client.cut();
      } else if (state == Unauthorized.class) {
        client.receive(new Bye(4401, "expired", Optional.empty(), true));
      } else if (state == Closed.class) {
        client.tell(new CloseRequested());
      }
    }
    assertInstanceOf(state, client.replica.state());
    return client;
  }

  private static SourceStatus source(Optional<String> ref, OptionalInt feed) {
    Instant since = Instant.EPOCH;
    return new SourceStatus(
        ref, feed, "connecting", since, OptionalInt.of(2), Optional.empty(), Optional.empty());
  }

  private static Tell rows(int time) {
    return new Tell(new Told.Rows("a", at(time), List.of(Row.of("1"))));
  }

  private static SubscribeRequested eventsRequested(String ref, String after) {
    return new SubscribeRequested(events(ref, after), false);
  }

  private static Subscribe events(String ref, String after) {
    Subscribe plain = new Subscribe(ref, "t", Optional.ofNullable(after));
    return new Subscribe(
        ref,
        "t",
        plain.where(),
        plain.columns(),
        plain.after(),
        true,
        OnGap.CONTINUE,
        false,
        plain.buffer(),
        plain.maxRate(),
        plain.priority());
  }
}
