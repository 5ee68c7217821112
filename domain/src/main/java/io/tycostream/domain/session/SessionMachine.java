package io.tycostream.domain.session;

import io.tycostream.domain.Step;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides about one connection, and about the session for as long as that is this connection's.
 *
 * <p>A session is a chain of connections, one machine each. When a newer connection takes it up,
 * this one's machine hears {@link TakenOver} and has no session any more: it says goodbye if it
 * still can, and what happens to it later concerns nobody else. A session that no connection took
 * up is forgotten exactly once; one that was handed on is never forgotten here.
 *
 * <p>The client ends its session by closing with 1000; every other end without a word of ours, a
 * lost socket too, leaves it to be taken up. What an end by us means stands in {@link
 * CloseReason#keepsSession}.
 *
 * <p>What always holds, of a machine and of all of them in {@link Sessions}:
 *
 * <ol>
 *   <li><b>S1</b> A session has one connection at most, and it is the last that took it up.
 *   <li><b>S2</b> A connection is sent one closing frame at most, with a bye before it or as an
 *       answer; behind it nothing is sent.
 *   <li><b>S3</b> After Closed nothing follows.
 *   <li><b>S4</b> A greeted session is either forgotten once or taken over; nothing else is
 *       forgotten.
 *   <li><b>S5</b> No session is detached for longer than its time to live, and with none never.
 *   <li><b>S6</b> Leaving Open releases the cursors, once: neither a closing connection nor a
 *       detached session holds any.
 *   <li><b>S7</b> Every way out has a reason, whose text fits a close frame.
 *   <li><b>S8</b> A deadline told before its time changes nothing; one told in time is not due
 *       again at once.
 *   <li><b>S9</b> A connection that is being ended is over, by deadlines alone, after the silence
 *       limit and the close patience.
 *   <li><b>S10</b> A session is kept only where the reason says so, or the client went without
 *       1000.
 * </ol>
 */
public final class SessionMachine {

  private final SessionSettings settings;

  public SessionMachine(SessionSettings settings) {
    this.settings = settings;
  }

  /** Where every connection begins, when its socket is open. */
  public SessionState initial(Instant now) {
    return new Greeting(now.plus(settings.helloTimeout()), Pulse.begin(settings.heartbeat(), now));
  }

  /** The answer to an event; every state answers every event. */
  public Step<SessionState, SessionEffect> step(
      SessionState state, SessionEvent event, Instant now) {
    return switch (state) {
      case Greeting greeting -> greeting(greeting, event, now);
      case Open open -> open(open, event, now);
      case Closing closing -> closing(closing, event, now);
      case Detached detached -> detached(detached, event, now);
      case Closed closed -> Step.to(closed);
    };
  }

  private Step<SessionState, SessionEffect> greeting(
      Greeting greeting, SessionEvent event, Instant now) {
    return switch (event) {
      case Greeted(var resumption, var credentialsUntil) ->
          Step.to(new Open(greeting.pulse(), credentialsUntil), new SendWelcome(resumption));
      case RequestHeard early ->
          dismiss(new CloseReason(CloseCode.PROTOCOL_ERROR, "\"hello\" comes first"), now);
      case EndRequested(CloseReason reason) -> dismiss(reason, now);
      case PeerClosed(int code) ->
          Step.to(
              new Closing(left(code), false, Waits.FOR_LAST_WRITE, closeBy(now)),
              new AnswerClose(answerTo(code)));
      case SocketLost lost -> Step.to(new Closed(broke()));
      case DeadlineReached(Signs signs) -> {
        Pulse pulse = greeting.pulse().hearing(signs.heard());
        if (pulse.isSilent(now)) {
          yield isStuck(signs, now)
              ? Step.to(new Closed(silence()), new AbortSocket())
              : Step.to(
                  new Closing(silence(), false, Waits.FOR_WRITE, writtenBy(signs, now)),
                  new SendBye(silence()));
        }
        if (!now.isBefore(greeting.until())) {
          yield dismiss(new CloseReason(CloseCode.TIMEOUT, "no \"hello\" in time"), now);
        }
        yield pulse.isPingDue(now)
            ? Step.to(new Greeting(greeting.until(), pulse.pinged(now)), new SendPing())
            : Step.to(new Greeting(greeting.until(), pulse));
      }
      case CloseWritten unexpected -> Step.to(greeting);
      case TakenOver unexpected -> Step.to(greeting);
      case Displaced unexpected -> Step.to(greeting);
    };
  }

  private Step<SessionState, SessionEffect> open(Open open, SessionEvent event, Instant now) {
    return switch (event) {
      case Greeted(var resumption, var credentialsUntil) ->
          Step.to(new Open(open.pulse(), credentialsUntil), new SendWelcome(resumption));
      case EndRequested(CloseReason reason) -> goodbye(reason, writtenBy(now));
      case PeerClosed(int code) -> {
        boolean keeps = code != CloseCode.NORMAL.code() && outlives();
        yield leaving(
            new Closing(left(code), keeps, Waits.FOR_LAST_WRITE, closeBy(now)),
            new AnswerClose(answerTo(code)));
      }
      case SocketLost lost -> gone(broke(), List.of(), now);
      case TakenOver taken ->
          Step.to(
              new Closing(taken(), false, Waits.FOR_WRITE, writtenBy(now)),
              new SendBye(taken()),
              new ReleaseCursors());
      case DeadlineReached(Signs signs) -> {
        Pulse pulse = open.pulse().hearing(signs.heard());
        if (pulse.isSilent(now)) {
          yield isStuck(signs, now)
              ? gone(silence(), List.of(new AbortSocket()), now)
              : goodbye(silence(), writtenBy(signs, now));
        }
        if (open.credentialsUntil().filter(until -> !now.isBefore(until)).isPresent()) {
          CloseReason expired =
              new CloseReason(CloseCode.UNAUTHENTICATED, "the credentials have expired");
          yield goodbye(expired, writtenBy(now));
        }
        if (isStuck(signs, now)) {
          yield gone(stuck(), List.of(new AbortSocket()), now);
        }
        yield pulse.isPingDue(now)
            ? Step.to(new Open(pulse.pinged(now), open.credentialsUntil()), new SendPing())
            : Step.to(new Open(pulse, open.credentialsUntil()));
      }
      case RequestHeard heard -> Step.to(open);
      case CloseWritten unexpected -> Step.to(open);
      case Displaced unexpected -> Step.to(open);
    };
  }

  private Step<SessionState, SessionEffect> closing(
      Closing closing, SessionEvent event, Instant now) {
    return switch (event) {
      case CloseWritten written ->
          switch (closing.waits()) {
            case FOR_WRITE -> Step.to(waiting(closing, Waits.FOR_PEER, closeBy(now)));
            case FOR_LAST_WRITE -> Step.to(over(closing, now), new AbortSocket());
            case FOR_PEER -> Step.to(closing);
          };
      case PeerClosed closed ->
          switch (closing.waits()) {
            case FOR_WRITE -> Step.to(waiting(closing, Waits.FOR_LAST_WRITE, closeBy(now)));
            case FOR_PEER -> Step.to(over(closing, now), new AbortSocket());
            case FOR_LAST_WRITE -> Step.to(closing);
          };
      case SocketLost lost -> Step.to(over(closing, now));
      case DeadlineReached reached ->
          now.isBefore(closing.until())
              ? Step.to(closing)
              : Step.to(over(closing, now), new AbortSocket());
      case TakenOver taken -> Step.to(closing.without());
      case Greeted late -> Step.to(closing);
      case RequestHeard late -> Step.to(closing);
      case EndRequested late -> Step.to(closing);
      case Displaced unexpected -> Step.to(closing);
    };
  }

  private Step<SessionState, SessionEffect> detached(
      Detached detached, SessionEvent event, Instant now) {
    return switch (event) {
      case TakenOver taken -> Step.to(new Closed(taken()));
      case Displaced displaced ->
          forgotten(new CloseReason(CloseCode.TOO_MANY, "gave way to sessions detached after it"));
      case EndRequested(CloseReason reason) -> forgotten(reason);
      case DeadlineReached reached ->
          now.isBefore(detached.until())
              ? Step.to(detached)
              : forgotten(
                  new CloseReason(CloseCode.TIMEOUT, "not taken up again in the session's time"));
      case Greeted late -> Step.to(detached);
      case RequestHeard late -> Step.to(detached);
      case CloseWritten late -> Step.to(detached);
      case PeerClosed late -> Step.to(detached);
      case SocketLost late -> Step.to(detached);
    };
  }

  /** Ends a connection that never had a session. */
  private Step<SessionState, SessionEffect> dismiss(CloseReason reason, Instant now) {
    return Step.to(
        new Closing(reason, false, Waits.FOR_WRITE, writtenBy(now)), new SendBye(reason));
  }

  private Step<SessionState, SessionEffect> goodbye(CloseReason reason, Instant writtenBy) {
    boolean keeps = reason.keepsSession() && outlives();
    return leaving(new Closing(reason, keeps, Waits.FOR_WRITE, writtenBy), new SendBye(reason));
  }

  private static Step<SessionState, SessionEffect> leaving(Closing closing, SessionEffect word) {
    return closing.keeps()
        ? Step.to(closing, word, new ReleaseCursors())
        : Step.to(closing, word, new ReleaseCursors(), new Forget(closing.reason()));
  }

  /** The socket of an open connection is gone. */
  private Step<SessionState, SessionEffect> gone(
      CloseReason reason, List<SessionEffect> first, Instant now) {
    List<SessionEffect> effects = new ArrayList<>(first);
    effects.add(new ReleaseCursors());
    if (outlives()) {
      return new Step<>(new Detached(reason, now.plus(settings.ttl())), effects);
    }
    effects.add(new Forget(reason));
    return new Step<>(new Closed(reason), effects);
  }

  private static Step<SessionState, SessionEffect> forgotten(CloseReason reason) {
    return Step.to(new Closed(reason), new Forget(reason));
  }

  private SessionState over(Closing closing, Instant now) {
    return closing.keeps()
        ? new Detached(closing.reason(), now.plus(settings.ttl()))
        : new Closed(closing.reason());
  }

  private static Closing waiting(Closing closing, Waits waits, Instant until) {
    return new Closing(closing.reason(), closing.keeps(), waits, until);
  }

  private boolean outlives() {
    return settings.ttl().isPositive();
  }

  private boolean isStuck(Signs signs, Instant now) {
    Duration limit = settings.silenceLimit();
    return signs.writingSince().filter(since -> !now.isBefore(since.plus(limit))).isPresent();
  }

  private Instant writtenBy(Instant now) {
    return now.plus(settings.silenceLimit());
  }

  private Instant writtenBy(Signs signs, Instant now) {
    return writtenBy(signs.writingSince().orElse(now));
  }

  private Instant closeBy(Instant now) {
    return now.plus(settings.closePatience());
  }

  /** The client's own code, where it is one that may stand in a frame (RFC 6455, 7.4). */
  private static int answerTo(int code) {
    boolean echoed = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    return echoed || (code >= 3000 && code <= 4999) ? code : CloseCode.NORMAL.code();
  }

  private static CloseReason left(int code) {
    return new CloseReason(CloseCode.NORMAL, "closed by the client with " + code);
  }

  private static CloseReason broke() {
    return new CloseReason(CloseCode.TIMEOUT, "the connection broke");
  }

  private static CloseReason silence() {
    return new CloseReason(CloseCode.TIMEOUT, "nothing was heard for two heartbeats");
  }

  /** It speaks, and does not listen. */
  private static CloseReason stuck() {
    return new CloseReason(CloseCode.SLOW_CONSUMER, "the socket took nothing for two heartbeats");
  }

  private static CloseReason taken() {
    return new CloseReason(CloseCode.TAKEN_OVER);
  }
}
