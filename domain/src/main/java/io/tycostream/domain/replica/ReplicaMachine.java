package io.tycostream.domain.replica;

import io.tycostream.domain.Step;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides how a client keeps its connection to a gateway.
 *
 * <p>It returns from everything but the close codes that say not to, and counts a connection that
 * broke before it lived as long as the wait that came before it as one more failed attempt. When
 * its credentials are not accepted it asks for others, and gives up when those are not either.
 *
 * <ol>
 *   <li><b>M1</b> A socket is opened only when there is none.
 *   <li><b>M2</b> Every state but the first, the last and the one that waits for credentials has a
 *       deadline.
 *   <li><b>M3</b> A deadline told before its time, and any event after the end, changes nothing.
 *   <li><b>M4</b> When the gateway says when to return, no socket is opened before.
 * </ol>
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
      case Unauthorized unauthorized -> unauthorized(unauthorized, event, now);
      case Closed closed -> Step.to(closed);
    };
  }

  private Step<ReplicaState, ReplicaEffect> idle(Idle idle, ReplicaEvent event, Instant now) {
    return switch (event) {
      case Started started -> connect(0, false, now);
      case CloseRequested request -> Step.to(closedOnRequest());
      case SocketOpened unexpected -> Step.to(idle);
      case Welcomed unexpected -> Step.to(idle);
      case Heard unexpected -> Step.to(idle);
      case Dismissed unexpected -> Step.to(idle);
      case SocketClosed unexpected -> Step.to(idle);
      case SequenceBroken unexpected -> Step.to(idle);
      case CredentialsRenewed unexpected -> Step.to(idle);
      case CredentialsDenied denied ->
          Step.to(new Closed(CloseCode.UNAUTHENTICATED.code(), "the program has no credentials"));
      case DeadlineReached unexpected -> Step.to(idle);
    };
  }

  private Step<ReplicaState, ReplicaEffect> connecting(
      Connecting connecting, ReplicaEvent event, Instant now) {
    int attempt = connecting.attempt();
    return switch (event) {
      case SocketOpened opened ->
          Step.to(
              new Greeting(attempt, now.plus(settings.connectTimeout()), connecting.renewed()),
              new Greet());
      case SocketClosed closed -> ended(attempt, connecting.renewed(), closed, now);
      case DeadlineReached reached ->
          now.isBefore(connecting.until())
              ? Step.to(connecting)
              : abandon(
                  attempt, "no connection in time", connecting.renewed(), reached.chance(), now);
      case CloseRequested request -> closing();
      case Started unexpected -> Step.to(connecting);
      case Welcomed unexpected -> Step.to(connecting);
      case Heard unexpected -> Step.to(connecting);
      case Dismissed unexpected -> Step.to(connecting);
      case SequenceBroken unexpected -> Step.to(connecting);
      case CredentialsRenewed unexpected -> Step.to(connecting);
      case CredentialsDenied unexpected -> Step.to(connecting);
    };
  }

  private Step<ReplicaState, ReplicaEffect> greeting(
      Greeting greeting, ReplicaEvent event, Instant now) {
    int attempt = greeting.attempt();
    return switch (event) {
      case Welcomed welcomed ->
          Step.to(new Open(attempt, now, now, patience(welcomed), Optional.empty()));
      case Dismissed dismissed -> dismissed(attempt, greeting.renewed(), dismissed, now);
      case SocketClosed closed -> ended(attempt, greeting.renewed(), closed, now);
      case SequenceBroken broken ->
          abandon(attempt, broken.reason(), greeting.renewed(), broken.chance(), now);
      case DeadlineReached reached ->
          now.isBefore(greeting.until())
              ? Step.to(greeting)
              : abandon(attempt, "no welcome in time", greeting.renewed(), reached.chance(), now);
      case CredentialsRenewed renewed -> Step.to(greeting, new RenewCredentials());
      case CloseRequested request -> closing();
      case Started unexpected -> Step.to(greeting);
      case SocketOpened unexpected -> Step.to(greeting);
      case Heard unexpected -> Step.to(greeting);
      case CredentialsDenied unexpected -> Step.to(greeting);
    };
  }

  private Step<ReplicaState, ReplicaEffect> open(Open open, ReplicaEvent event, Instant now) {
    return switch (event) {
      case Heard heard ->
          Step.to(new Open(open.attempt(), open.since(), now, open.patience(), Optional.empty()));
      case Welcomed renewed ->
          Step.to(new Open(open.attempt(), open.since(), now, patience(renewed), Optional.empty()));
      case Dismissed dismissed -> dismissed(failedAttempts(open, now), false, dismissed, now);
      case SocketClosed closed -> ended(failedAttempts(open, now), false, closed, now);
      case SequenceBroken broken ->
          abandon(failedAttempts(open, now), broken.reason(), false, broken.chance(), now);
      case DeadlineReached reached -> silence(open, reached.chance(), now);
      case CredentialsRenewed renewed -> Step.to(open, new RenewCredentials());
      case CloseRequested request -> closing();
      case Started unexpected -> Step.to(open);
      case SocketOpened unexpected -> Step.to(open);
      case CredentialsDenied unexpected -> Step.to(open);
    };
  }

  private Step<ReplicaState, ReplicaEffect> waiting(
      Waiting waiting, ReplicaEvent event, Instant now) {
    return switch (event) {
      case DeadlineReached reached ->
          now.isBefore(waiting.until())
              ? Step.to(waiting)
              : connect(waiting.attempt(), waiting.renewed(), now);
      case CloseRequested request -> Step.to(closedOnRequest());
      case Started unexpected -> Step.to(waiting);
      case SocketOpened unexpected -> Step.to(waiting);
      case Welcomed unexpected -> Step.to(waiting);
      case Heard unexpected -> Step.to(waiting);
      case Dismissed unexpected -> Step.to(waiting);
      case SocketClosed unexpected -> Step.to(waiting);
      case SequenceBroken unexpected -> Step.to(waiting);
      case CredentialsRenewed unexpected -> Step.to(waiting);
      case CredentialsDenied unexpected -> Step.to(waiting);
    };
  }

  private Step<ReplicaState, ReplicaEffect> unauthorized(
      Unauthorized unauthorized, ReplicaEvent event, Instant now) {
    return switch (event) {
      case CredentialsRenewed renewed -> {
        Instant backoff =
            now.plus(settings.backoff().delay(unauthorized.attempt() - 1, renewed.chance()));
        Instant until =
            unauthorized.notBefore().map(at -> at.isBefore(now) ? now : at).orElse(backoff);
        yield Step.to(new Waiting(unauthorized.attempt(), until, unauthorized.reason(), true));
      }
      case CredentialsDenied denied ->
          Step.to(new Closed(unauthorized.code(), unauthorized.reason()));
      case CloseRequested request -> Step.to(closedOnRequest());
      case Started unexpected -> Step.to(unauthorized);
      case SocketOpened unexpected -> Step.to(unauthorized);
      case Welcomed unexpected -> Step.to(unauthorized);
      case Heard unexpected -> Step.to(unauthorized);
      case Dismissed unexpected -> Step.to(unauthorized);
      case SocketClosed unexpected -> Step.to(unauthorized);
      case SequenceBroken unexpected -> Step.to(unauthorized);
      case DeadlineReached unexpected -> Step.to(unauthorized);
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
        false,
        chance,
        now);
  }

  /** A connection that did not live as long as the longest wait before it is one more failure. */
  private int failedAttempts(Open open, Instant now) {
    Duration lived = Duration.between(open.since(), now);
    boolean lasted = lived.compareTo(settings.backoff().delay(open.attempt() - 1, 1)) >= 0;
    return lasted ? 0 : open.attempt();
  }

  /** A heartbeat of nothing is no heartbeat to measure silence with. */
  private Duration patience(Welcomed welcomed) {
    return welcomed.heartbeat().isPositive()
        ? welcomed.heartbeat().multipliedBy(2)
        : settings.connectTimeout();
  }

  private Step<ReplicaState, ReplicaEffect> connect(int attempt, boolean renewed, Instant now) {
    return Step.to(
        new Connecting(attempt, now.plus(settings.connectTimeout()), renewed), new OpenSocket());
  }

  /** We give the socket up ourselves and return. */
  private Step<ReplicaState, ReplicaEffect> abandon(
      int attempt, String reason, boolean renewed, double chance, Instant now) {
    return Step.to(
        await(attempt, reason, renewed, Optional.empty(), chance, now),
        new CloseSocket(CloseCode.NORMAL.code(), reason));
  }

  private Step<ReplicaState, ReplicaEffect> dismissed(
      int attempt, boolean renewed, Dismissed dismissed, Instant now) {
    CloseSocket leave = new CloseSocket(CloseCode.NORMAL.code(), "after bye");
    int code = dismissed.code();
    String reason = dismissed.reason();
    Optional<Duration> told = dismissed.retryIn();
    return switch (CloseCode.returnAfter(code)) {
      case RESUME, BY_POSITION ->
          Step.to(await(attempt, reason, renewed, told, dismissed.chance(), now), leave);
      case WITH_NEW_CREDENTIALS ->
          renewed
              ? Step.to(new Closed(code, reason), leave)
              : Step.to(
                  new Unauthorized(attempt + 1, code, reason, told.map(now::plus)),
                  leave,
                  new AskForCredentials());
      case NO -> Step.to(new Closed(code, reason), leave);
    };
  }

  private Step<ReplicaState, ReplicaEffect> ended(
      int attempt, boolean renewed, SocketClosed closed, Instant now) {
    int code = closed.code();
    ReplicaState returning =
        await(attempt, describe(closed), renewed, Optional.empty(), closed.chance(), now);
    return switch (CloseCode.returnAfter(code)) {
      case RESUME, BY_POSITION -> Step.to(returning);
      case WITH_NEW_CREDENTIALS ->
          renewed
              ? Step.to(new Closed(code, closed.reason()))
              : Step.to(
                  new Unauthorized(attempt + 1, code, closed.reason(), Optional.empty()),
                  new AskForCredentials());
      // 1000 without a bye is an end that nobody of us asked for: a proxy's, for instance.
      case NO ->
          Step.to(code == CloseCode.NORMAL.code() ? returning : new Closed(code, closed.reason()));
    };
  }

  private static String describe(SocketClosed closed) {
    String reason = closed.reason().isEmpty() ? "no reason given" : closed.reason();
    return closed.code() == ABNORMAL ? reason : closed.code() + " " + reason;
  }

  private ReplicaState await(
      int attempt,
      String reason,
      boolean renewed,
      Optional<Duration> told,
      double chance,
      Instant now) {
    Duration wait = told.orElseGet(() -> settings.backoff().delay(attempt, chance));
    return new Waiting(attempt + 1, now.plus(wait), reason, renewed);
  }

  private static Closed closedOnRequest() {
    return new Closed(CloseCode.NORMAL.code(), "closed by the program");
  }

  private static Step<ReplicaState, ReplicaEffect> closing() {
    return Step.to(
        closedOnRequest(), new CloseSocket(CloseCode.NORMAL.code(), CloseCode.NORMAL.text()));
  }
}
