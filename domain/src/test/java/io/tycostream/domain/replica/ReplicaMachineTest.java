package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.MachineDocument;
import io.tycostream.domain.Step;
import io.tycostream.domain.TransitionTable;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.replica.ReplicaEffect.AskForCredentials;
import io.tycostream.domain.replica.ReplicaEffect.CloseSocket;
import io.tycostream.domain.replica.ReplicaEffect.Greet;
import io.tycostream.domain.replica.ReplicaEffect.OpenSocket;
import io.tycostream.domain.replica.ReplicaEffect.RenewCredentials;
import io.tycostream.domain.replica.ReplicaEffect.SendPing;
import io.tycostream.domain.replica.ReplicaEvent.CloseRequested;
import io.tycostream.domain.replica.ReplicaEvent.CredentialsDenied;
import io.tycostream.domain.replica.ReplicaEvent.CredentialsRenewed;
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
import io.tycostream.domain.replica.ReplicaState.Unauthorized;
import io.tycostream.domain.replica.ReplicaState.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
    CONNECTING(new Connecting(2, NOW, false)),
    GREETING(new Greeting(2, NOW, false)),
    OPEN(open(Optional.empty())),
    ASKING(open(Optional.of(NOW.minus(PATIENCE)))),
    WAITING(new Waiting(3, NOW, "cut", false)),
    RENEWED_CONNECTING(new Connecting(2, NOW, true)),
    RENEWED_GREETING(new Greeting(2, NOW, true)),
    RENEWED_WAITING(new Waiting(3, NOW, "cut", true)),
    UNAUTHORIZED(new Unauthorized(3, 4401, "expired", Optional.empty())),
    UNAUTHORIZED_UNTIL(new Unauthorized(3, 4401, "expired", Optional.of(NOW.plusSeconds(7)))),
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
        new Dismissed(4401, "expired", Optional.empty(), HALF),
        new Dismissed(4400, "protocol error", Optional.empty(), HALF),
        new SocketClosed(1006, "reset", HALF),
        new SocketClosed(4401, "expired", HALF),
        new SocketClosed(4400, "protocol error", HALF),
        new SequenceBroken("hole", HALF),
        new DeadlineReached(HALF),
        new CredentialsRenewed(HALF),
        new CredentialsDenied(),
        new CloseRequested());
  }

  private static TransitionTable<From, ReplicaState, ReplicaEvent, ReplicaEffect> table() {
    return new TransitionTable<>(List.of(From.values()), from -> from.state, events());
  }

  @TestFactory
  List<DynamicTest> everyStateAnswersEveryEvent() {
    return table()
        .cells(
            ReplicaState.class,
            ReplicaEvent.class,
            this::expected,
            (state, event) -> machine.step(state, event, NOW));
  }

  @Test
  void theDocumentIsWhatTheMachineDoes() throws IOException {
    new MachineDocument<>(
            "The connection of a client",
            "When a client opens, gives up and tries again its connection to a gateway.",
            ReplicaMachine.class,
            table(),
            (state, event) -> machine.step(state, event, NOW),
            Map.of(
                "M1",
                "`ReplicaMachineProperties`, and every step of `CheckedReplica`, also in the"
                    + " simulation",
                "M2",
                "`ReplicaMachineProperties`",
                "M3",
                "`ReplicaMachineTest`, and every step of `CheckedReplica`, also in the"
                    + " simulation",
                "M4",
                "`ReplicaMachineProperties`"))
        .assertIsWritten("replica.md", ReplicaMachineTest.class);
  }

  /** The table; a state or an event that is missing here does not compile. */
  private Step<ReplicaState, ReplicaEffect> expected(From from, ReplicaEvent event) {
    return switch (from) {
      case IDLE ->
          switch (event) {
            case Started e ->
                Step.to(new Connecting(0, NOW.plus(CONNECT), false), new OpenSocket());
            case CloseRequested e -> Step.to(left());
            case SocketOpened e -> stays(from);
            case Welcomed e -> stays(from);
            case Heard e -> stays(from);
            case Dismissed e -> stays(from);
            case SocketClosed e -> stays(from);
            case SequenceBroken e -> stays(from);
            case DeadlineReached e -> stays(from);
            case CredentialsRenewed e -> stays(from);
            case CredentialsDenied e -> Step.to(new Closed(4401, "the program has no credentials"));
          };
      case CONNECTING, RENEWED_CONNECTING -> {
        boolean renewed = from == From.RENEWED_CONNECTING;
        yield switch (event) {
          case SocketOpened e -> Step.to(new Greeting(2, NOW.plus(CONNECT), renewed), new Greet());
          case SocketClosed e -> ended(2, renewed, e);
          case DeadlineReached e -> Step.to(waits(2, "no connection in time", renewed), gives());
          case CloseRequested e -> Step.to(left(), leaves());
          case Started e -> stays(from);
          case Welcomed e -> stays(from);
          case Heard e -> stays(from);
          case Dismissed e -> stays(from);
          case SequenceBroken e -> stays(from);
          case CredentialsRenewed e -> stays(from);
          case CredentialsDenied e -> stays(from);
        };
      }
      case GREETING, RENEWED_GREETING -> {
        boolean renewed = from == From.RENEWED_GREETING;
        yield switch (event) {
          case Welcomed e -> Step.to(new Open(2, NOW, NOW, PATIENCE, Optional.empty()));
          case Dismissed e -> dismissed(2, renewed, e);
          case SocketClosed e -> ended(2, renewed, e);
          case SequenceBroken e ->
              Step.to(waits(2, "hole", renewed), new CloseSocket(1000, "hole"));
          case CredentialsRenewed e -> Step.to(from.state, new RenewCredentials());
          case CredentialsDenied e -> stays(from);
          case DeadlineReached e ->
              Step.to(
                  waits(2, "no welcome in time", renewed),
                  new CloseSocket(1000, "no welcome in time"));
          case CloseRequested e -> Step.to(left(), leaves());
          case Started e -> stays(from);
          case SocketOpened e -> stays(from);
          case Heard e -> stays(from);
        };
      }
      case OPEN, ASKING -> {
        Open open = (Open) from.state;
        Open heard = new Open(2, open.since(), NOW, PATIENCE, Optional.empty());
        yield switch (event) {
          case Heard e -> Step.to(heard);
          case Welcomed e -> Step.to(heard);
          case Dismissed e -> dismissed(0, false, e);
          case SocketClosed e -> ended(0, false, e);
          case SequenceBroken e -> Step.to(waits(0, "hole", false), new CloseSocket(1000, "hole"));
          case DeadlineReached e ->
              from == From.OPEN
                  ? Step.to(
                      new Open(2, open.since(), open.heard(), PATIENCE, Optional.of(NOW)),
                      new SendPing())
                  : Step.to(waits(0, silence(), false), new CloseSocket(1000, silence()));
          case CredentialsRenewed e -> Step.to(open, new RenewCredentials());
          case CredentialsDenied e -> stays(from);
          case CloseRequested e -> Step.to(left(), leaves());
          case Started e -> stays(from);
          case SocketOpened e -> stays(from);
        };
      }
      case WAITING, RENEWED_WAITING -> {
        boolean renewed = from == From.RENEWED_WAITING;
        yield switch (event) {
          case DeadlineReached e ->
              Step.to(new Connecting(3, NOW.plus(CONNECT), renewed), new OpenSocket());
          case CloseRequested e -> Step.to(left());
          case CredentialsRenewed e -> stays(from);
          case CredentialsDenied e -> stays(from);
          case Started e -> stays(from);
          case SocketOpened e -> stays(from);
          case Welcomed e -> stays(from);
          case Heard e -> stays(from);
          case Dismissed e -> stays(from);
          case SocketClosed e -> stays(from);
          case SequenceBroken e -> stays(from);
        };
      }
      case UNAUTHORIZED, UNAUTHORIZED_UNTIL ->
          switch (event) {
            case CredentialsRenewed e ->
                Step.to(
                    new Waiting(
                        3,
                        from == From.UNAUTHORIZED
                            ? NOW.plus(backoff.delay(2, HALF))
                            : NOW.plusSeconds(7),
                        "expired",
                        true));
            case CredentialsDenied e -> Step.to(new Closed(4401, "expired"));
            case CloseRequested e -> Step.to(left());
            case Started e -> stays(from);
            case SocketOpened e -> stays(from);
            case Welcomed e -> stays(from);
            case Heard e -> stays(from);
            case Dismissed e -> stays(from);
            case SocketClosed e -> stays(from);
            case SequenceBroken e -> stays(from);
            case DeadlineReached e -> stays(from);
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
      SocketClosed cut = new SocketClosed(code.code(), "so", HALF);
      Dismissed bye = new Dismissed(code.code(), "so", Optional.empty(), HALF);
      Class<?> next =
          switch (code) {
            case NORMAL, TOO_LARGE, PROTOCOL_ERROR -> Closed.class;
            case UNAUTHENTICATED, FORBIDDEN -> Unauthorized.class;
            case DRAINING, TIMEOUT, TAKEN_OVER, TOO_MANY, SLOW_CONSUMER -> Waiting.class;
          };
      // Without a bye, 1000 is not from a gateway.
      Class<?> afterCut = code == CloseCode.NORMAL ? Waiting.class : next;
      for (From from : List.of(From.GREETING, From.OPEN)) {
        assertInstanceOf(afterCut, machine.step(from.state, cut, NOW).state());
        assertInstanceOf(next, machine.step(from.state, bye, NOW).state());
      }
    }
    SocketClosed unknown = new SocketClosed(4999, "", HALF);
    assertEquals(
        waits(0, "4999 no reason given", false),
        machine.step(From.OPEN.state, unknown, NOW).state());
  }

  @Test
  void otherCredentialsAreAskedForOnceAndTriedOnce() {
    Dismissed bye = new Dismissed(4401, "expired", Optional.empty(), HALF);
    CloseSocket leave = new CloseSocket(1000, "after bye");
    Unauthorized unauthorized = new Unauthorized(3, 4401, "expired", Optional.empty());
    assertEquals(
        Step.to(unauthorized, leave, new AskForCredentials()),
        machine.step(From.GREETING.state, bye, NOW));
    assertEquals(
        Step.to(unauthorized, new AskForCredentials()),
        machine.step(From.GREETING.state, new SocketClosed(4401, "expired", HALF), NOW));
    Closed closed = new Closed(4401, "expired");
    assertEquals(Step.to(closed, leave), machine.step(From.RENEWED_GREETING.state, bye, NOW));
    assertEquals(
        Step.to(closed),
        machine.step(From.RENEWED_GREETING.state, new SocketClosed(4401, "expired", HALF), NOW));
    ReplicaState welcomed =
        machine.step(From.RENEWED_GREETING.state, new Welcomed(BEAT), NOW).state();
    assertInstanceOf(Unauthorized.class, machine.step(welcomed, bye, NOW).state());
  }

  @Test
  void credentialsWaitAsLongAsTheGatewaySaysAndNoLonger() {
    Dismissed bye = new Dismissed(4401, "expired", Optional.of(Duration.ofSeconds(7)), HALF);
    ReplicaState state = machine.step(From.OPEN.state, bye, NOW).state();
    CredentialsRenewed renewed = new CredentialsRenewed(HALF);
    assertEquals(
        new Waiting(1, NOW.plusSeconds(7), "expired", true),
        machine.step(state, renewed, NOW.plusSeconds(2)).state());
    assertEquals(
        new Waiting(1, NOW.plusSeconds(9), "expired", true),
        machine.step(state, renewed, NOW.plusSeconds(9)).state());
  }

  @Test
  void aGatewayWithoutAHeartbeatIsAskedOnlyAfterAWhile() {
    ReplicaState open = machine.step(From.GREETING.state, new Welcomed(Duration.ZERO), NOW).state();
    assertEquals(Optional.of(NOW.plus(CONNECT)), open.deadline());
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
      assertEquals(new Waiting(attempt + 1, now.plus(wait), "cut", false), state);
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

  @Test
  void aConnectionLastedWhenItLivedAsLongAsTheLongestWaitBeforeIt() {
    for (int attempt = 0; attempt <= 4; attempt++) {
      Duration longest = backoff.delay(attempt - 1, 1);
      Open lasted = new Open(attempt, NOW.minus(longest), NOW, PATIENCE, Optional.empty());
      Open brief =
          new Open(attempt, NOW.minus(longest).plusNanos(1), NOW, PATIENCE, Optional.empty());
      SocketClosed cut = new SocketClosed(1006, "cut", HALF);
      assertEquals(Step.to(waits(0, "cut", false)), machine.step(lasted, cut, NOW));
      assertEquals(Step.to(waits(attempt, "cut", false)), machine.step(brief, cut, NOW));
    }
  }

  private Waiting waits(int attempt, String reason, boolean renewed) {
    return new Waiting(attempt + 1, NOW.plus(backoff.delay(attempt, HALF)), reason, renewed);
  }

  private static Waiting told(int attempt, boolean renewed) {
    return new Waiting(attempt + 1, NOW.plusSeconds(7), "draining", renewed);
  }

  private static Step<ReplicaState, ReplicaEffect> dismissed(
      int attempt, boolean renewed, Dismissed e) {
    CloseSocket leave = new CloseSocket(1000, "after bye");
    if (e.code() == 1001) {
      return Step.to(told(attempt, renewed), leave);
    }
    return e.code() == 4401 && !renewed
        ? Step.to(unauthorized(attempt), leave, new AskForCredentials())
        : Step.to(new Closed(e.code(), e.reason()), leave);
  }

  private Step<ReplicaState, ReplicaEffect> ended(int attempt, boolean renewed, SocketClosed e) {
    if (e.code() == 1006) {
      return Step.to(waits(attempt, "reset", renewed));
    }
    return e.code() == 4401 && !renewed
        ? Step.to(unauthorized(attempt), new AskForCredentials())
        : Step.to(new Closed(e.code(), e.reason()));
  }

  private static Unauthorized unauthorized(int attempt) {
    return new Unauthorized(attempt + 1, 4401, "expired", Optional.empty());
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
