package io.tycostream.domain.replica;

import io.tycostream.domain.Step;
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
import java.util.Optional;

/**
 * Decides how a client keeps its connection to a gateway.
 *
 * <p>It returns from everything but the close codes that say not to, and counts a connection that
 * broke before it lived as long as the wait that came before it as one more failed attempt.
 */
public final class ReplicaMachine {

  /** The code of an end without a close frame (RFC 6455, 7.1.5). */
  private static final int ABNORMAL = 1006;

  private final ReplicaSettings settings;

  public ReplicaMachine(ReplicaSettings settings) {
    this.settings = settings;
  }

  /** Where every client begins. */
  public ReplicaState initial() {
    return new Idle();
  }

  /** The answer to an event; every state answers every event. */
  public Step<ReplicaState, ReplicaEffect> step(
      ReplicaState state, ReplicaEvent event, Instant now) {
    return switch (state) {
      case Idle idle -> idle(idle, event, now);
      case Connecting connecting -> connecting(connecting, event, now);
      case Greeting greeting -> greeting(greeting, event, now);
      case Open open -> open(open, event, now);
      case Waiting waiting -> waiting(waiting, event, now);
      case Closed closed -> Step.to(closed);
    };
  }

  private Step<ReplicaState, ReplicaEffect> idle(Idle idle, ReplicaEvent event, Instant now) {
    return switch (event) {
      case Started started -> connect(0, now);
      case CloseRequested request -> Step.to(closedOnRequest());
      case SocketOpened unexpected -> Step.to(idle);
      case Welcomed unexpected -> Step.to(idle);
      case Heard unexpected -> Step.to(idle);
      case Dismissed unexpected -> Step.to(idle);
      case SocketClosed unexpected -> Step.to(idle);
      case SequenceBroken unexpected -> Step.to(idle);
      case DeadlineReached unexpected -> Step.to(idle);
    };
  }

  private Step<ReplicaState, ReplicaEffect> connecting(
      Connecting connecting, ReplicaEvent event, Instant now) {
    int attempt = connecting.attempt();
    return switch (event) {
      case SocketOpened opened ->
          Step.to(new Greeting(attempt, now.plus(settings.connectTimeout())), new Greet());
      case SocketClosed closed -> ended(attempt, closed, now);
      case DeadlineReached reached ->
          now.isBefore(connecting.until())
              ? Step.to(connecting)
              : abandon(attempt, "no connection in time", reached.chance(), now);
      case CloseRequested request -> closing();
      case Started unexpected -> Step.to(connecting);
      case Welcomed unexpected -> Step.to(connecting);
      case Heard unexpected -> Step.to(connecting);
      case Dismissed unexpected -> Step.to(connecting);
      case SequenceBroken unexpected -> Step.to(connecting);
    };
  }

  private Step<ReplicaState, ReplicaEffect> greeting(
      Greeting greeting, ReplicaEvent event, Instant now) {
    int attempt = greeting.attempt();
    return switch (event) {
      case Welcomed welcomed ->
          Step.to(new Open(attempt, now, now, patience(welcomed), Optional.empty()));
      case Dismissed dismissed -> dismissed(attempt, dismissed, now);
      case SocketClosed closed -> ended(attempt, closed, now);
      case SequenceBroken broken -> abandon(attempt, broken.reason(), broken.chance(), now);
      case DeadlineReached reached ->
          now.isBefore(greeting.until())
              ? Step.to(greeting)
              : abandon(attempt, "no welcome in time", reached.chance(), now);
      case CloseRequested request -> closing();
      case Started unexpected -> Step.to(greeting);
      case SocketOpened unexpected -> Step.to(greeting);
      case Heard unexpected -> Step.to(greeting);
    };
  }

  private Step<ReplicaState, ReplicaEffect> open(Open open, ReplicaEvent event, Instant now) {
    return switch (event) {
      case Heard heard ->
          Step.to(new Open(open.attempt(), open.since(), now, open.patience(), Optional.empty()));
      case Welcomed renewed ->
          Step.to(new Open(open.attempt(), open.since(), now, patience(renewed), Optional.empty()));
      case Dismissed dismissed -> dismissed(failedAttempts(open, now), dismissed, now);
      case SocketClosed closed -> ended(failedAttempts(open, now), closed, now);
      case SequenceBroken broken ->
          abandon(failedAttempts(open, now), broken.reason(), broken.chance(), now);
      case DeadlineReached reached -> silence(open, reached.chance(), now);
      case CloseRequested request -> closing();
      case Started unexpected -> Step.to(open);
      case SocketOpened unexpected -> Step.to(open);
    };
  }

  private Step<ReplicaState, ReplicaEffect> waiting(
      Waiting waiting, ReplicaEvent event, Instant now) {
    return switch (event) {
      case DeadlineReached reached ->
          now.isBefore(waiting.until()) ? Step.to(waiting) : connect(waiting.attempt(), now);
      case CloseRequested request -> Step.to(closedOnRequest());
      case Started unexpected -> Step.to(waiting);
      case SocketOpened unexpected -> Step.to(waiting);
      case Welcomed unexpected -> Step.to(waiting);
      case Heard unexpected -> Step.to(waiting);
      case Dismissed unexpected -> Step.to(waiting);
      case SocketClosed unexpected -> Step.to(waiting);
      case SequenceBroken unexpected -> Step.to(waiting);
    };
  }

  private Step<ReplicaState, ReplicaEffect> silence(Open open, double chance, Instant now) {
    if (now.isBefore(open.until())) {
      return Step.to(open);
    }
    if (open.asked().isEmpty()) {
      return Step.to(
          new Open(open.attempt(), open.since(), open.heard(), open.patience(), Optional.of(now)),
          new SendPing());
    }
    Duration silent = Duration.between(open.heard(), now);
    return abandon(
        failedAttempts(open, now),
        "nothing was heard from the gateway for " + silent.toMillis() + " ms",
        chance,
        now);
  }

  /** A connection that did not live as long as the longest wait before it is one more failure. */
  private int failedAttempts(Open open, Instant now) {
    Duration lived = Duration.between(open.since(), now);
    boolean lasted = lived.compareTo(settings.backoff().delay(open.attempt() - 1, 1)) >= 0;
    return lasted ? 0 : open.attempt();
  }

  private static Duration patience(Welcomed welcomed) {
    return welcomed.heartbeat().multipliedBy(2);
  }

  private Step<ReplicaState, ReplicaEffect> connect(int attempt, Instant now) {
    return Step.to(new Connecting(attempt, now.plus(settings.connectTimeout())), new OpenSocket());
  }

  /** We give the socket up ourselves and return. */
  private Step<ReplicaState, ReplicaEffect> abandon(
      int attempt, String reason, double chance, Instant now) {
    return Step.to(
        await(attempt, reason, Optional.empty(), chance, now),
        new CloseSocket(CloseCode.NORMAL.code(), reason));
  }

  private Step<ReplicaState, ReplicaEffect> dismissed(
      int attempt, Dismissed dismissed, Instant now) {
    ReplicaState next =
        mayReturn(dismissed.code())
            ? await(attempt, dismissed.reason(), dismissed.retryIn(), dismissed.chance(), now)
            : new Closed(dismissed.code(), dismissed.reason());
    return Step.to(next, new CloseSocket(CloseCode.NORMAL.code(), "after bye"));
  }

  private Step<ReplicaState, ReplicaEffect> ended(int attempt, SocketClosed closed, Instant now) {
    return Step.to(
        mayReturn(closed.code())
            ? await(attempt, describe(closed), Optional.empty(), closed.chance(), now)
            : new Closed(closed.code(), closed.reason()));
  }

  private static String describe(SocketClosed closed) {
    String reason = closed.reason().isEmpty() ? "no reason given" : closed.reason();
    return closed.code() == ABNORMAL ? reason : closed.code() + " " + reason;
  }

  private ReplicaState await(
      int attempt, String reason, Optional<Duration> told, double chance, Instant now) {
    Duration wait = told.orElseGet(() -> settings.backoff().delay(attempt, chance));
    return new Waiting(attempt + 1, now.plus(wait), reason);
  }

  private static boolean mayReturn(int code) {
    // 1000 from the gateway's side is an end that we did not ask for: a proxy's, for instance.
    return code == CloseCode.NORMAL.code()
        || switch (CloseCode.returnAfter(code)) {
          case RESUME, BY_POSITION -> true;
          case NO, WITH_NEW_CREDENTIALS -> false;
        };
  }

  private static Closed closedOnRequest() {
    return new Closed(CloseCode.NORMAL.code(), "closed by the program");
  }

  private static Step<ReplicaState, ReplicaEffect> closing() {
    return Step.to(
        closedOnRequest(), new CloseSocket(CloseCode.NORMAL.code(), CloseCode.NORMAL.text()));
  }
}
