package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.Step;
import io.tycostream.domain.TransitionTable;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.replica.ReplicaEffect.CloseSocket;
import io.tycostream.domain.replica.ReplicaEffect.Greet;
import io.tycostream.domain.replica.ReplicaEffect.OpenSocket;
import io.tycostream.domain.replica.ReplicaEffect.SendPing;
import io.tycostream.domain.replica.ReplicaEvent.CloseRequested;
import io.tycostream.domain.replica.ReplicaEvent.DeadlineReached;
import io.tycostream.domain.replica.ReplicaEvent.Dismissed;
import io.tycostream.domain.replica.ReplicaEvent.Heard;
import io.tycostream.domain.replica.ReplicaEvent.SequenceBroken;
import io.tycostream.domain.replica.ReplicaEvent.SocketClosed;
import io.tycostream.domain.replica.ReplicaEvent.SocketOpened;
import io.tycostream.domain.replica.ReplicaEvent.Started;
import io.tycostream.domain.replica.ReplicaEvent.Welcomed;
import io.tycostream.domain.replica.ReplicaState.Closed;
import io.tycostream.domain.replica.ReplicaState.Connecting;
import io.tycostream.domain.replica.ReplicaState.Greeting;
import io.tycostream.domain.replica.ReplicaState.Idle;
import io.tycostream.domain.replica.ReplicaState.Open;
import io.tycostream.domain.replica.ReplicaState.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class ReplicaMachineTest {

  private static final Instant NOW = Instant.parse("2026-11-21T20:45:16Z");
  private static final Duration BEAT = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final double HALF = 0.5;

  private final Backoff backoff =
      Backoff.fullJitter(Duration.ofMillis(500), Duration.ofSeconds(20));
  private final ReplicaMachine machine = new ReplicaMachine(new ReplicaSettings(backoff, CONNECT));

  /** Each state as it is at the moment when its deadline has come. */
  private enum From {
    IDLE(new Idle()),
    CONNECTING(new Connecting(2, NOW)),
    GREETING(new Greeting(2, NOW)),
    OPEN(open(Optional.empty())),
    ASKING(open(Optional.of(NOW.minus(PATIENCE)))),
    WAITING(new Waiting(3, NOW, "cut")),
    CLOSED(new Closed(4401, "expired"));

    private final ReplicaState state;

    From(ReplicaState state) {
      this.state = state;
    }

    private static Open open(Optional<Instant> asked) {
      Instant heard = NOW.minus(PATIENCE.multipliedBy(asked.isPresent() ? 2 : 1));
      return new Open(2, NOW.minus(Duration.ofMinutes(5)), heard, PATIENCE, asked);
    }
  }

  private static List<ReplicaEvent> events() {
    return List.of(
        new Started(),
        new SocketOpened(),
        new Welcomed(BEAT),
        new Heard(),
        new Dismissed(1001, "draining", Optional.of(Duration.ofSeconds(7)), HALF),
        new SocketClosed(1006, "reset", HALF),
        new SequenceBroken("hole", HALF),
        new DeadlineReached(HALF),
        new CloseRequested());
  }

  @TestFactory
  List<DynamicTest> everyStateAnswersEveryEvent() {
    return new TransitionTable<From, ReplicaState, ReplicaEvent, ReplicaEffect>(
            List.of(From.values()), from -> from.state, events())
        .cells(
            ReplicaState.class,
            ReplicaEvent.class,
            this::expected,
            (state, event) -> machine.step(state, event, NOW));
  }

  /** The table; a state or an event that is missing here does not compile. */
  private Step<ReplicaState, ReplicaEffect> expected(From from, ReplicaEvent event) {
    return switch (from) {
      case IDLE ->
          switch (event) {
            case Started e -> Step.to(new Connecting(0, NOW.plus(CONNECT)), new OpenSocket());
            case CloseRequested e -> Step.to(left());
            case SocketOpened e -> stays(from);
            case Welcomed e -> stays(from);
            case Heard e -> stays(from);
            case Dismissed e -> stays(from);
            case SocketClosed e -> stays(from);
            case SequenceBroken e -> stays(from);
            case DeadlineReached e -> stays(from);
          };
      case CONNECTING ->
          switch (event) {
            case SocketOpened e -> Step.to(new Greeting(2, NOW.plus(CONNECT)), new Greet());
            case SocketClosed e -> Step.to(waits(2, "reset"));
            case DeadlineReached e -> Step.to(waits(2, "no connection in time"), gives());
            case CloseRequested e -> Step.to(left(), leaves());
            case Started e -> stays(from);
            case Welcomed e -> stays(from);
            case Heard e -> stays(from);
            case Dismissed e -> stays(from);
            case SequenceBroken e -> stays(from);
          };
      case GREETING ->
          switch (event) {
            case Welcomed e -> Step.to(new Open(2, NOW, NOW, PATIENCE, Optional.empty()));
            case Dismissed e -> Step.to(told(2), new CloseSocket(1000, "after bye"));
            case SocketClosed e -> Step.to(waits(2, "reset"));
            case SequenceBroken e -> Step.to(waits(2, "hole"), new CloseSocket(1000, "hole"));
            case DeadlineReached e ->
                Step.to(
                    waits(2, "no welcome in time"), new CloseSocket(1000, "no welcome in time"));
            case CloseRequested e -> Step.to(left(), leaves());
            case Started e -> stays(from);
            case SocketOpened e -> stays(from);
            case Heard e -> stays(from);
          };
      case OPEN, ASKING -> {
        Open open = (Open) from.state;
        Open heard = new Open(2, open.since(), NOW, PATIENCE, Optional.empty());
        yield switch (event) {
          case Heard e -> Step.to(heard);
          case Welcomed e -> Step.to(heard);
          case Dismissed e -> Step.to(told(0), new CloseSocket(1000, "after bye"));
          case SocketClosed e -> Step.to(waits(0, "reset"));
          case SequenceBroken e -> Step.to(waits(0, "hole"), new CloseSocket(1000, "hole"));
          case DeadlineReached e ->
              from == From.OPEN
                  ? Step.to(
                      new Open(2, open.since(), open.heard(), PATIENCE, Optional.of(NOW)),
                      new SendPing())
                  : Step.to(waits(0, silence()), new CloseSocket(1000, silence()));
          case CloseRequested e -> Step.to(left(), leaves());
          case Started e -> stays(from);
          case SocketOpened e -> stays(from);
        };
      }
      case WAITING ->
          switch (event) {
            case DeadlineReached e ->
                Step.to(new Connecting(3, NOW.plus(CONNECT)), new OpenSocket());
            case CloseRequested e -> Step.to(left());
            case Started e -> stays(from);
            case SocketOpened e -> stays(from);
            case Welcomed e -> stays(from);
            case Heard e -> stays(from);
            case Dismissed e -> stays(from);
            case SocketClosed e -> stays(from);
            case SequenceBroken e -> stays(from);
          };
      case CLOSED -> stays(from);
    };
  }

  @Test
  void aDeadlineThatHasNotComeChangesNothing() {
    for (From from : From.values()) {
      Instant early = NOW.minusNanos(1);
      assertEquals(
          Step.to(from.state),
          machine.step(from.state, new DeadlineReached(HALF), early),
          from + "");
    }
  }

  @Test
  void aDeadlineToldLateStillAsksBeforeItGivesUp() {
    Instant late = NOW.plus(Duration.ofHours(1));
    Step<ReplicaState, ReplicaEffect> asked =
        machine.step(From.OPEN.state, new DeadlineReached(HALF), late);
    assertEquals(List.of(new SendPing()), asked.effects());
    assertEquals(Optional.of(late.plus(PATIENCE)), asked.state().deadline());
    assertEquals(
        Step.to(asked.state()), machine.step(asked.state(), new DeadlineReached(HALF), late));
  }

  @Test
  void onlyTheCodesThatSaySoEndForGood() {
    for (CloseCode code : CloseCode.values()) {
      boolean returns = !List.of(1009, 4400, 4401, 4403).contains(code.code());
      SocketClosed cut = new SocketClosed(code.code(), "so", HALF);
      Dismissed bye = new Dismissed(code.code(), "so", Optional.empty(), HALF);
      Class<?> next = returns ? Waiting.class : Closed.class;
      assertInstanceOf(next, machine.step(From.GREETING.state, cut, NOW).state());
      assertInstanceOf(next, machine.step(From.OPEN.state, cut, NOW).state());
      assertInstanceOf(next, machine.step(From.OPEN.state, bye, NOW).state());
    }
    SocketClosed unknown = new SocketClosed(4999, "", HALF);
    assertEquals(
        waits(0, "4999 no reason given"), machine.step(From.OPEN.state, unknown, NOW).state());
  }

  @Test
  void aConnectionThatBreaksAtOnceCountsAsOneFailedAttempt() {
    ReplicaState state = machine.initial();
    state = machine.step(state, new Started(), NOW).state();
    Instant now = NOW;
    for (int attempt = 0; attempt < 8; attempt++) {
      state = machine.step(state, new SocketOpened(), now).state();
      state = machine.step(state, new Welcomed(BEAT), now).state();
      state = machine.step(state, new SocketClosed(1006, "cut", HALF), now).state();
      Duration wait = backoff.delay(attempt, HALF);
      assertEquals(new Waiting(attempt + 1, now.plus(wait), "cut"), state);
      now = now.plus(wait);
      state = machine.step(state, new DeadlineReached(HALF), now).state();
    }
    state = machine.step(state, new SocketOpened(), now).state();
    state = machine.step(state, new Welcomed(BEAT), now).state();
    now = now.plus(backoff.delay(7, 1));
    state = machine.step(state, new SocketClosed(1006, "cut", HALF), now).state();
    assertEquals(1, assertInstanceOf(Waiting.class, state).attempt());
    assertTrue(state.deadline().isPresent());
  }

  private Waiting waits(int attempt, String reason) {
    return new Waiting(attempt + 1, NOW.plus(backoff.delay(attempt, HALF)), reason);
  }

  private static Waiting told(int attempt) {
    return new Waiting(attempt + 1, NOW.plusSeconds(7), "draining");
  }

  private static Step<ReplicaState, ReplicaEffect> stays(From from) {
    return Step.to(from.state);
  }

  private static Closed left() {
    return new Closed(1000, "closed by the program");
  }

  private static CloseSocket leaves() {
    return new CloseSocket(1000, "client left");
  }

  private static CloseSocket gives() {
    return new CloseSocket(1000, "no connection in time");
  }

  private static String silence() {
    return "nothing was heard from the gateway for 60000 ms";
  }
}
