package io.tycostream.domain.replica;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.replica.ClientEffect.Send;
import io.tycostream.domain.replica.ClientEvent.DeadlineReached;
import io.tycostream.domain.replica.ClientEvent.MessageReceived;
import io.tycostream.domain.replica.ClientEvent.SocketEnded;
import io.tycostream.domain.replica.ClientEvent.SocketOpened;
import io.tycostream.domain.replica.ClientEvent.SubscribeRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A whole client to be driven step by step, and what a gateway says to it. */
abstract class ReplicaScript {

  static final double HALF = 0.5;

  final CheckedReplica replica =
      new CheckedReplica(
          new Replica(
              ReplicaSettings.DEFAULT,
              new Hello(Optional.of("k0"), Optional.of("me"), Optional.empty(), Map.of(), false),
              2));
  Instant now = Instant.parse("2026-11-21T20:45:16Z");

  Optional<Instant> due() {
    return replica.deadline();
  }

  void open(String token, String... refs) {
    tell(new ClientEvent.Started());
    tell(new SocketOpened());
    for (String ref : refs) {
      subscribe(ref);
    }
    receive(welcome(token, false));
  }

  List<ClientEffect> subscribe(String ref) {
    return tell(new SubscribeRequested(new Subscribe(ref, "t", Optional.empty()), true));
  }

  void cut() {
    tell(new SocketEnded(1006, "cut", HALF));
  }

  List<ClientEffect> returning() {
    now = replica.deadline().orElseThrow();
    return tell(new DeadlineReached(HALF));
  }

  List<ClientEffect> receive(ServerMessage message) {
    return tell(new MessageReceived(message, HALF));
  }

  List<ClientEffect> tell(ClientEvent event) {
    return replica.on(event, now);
  }

  static Send hello(String token, String resume, Map<String, String> positions) {
    return new Send(
        new Hello(
            Optional.of(token), Optional.of("me"), Optional.ofNullable(resume), positions, false));
  }

  static Send ask(String ref, String after) {
    return new Send(new Subscribe(ref, "t", Optional.ofNullable(after)));
  }

  static Send end(String ref) {
    return new Send(new ClientMessage.Unsubscribe(Optional.of(ref), OptionalInt.empty()));
  }

  static Welcome welcome(String token, boolean resumed) {
    return new Welcome(
        "s",
        Optional.ofNullable(token),
        resumed,
        Duration.ofMinutes(10),
        Duration.ofMinutes(5),
        "n",
        new Limits(1, 1, 1, 1));
  }

  static Subscribed snapshotStart(String ref, int feed) {
    return subscribed(ref, feed, Start.SNAPSHOT, Optional.empty(), OptionalLong.empty());
  }

  static Subscribed replay(String ref, int feed, int time, long seq) {
    return subscribed(ref, feed, Start.REPLAY, Optional.of(at(time)), OptionalLong.of(seq));
  }

  static Subscribed subscribed(
      String ref, int feed, Start start, Optional<String> position, OptionalLong seq) {
    return new Subscribed(
        ref, feed, "t", List.of("id"), List.of(new Column("id", "int8")), start, position, seq);
  }

  static SnapshotPart snapshot(int feed, int time) {
    return new SnapshotPart(
        feed, 0, List.of(Row.of("1")), false, Optional.of(at(time)), OptionalLong.of(time));
  }

  static BatchPart batch(int feed, long seq, int time) {
    return new BatchPart(feed, seq, at(time), List.of(), 1, false, 0, false);
  }

  static Refused refused(String ref, String code, boolean retryable) {
    return new Refused(Optional.of(ref), OptionalInt.empty(), code, "no", retryable);
  }

  static String at(int time) {
    return new Position("e", time, "p").toString();
  }
}
