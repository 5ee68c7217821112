package io.tycostream.domain.replica;

import static io.tycostream.domain.Holds.assertEquals;
import static io.tycostream.domain.Holds.assertFalse;
import static io.tycostream.domain.Holds.assertTrue;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.replica.ReplicaState.Closed;
import io.tycostream.domain.replica.ReplicaState.Idle;
import io.tycostream.domain.replica.ReplicaState.Unauthorized;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A replica whose invariants R1 to R10 are looked at after every event. */
public final class CheckedReplica {

  /** What a table says at one moment. */
  private record Held(Optional<String> position, Map<Row, Integer> rows) {}

  private final Replica replica;
  private final Set<String> refs = new HashSet<>();
  private final Set<String> asked = new HashSet<>();
  private final Map<String, Instant> paused = new HashMap<>();

  /** Of the present connection: whose each feed is, and what was told on it. */
  private final Map<Integer, String> feeds = new HashMap<>();

  private final Map<Integer, Set<String>> toldOn = new HashMap<>();
  private boolean socket;
  private boolean greeted;
  private Optional<String> session = Optional.empty();

  public CheckedReplica(Replica replica) {
    this.replica = replica;
  }

  public ReplicaState state() {
    return replica.state();
  }

  public Optional<ReplicaTable> table(String ref) {
    return replica.table(ref);
  }

  public Optional<Instant> deadline() {
    return replica.deadline();
  }

  public Optional<Receipt> receipt(String ref) {
    return replica.receipt(ref);
  }

  boolean hasSocket() {
    return socket;
  }

  Set<String> refs() {
    return Set.copyOf(refs);
  }

  public List<ClientEffect> on(ClientEvent event, Instant now) {
    boolean over = replica.state() instanceof Closed;
    Map<String, Held> before = held();
    note(event);
    List<ClientEffect> effects = replica.on(event, now);
    Set<String> told = new HashSet<>();
    for (ClientEffect effect : effects) {
      switch (effect) {
        case ClientEffect.OpenSocket open -> {
          assertFalse(socket, "R1: a second socket after " + event);
          socket = true;
          greeted = false;
          asked.clear();
          feeds.clear();
          toldOn.clear();
        }
        case ClientEffect.CloseSocket close -> {
          assertTrue(socket, "R1: nothing to close after " + event);
          socket = false;
        }
        case ClientEffect.Send(ClientMessage message) -> sent(message, now);
        case ClientEffect.AskForCredentials ask ->
            assertTrue(replica.state() instanceof Unauthorized);
        case ClientEffect.Tell(Told.Remarked remark) -> {}
        case ClientEffect.Tell(Told what) -> {
          assertTrue(refs.contains(what.ref()), () -> "R6: " + what + " after " + event);
          tell(what, now, told);
          feeds.forEach((feed, ref) -> {
            if (ref.equals(what.ref())) {
              replica
                  .table(ref)
                  .flatMap(ReplicaTable::position)
                  .ifPresent(at -> toldOn.computeIfAbsent(feed, f -> new HashSet<>()).add(at));
            }
          });
        }
      }
    }
    if (over && !(event instanceof ClientEvent.SubscribeRequested)) {
      assertEquals(List.of(), effects, "R6: after the end, " + event);
    }
    if (replica.state() instanceof Closed) {
      refs.clear();
    }
    assertMovesOnlyAsTold(before, told, event);
    assertDeadline(now);
    return effects;
  }

  private void note(ClientEvent event) {
    switch (event) {
      case ClientEvent.SubscribeRequested(var terms, boolean keepsRows) -> {
        refs.add(terms.ref());
        paused.remove(terms.ref());
      }
      case ClientEvent.UnsubscribeRequested(String ref) -> refs.remove(ref);
      case ClientEvent.CloseRequested close -> refs.clear();
      case ClientEvent.SocketEnded(int code, String reason, double chance) -> {
        socket = false;
        session = code == 4409 ? Optional.empty() : session;
      }
      case ClientEvent.MessageReceived(ServerMessage message, double chance) -> {
        switch (message) {
          case ServerMessage.Welcome welcome -> session = welcome.resume();
          case ServerMessage.Bye bye ->
              session = bye.code() == 4409 || !bye.resumable() ? Optional.empty() : session;
          case ServerMessage.Subscribed subscribed ->
              feeds.put(subscribed.feed(), subscribed.ref());
          case ServerMessage.Refused refused -> refused.ref().ifPresent(asked::remove);
          case ServerMessage.Unsubscribed ended -> asked.remove(ended.ref());
          default -> {}
        }
      }
      default -> {}
    }
  }

  private void sent(ClientMessage message, Instant now) {
    assertTrue(socket, "R1: no socket for " + message);
    assertTrue(greeted || message instanceof ClientMessage.Hello, "R1: before hello: " + message);
    switch (message) {
      case ClientMessage.Hello hello -> {
        assertEquals(greeted ? Optional.empty() : session, hello.resume(), "R8");
        hello
            .positions()
            .forEach((ref, at) ->
                assertEquals(
                    Optional.of(at), replica.table(ref).flatMap(ReplicaTable::position), "R3"));
        greeted = true;
      }
      case ClientMessage.Subscribe subscribe -> {
        String ref = subscribe.ref();
        assertTrue(asked.add(ref), "R2: asked twice for " + ref);
        assertEquals(
            replica.table(ref).flatMap(ReplicaTable::position), subscribe.after(), "R3: " + ref);
        assertFalse(now.isBefore(paused.getOrDefault(ref, now)), "R9: too early for " + ref);
      }
      case ClientMessage.Unsubscribe unsubscribe -> unsubscribe.ref().ifPresent(asked::remove);
      case ClientMessage.Ping ping -> {}
      case ClientMessage.Ack(int feed, String position) ->
          assertTrue(
              toldOn.getOrDefault(feed, Set.of()).contains(position),
              () -> "R10: " + position + " on feed " + feed + ", where were told " + toldOn);
    }
  }

  private void tell(Told told, Instant now, Set<String> moved) {
    switch (told) {
      case Told.Snapshot m -> moved.add(m.ref());
      case Told.Batch m -> moved.add(m.ref());
      case Told.Rows m -> moved.add(m.ref());
      case Told.Changes m -> moved.add(m.ref());
      case Told.Progress m -> moved.add(m.ref());
      case Told.Gap m -> moved.add(m.ref());
      case Told.Looping(String ref, String reason, Instant until) -> {
        assertTrue(until.isAfter(now), "R9: no pause for " + ref);
        paused.put(ref, until);
      }
      case Told.Ended(String ref, String reason) -> refs.remove(ref);
      case Told.SourceState m -> {}
      case Told.Pressure m -> {}
      case Told.Refused m -> {}
      case Told.Remarked m -> {}
    }
  }

  private Map<String, Held> held() {
    Map<String, Held> held = new LinkedHashMap<>();
    for (String ref : refs) {
      replica.table(ref).ifPresent(t -> held.put(ref, new Held(t.position(), counts(t))));
    }
    return held;
  }

  private void assertMovesOnlyAsTold(
      Map<String, Held> before, Set<String> told, ClientEvent event) {
    held()
        .forEach((ref, now) -> {
          Held then = before.get(ref);
          if (then == null) {
            return;
          }
          if (!told.contains(ref)) {
            assertEquals(then.rows(), now.rows(), () -> "R4: " + ref + " after " + event);
            assertTrue(
                now.position().isEmpty()
                    || now.position().equals(then.position())
                    || (then.position().isEmpty() && begins(ref, now.position(), event)),
                () -> "R4: " + ref + " after " + event);
          }
          Optional<Position> from = then.position().flatMap(Position::parse);
          Optional<Position> to = now.position().flatMap(Position::parse);
          if (from.isPresent() && to.isPresent() && from.get().sameHistory(to.get())) {
            assertFalse(from.get().isAfter(to.get()), () -> "R5: " + ref + " after " + event);
          }
        });
  }

  private static boolean begins(String ref, Optional<String> at, ClientEvent event) {
    return event instanceof ClientEvent.MessageReceived(ServerMessage message, double chance)
        && message instanceof ServerMessage.Subscribed began
        && began.ref().equals(ref)
        && began.position().equals(at);
  }

  private void assertDeadline(Instant now) {
    boolean timeless =
        replica.state() instanceof Idle
            || replica.state() instanceof Closed
            || replica.state() instanceof Unauthorized;
    assertTrue(timeless || replica.deadline().isPresent(), () -> "R7: " + replica.state());
    if (replica.deadline().filter(at -> !now.isBefore(at)).isEmpty()) {
      ReplicaState state = replica.state();
      assertEquals(List.of(), replica.on(new ClientEvent.DeadlineReached(0.5), now), "R7");
      assertEquals(state, replica.state(), "R7");
    }
  }

  static Map<Row, Integer> counts(ReplicaTable table) {
    Map<Row, Integer> counts = new HashMap<>();
    table.rows().forEach(row -> counts.merge(row, 1, Integer::sum));
    return counts;
  }

  @Override
  public String toString() {
    return replica.toString();
  }
}
