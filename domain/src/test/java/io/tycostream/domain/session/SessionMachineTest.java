package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tycostream.domain.MachineDocument;
import io.tycostream.domain.Step;
import io.tycostream.domain.TransitionTable;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.SessionEffect.AbortSocket;
import io.tycostream.domain.session.SessionEffect.AnswerClose;
import io.tycostream.domain.session.SessionEffect.Forget;
import io.tycostream.domain.session.SessionEffect.ReleaseCursors;
import io.tycostream.domain.session.SessionEffect.SendBye;
import io.tycostream.domain.session.SessionEffect.SendPing;
import io.tycostream.domain.session.SessionEffect.SendWelcome;
import io.tycostream.domain.session.SessionEvent.CloseWritten;
import io.tycostream.domain.session.SessionEvent.DeadlineReached;
import io.tycostream.domain.session.SessionEvent.Displaced;
import io.tycostream.domain.session.SessionEvent.EndRequested;
import io.tycostream.domain.session.SessionEvent.Greeted;
import io.tycostream.domain.session.SessionEvent.PeerClosed;
import io.tycostream.domain.session.SessionEvent.RequestHeard;
import io.tycostream.domain.session.SessionEvent.SocketLost;
import io.tycostream.domain.session.SessionEvent.TakenOver;
import io.tycostream.domain.session.SessionState.Closed;
import io.tycostream.domain.session.SessionState.Closing;
import io.tycostream.domain.session.SessionState.Detached;
import io.tycostream.domain.session.SessionState.Greeting;
import io.tycostream.domain.session.SessionState.Open;
import io.tycostream.domain.session.SessionState.Waits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class SessionMachineTest {

  private static final Instant NOW = Instant.parse("2026-11-21T20:45:16Z");
  private static final Instant LATER = NOW.plusMillis(1);
  private static final Instant LONG_AGO = NOW.minusSeconds(99);
  private static final Duration BEAT = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Duration TTL = Duration.ofMinutes(2);
  private static final SessionSettings SETTINGS = SessionSettings.DEFAULT;
  private static final SessionSettings FLEETING =
      new SessionSettings(Duration.ofSeconds(10), BEAT, CLOSE, Duration.ZERO);

  private static final CloseReason SLOW = new CloseReason(CloseCode.SLOW_CONSUMER);
  private static final CloseReason GARBAGE = new CloseReason(CloseCode.PROTOCOL_ERROR, "not JSON");
  private static final CloseReason BROKE =
      new CloseReason(CloseCode.TIMEOUT, "the connection broke");
  private static final CloseReason SILENCE =
      new CloseReason(CloseCode.TIMEOUT, "nothing was heard for two heartbeats");

  private static final CloseReason DEAF =
      new CloseReason(CloseCode.SLOW_CONSUMER, "the socket took nothing for two heartbeats");

  /** A ping is not due for a while. */
  private static final Pulse CALM = new Pulse(BEAT, NOW, NOW.plusSeconds(9), Optional.empty());

  /** A ping is due. */
  private static final Pulse DUE = new Pulse(BEAT, NOW.minusSeconds(14), NOW, Optional.empty());

  /** Nothing was heard for two intervals, nor after a ping for one. */
  private static final Pulse SILENT =
      new Pulse(BEAT, NOW.minus(PATIENCE), NOW, Optional.of(NOW.minus(BEAT)));

  private final SessionMachine machine = new SessionMachine(SETTINGS);

  private enum From {
    GREETING(new Greeting(LATER, CALM)),
    GREETING_AND_TO_BE_PINGED(new Greeting(LATER, DUE)),
    GREETING_FOR_TOO_LONG(new Greeting(NOW, DUE)),
    GREETING_AND_SILENT(new Greeting(NOW, SILENT)),
    OPEN(new Open(CALM, Optional.of(LATER))),
    OPEN_AND_TO_BE_PINGED(new Open(DUE, Optional.empty())),
    OPEN_WITH_OLD_CREDENTIALS(new Open(DUE, Optional.of(NOW))),
    OPEN_AND_SILENT(new Open(SILENT, Optional.of(NOW))),
    DISMISSED(new Closing(GARBAGE, false, Waits.FOR_WRITE, NOW)),
    DISMISSED_FOR_NOW(new Closing(SLOW, true, Waits.FOR_WRITE, LATER)),
    TOLD(new Closing(GARBAGE, false, Waits.FOR_PEER, NOW)),
    TOLD_FOR_NOW(new Closing(SLOW, true, Waits.FOR_PEER, LATER)),
    LEAVING(new Closing(left(1000), false, Waits.FOR_LAST_WRITE, NOW)),
    LEAVING_FOR_NOW(new Closing(left(1001), true, Waits.FOR_LAST_WRITE, LATER)),
    DETACHED(new Detached(SLOW, LATER)),
    DETACHED_FOR_TOO_LONG(new Detached(SLOW, NOW)),
    CLOSED(new Closed(GARBAGE));

    private final SessionState state;

    From(SessionState state) {
      this.state = state;
    }
  }

  private static final DeadlineReached AT_REST =
      new DeadlineReached(new Signs(LONG_AGO, Optional.empty()));
  private static final DeadlineReached STUCK =
      new DeadlineReached(new Signs(LONG_AGO, Optional.of(NOW.minus(PATIENCE))));
  private static final DeadlineReached WRITING =
      new DeadlineReached(new Signs(LONG_AGO, Optional.of(NOW.minusSeconds(29))));

  private static final TransitionTable<From, SessionState, SessionEvent, SessionEffect> TABLE =
      new TransitionTable<>(
          List.of(From.values()),
          from -> from.state,
          List.of(
              new Greeted(Resumption.RESUMED, Optional.of(LATER)),
              new RequestHeard(),
              new EndRequested(SLOW),
              new EndRequested(GARBAGE),
              new CloseWritten(),
              new PeerClosed(1000),
              new PeerClosed(1001),
              new SocketLost(),
              new TakenOver(),
              new Displaced(),
              AT_REST,
              WRITING,
              STUCK));

  @TestFactory
  List<DynamicTest> everyStateAnswersEveryEvent() {
    return TABLE.cells(SessionState.class, SessionEvent.class, this::expected, this::stepNow);
  }

  @Test
  void thePageAboutItSaysWhatItDoes() throws IOException {
    Map<String, String> enforcedBy = new LinkedHashMap<>();
    for (int i = 1; i <= 10; i++) {
      enforcedBy.put(
          "S" + i,
          "`SessionInvariants`, after every step of `SessionsTest`, `SessionsProperties` and the"
              + " simulation");
    }
    new MachineDocument<>(
            "A connection and its session",
            "When a client's connection is pinged and ended, with which word, and what becomes of"
                + " its session.",
            SessionMachine.class,
            TABLE,
            this::stepNow,
            enforcedBy)
        .assertIsWritten("session.md", SessionMachineTest.class);
  }

  private Step<SessionState, SessionEffect> stepNow(SessionState state, SessionEvent event) {
    return machine.step(state, event, NOW);
  }

  /** The table; a state or an event that is missing here does not compile. */
  private Step<SessionState, SessionEffect> expected(From from, SessionEvent event) {
    return switch (from) {
      case GREETING, GREETING_AND_TO_BE_PINGED, GREETING_FOR_TOO_LONG, GREETING_AND_SILENT -> {
        Greeting greeting = (Greeting) from.state;
        yield switch (event) {
          case Greeted e ->
              Step.to(
                  new Open(greeting.pulse(), Optional.of(LATER)),
                  new SendWelcome(Resumption.RESUMED));
          case RequestHeard e -> {
            CloseReason first = new CloseReason(CloseCode.PROTOCOL_ERROR, "\"hello\" comes first");
            yield Step.to(writing(first, false, PATIENCE), new SendBye(first));
          }
          case EndRequested(CloseReason reason) ->
              Step.to(writing(reason, false, PATIENCE), new SendBye(reason));
          case PeerClosed(int code) -> Step.to(answering(code, false), new AnswerClose(code));
          case SocketLost e -> Step.to(new Closed(BROKE));
          case DeadlineReached e -> greetingIsDue(from, greeting, e);
          case CloseWritten e -> stays(from);
          case TakenOver e -> stays(from);
          case Displaced e -> stays(from);
        };
      }
      case OPEN, OPEN_AND_TO_BE_PINGED, OPEN_WITH_OLD_CREDENTIALS, OPEN_AND_SILENT -> {
        Open open = (Open) from.state;
        CloseReason taken = new CloseReason(CloseCode.TAKEN_OVER);
        yield switch (event) {
          case Greeted e ->
              Step.to(
                  new Open(open.pulse(), Optional.of(LATER)), new SendWelcome(Resumption.RESUMED));
          case EndRequested(CloseReason reason) ->
              reason.equals(SLOW)
                  ? Step.to(writing(SLOW, true, PATIENCE), new SendBye(SLOW), new ReleaseCursors())
                  : Step.to(
                      writing(GARBAGE, false, PATIENCE),
                      new SendBye(GARBAGE),
                      new ReleaseCursors(),
                      new Forget(GARBAGE));
          case PeerClosed(int code) ->
              code == 1000
                  ? Step.to(
                      answering(1000, false),
                      new AnswerClose(1000),
                      new ReleaseCursors(),
                      new Forget(left(1000)))
                  : Step.to(answering(1001, true), new AnswerClose(1001), new ReleaseCursors());
          case SocketLost e -> Step.to(new Detached(BROKE, NOW.plus(TTL)), new ReleaseCursors());
          case TakenOver e ->
              Step.to(writing(taken, false, PATIENCE), new SendBye(taken), new ReleaseCursors());
          case DeadlineReached e -> openIsDue(from, open, e);
          case RequestHeard e -> stays(from);
          case CloseWritten e -> stays(from);
          case Displaced e -> stays(from);
        };
      }
      case DISMISSED, DISMISSED_FOR_NOW, TOLD, TOLD_FOR_NOW, LEAVING, LEAVING_FOR_NOW -> {
        Closing closing = (Closing) from.state;
        boolean keeps = closing.keeps();
        SessionState over =
            keeps ? new Detached(closing.reason(), NOW.plus(TTL)) : new Closed(closing.reason());
        yield switch (event) {
          case CloseWritten e ->
              switch (closing.waits()) {
                case FOR_WRITE -> Step.to(waits(closing, Waits.FOR_PEER));
                case FOR_PEER -> stays(from);
                case FOR_LAST_WRITE -> Step.to(over, new AbortSocket());
              };
          case PeerClosed e ->
              switch (closing.waits()) {
                case FOR_WRITE -> Step.to(waits(closing, Waits.FOR_LAST_WRITE));
                case FOR_PEER -> Step.to(over, new AbortSocket());
                case FOR_LAST_WRITE -> stays(from);
              };
          case SocketLost e -> Step.to(over);
          case DeadlineReached e -> keeps ? stays(from) : Step.to(over, new AbortSocket());
          case TakenOver e ->
              Step.to(new Closing(closing.reason(), false, closing.waits(), closing.until()));
          case Greeted e -> stays(from);
          case RequestHeard e -> stays(from);
          case EndRequested e -> stays(from);
          case Displaced e -> stays(from);
        };
      }
      case DETACHED, DETACHED_FOR_TOO_LONG -> {
        CloseReason gaveWay =
            new CloseReason(CloseCode.TOO_MANY, "gave way to sessions detached after it");
        CloseReason expired =
            new CloseReason(CloseCode.TIMEOUT, "not taken up again in the session's time");
        yield switch (event) {
          case TakenOver e -> Step.to(new Closed(new CloseReason(CloseCode.TAKEN_OVER)));
          case Displaced e -> Step.to(new Closed(gaveWay), new Forget(gaveWay));
          case EndRequested(CloseReason reason) -> Step.to(new Closed(reason), new Forget(reason));
          case DeadlineReached e ->
              from == From.DETACHED
                  ? stays(from)
                  : Step.to(new Closed(expired), new Forget(expired));
          case Greeted e -> stays(from);
          case RequestHeard e -> stays(from);
          case CloseWritten e -> stays(from);
          case PeerClosed e -> stays(from);
          case SocketLost e -> stays(from);
        };
      }
      case CLOSED -> stays(from);
    };
  }

  private static Step<SessionState, SessionEffect> greetingIsDue(
      From from, Greeting greeting, DeadlineReached event) {
    CloseReason noHello = new CloseReason(CloseCode.TIMEOUT, "no \"hello\" in time");
    return switch (from) {
      case GREETING_AND_TO_BE_PINGED ->
          Step.to(new Greeting(greeting.until(), pinged(DUE)), new SendPing());
      case GREETING_FOR_TOO_LONG ->
          Step.to(writing(noHello, false, PATIENCE), new SendBye(noHello));
      case GREETING_AND_SILENT ->
          event.equals(STUCK)
              ? Step.to(new Closed(SILENCE), new AbortSocket())
              : Step.to(writing(SILENCE, false, left(event)), new SendBye(SILENCE));
      default -> stays(from);
    };
  }

  private static Step<SessionState, SessionEffect> openIsDue(
      From from, Open open, DeadlineReached event) {
    CloseReason expired =
        new CloseReason(CloseCode.UNAUTHENTICATED, "the credentials have expired");
    Step<SessionState, SessionEffect> cut =
        Step.to(new Detached(DEAF, NOW.plus(TTL)), new AbortSocket(), new ReleaseCursors());
    return switch (from) {
      case OPEN_AND_TO_BE_PINGED ->
          event.equals(STUCK)
              ? cut
              : Step.to(new Open(pinged(DUE), open.credentialsUntil()), new SendPing());
      case OPEN_WITH_OLD_CREDENTIALS ->
          Step.to(
              writing(expired, false, PATIENCE),
              new SendBye(expired),
              new ReleaseCursors(),
              new Forget(expired));
      case OPEN_AND_SILENT ->
          event.equals(STUCK)
              ? Step.to(
                  new Detached(SILENCE, NOW.plus(TTL)), new AbortSocket(), new ReleaseCursors())
              : Step.to(
                  writing(SILENCE, true, left(event)), new SendBye(SILENCE), new ReleaseCursors());
      default -> event.equals(STUCK) ? cut : stays(from);
    };
  }

  @Test
  void whereSessionsAreNotKeptAConnectionEndsForGood() {
    SessionMachine fleeting = new SessionMachine(FLEETING);
    SessionState open = From.OPEN.state;
    assertEquals(
        Step.to(new Closed(BROKE), new ReleaseCursors(), new Forget(BROKE)),
        fleeting.step(open, new SocketLost(), NOW));
    assertEquals(
        Step.to(
            writing(SLOW, false, PATIENCE),
            new SendBye(SLOW),
            new ReleaseCursors(),
            new Forget(SLOW)),
        fleeting.step(open, new EndRequested(SLOW), NOW));
    assertEquals(
        Step.to(
            answering(1001, false),
            new AnswerClose(1001),
            new ReleaseCursors(),
            new Forget(left(1001))),
        fleeting.step(open, new PeerClosed(1001), NOW));
    assertEquals(
        Step.to(new Closed(SILENCE), new AbortSocket(), new ReleaseCursors(), new Forget(SILENCE)),
        fleeting.step(From.OPEN_AND_SILENT.state, STUCK, NOW));
  }

  @Test
  void onlyTheCodesThatSaySoLeaveASessionBehind() {
    for (CloseCode code : CloseCode.values()) {
      boolean keeps = List.of(1001, 4408, 4429, 4503).contains(code.code());
      SessionState next =
          machine.step(From.OPEN.state, new EndRequested(new CloseReason(code)), NOW).state();
      assertEquals(keeps, assertInstanceOf(Closing.class, next).keeps(), code.name());
    }
  }

  @Test
  void aCodeThatMustNotStandInAFrameIsAnsweredWith1000() {
    Map<Integer, Integer> answers = new LinkedHashMap<>();
    for (int code : List.of(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000)) {
      answers.put(code, 1000);
    }
    for (int code : List.of(1000, 1001, 1003, 1007, 1014, 3000, 4999)) {
      answers.put(code, code);
    }
    answers.forEach((code, answer) -> {
      for (From from : List.of(From.GREETING, From.OPEN)) {
        assertEquals(
            new AnswerClose(answer),
            machine.step(from.state, new PeerClosed(code), NOW).effects().getFirst());
      }
    });
  }

  @Test
  void aClientThatAnswersIsPingedEveryIntervalAndOneThatDoesNotIsGoneAfterTwo() {
    SessionState state = machine.initial(NOW);
    state = machine.step(state, new Greeted(Resumption.NOT_ASKED, Optional.empty()), NOW).state();
    Instant now = NOW;
    for (int beat = 0; beat < 20; beat++) {
      now = now.plus(BEAT);
      assertEquals(Optional.of(now), state.deadline());
      Signs signs = new Signs(now.minus(BEAT).plusMillis(20), Optional.empty());
      Step<SessionState, SessionEffect> step = machine.step(state, new DeadlineReached(signs), now);
      assertEquals(List.of(new SendPing()), step.effects());
      state = step.state();
    }
    Instant heard = now.minus(BEAT).plusMillis(20);
    Signs signs = new Signs(heard, Optional.empty());
    now = now.plus(BEAT);
    state = machine.step(state, new DeadlineReached(signs), now).state();
    assertEquals(Optional.of(heard.plus(BEAT).plus(BEAT)), state.deadline());
    now = heard.plus(PATIENCE);
    assertEquals(
        new SendBye(SILENCE),
        machine.step(state, new DeadlineReached(signs), now).effects().getFirst());
  }

  @Test
  void aGatewayThatWasPausedAsksBeforeItGivesEverybodyUp() {
    SessionState state = machine.initial(NOW);
    state = machine.step(state, new Greeted(Resumption.NOT_ASKED, Optional.empty()), NOW).state();
    Instant late = NOW.plus(Duration.ofHours(1));
    DeadlineReached deaf = new DeadlineReached(new Signs(NOW, Optional.empty()));
    Step<SessionState, SessionEffect> step = machine.step(state, deaf, late);
    assertEquals(List.of(new SendPing()), step.effects());
    assertEquals(Optional.of(late.plus(BEAT)), step.state().deadline());
    assertEquals(Step.to(step.state()), machine.step(step.state(), deaf, late));
    assertEquals(
        new SendBye(SILENCE),
        machine.step(step.state(), deaf, late.plus(BEAT)).effects().getFirst());
    DeadlineReached answered =
        new DeadlineReached(new Signs(late.plusMillis(20), Optional.empty()));
    Instant later = late.plus(Duration.ofHours(1));
    assertEquals(List.of(new SendPing()), machine.step(step.state(), answered, later).effects());
  }

  private static Closing writing(CloseReason reason, boolean keeps, Duration patience) {
    return new Closing(reason, keeps, Waits.FOR_WRITE, NOW.plus(patience));
  }

  /** How long a write that is under way may still take. */
  private static Duration left(DeadlineReached event) {
    return event.equals(WRITING) ? Duration.ofSeconds(1) : PATIENCE;
  }

  private static Closing answering(int code, boolean keeps) {
    return new Closing(left(code), keeps, Waits.FOR_LAST_WRITE, NOW.plus(CLOSE));
  }

  private static Closing waits(Closing closing, Waits waits) {
    return new Closing(closing.reason(), closing.keeps(), waits, NOW.plus(CLOSE));
  }

  private static Pulse pinged(Pulse pulse) {
    return new Pulse(BEAT, pulse.heard(), NOW.plus(BEAT), Optional.of(NOW));
  }

  private static CloseReason left(int code) {
    return new CloseReason(CloseCode.NORMAL, "closed by the client with " + code);
  }

  private static Step<SessionState, SessionEffect> stays(From from) {
    return Step.to(from.state);
  }
}
