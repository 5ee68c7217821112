package io.tycostream.adapters.ws;

import io.tycostream.domain.session.Session;
import io.tycostream.domain.session.SessionState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A client as people and dashboards see it: one that is connected, or a session that waits for one
 * to come back.
 *
 * @param session nothing before {@code hello}
 * @param client the id that the client gave itself
 * @param principal whose credentials; nothing before {@code hello}
 * @param peer host and port; empty while it is not connected
 * @param since when it connected; while it is not, nothing
 * @param until when a session that waits is forgotten
 * @param buffered row changes that wait for it, over all its subscriptions
 * @param capacity row changes that may wait
 * @param level of pressure, as it was told
 * @param dropped row changes that it did not get one by one, as far as they were counted
 * @param sent row changes that were sent
 * @param messages frames that were written
 * @param bytes that were written
 * @param kept about how much memory is kept for it alone, in bytes
 * @param lag how long the oldest row change waits
 * @param ackLag how long ago the oldest was sent that the client has not acknowledged
 * @param roundTrip of the last ping
 */
public record ConnectedClient(
    Optional<String> session,
    Optional<String> client,
    Optional<String> principal,
    State state,
    String peer,
    Optional<Instant> since,
    Optional<Instant> until,
    long buffered,
    long capacity,
    String level,
    long dropped,
    long sent,
    long messages,
    long bytes,
    long kept,
    Optional<Duration> lag,
    Optional<Duration> ackLag,
    Optional<Duration> roundTrip,
    List<Following> subscriptions) {

  /** Where it stands. */
  public enum State {
    GREETING,
    OPEN,
    CLOSING,
    DETACHED
  }

  /**
   * One of its subscriptions.
   *
   * @param feed nothing while it waits
   * @param buffered row changes that wait for the client
   * @param behindSince since when the oldest of them is there
   * @param unackedSince when the oldest was sent that the client has not acknowledged
   */
  public record Following(
      String ref,
      String source,
      OptionalInt feed,
      Optional<String> position,
      long buffered,
      Optional<Instant> behindSince,
      Optional<Instant> unackedSince) {}

  static ConnectedClient of(Connection connection, Optional<SessionState> state, Instant now) {
    Optional<Courier> courier = connection.courier();
    Exchange.Figures seen =
        courier.map(each -> each.exchange().figures()).orElse(Exchange.Figures.NONE);
    Courier.Sent sent = courier.map(Courier::sent).orElse(Courier.Sent.NOTHING);
    List<Following> following = seen.following().stream().map(SubscriptionFrames::figures).toList();
    Optional<Session> session = seen.session();
    return new ConnectedClient(
        session.map(Session::id),
        session.flatMap(each -> each.settings().client()),
        session.map(Session::principal),
        state.map(ConnectedClient::state).orElse(State.CLOSING),
        connection.peer(),
        Optional.of(connection.openedAt()),
        Optional.empty(),
        following.stream().mapToLong(Following::buffered).sum(),
        seen.capacity(),
        seen.level().wire(),
        seen.dropped(),
        seen.sent(),
        sent.messages(),
        sent.bytes(),
        seen.kept(),
        longest(following.stream().map(Following::behindSince).toList(), now),
        session
            .filter(each -> each.settings().acks())
            .flatMap(
                acks -> longest(following.stream().map(Following::unackedSince).toList(), now)),
        courier.flatMap(Courier::roundTrip),
        following);
  }

  static ConnectedClient of(Reception.Detached detached) {
    Session session = detached.session();
    return new ConnectedClient(
        Optional.of(session.id()),
        session.settings().client(),
        Optional.of(session.principal()),
        State.DETACHED,
        "",
        Optional.empty(),
        Optional.of(detached.until()),
        0,
        0,
        "normal",
        0,
        0,
        0,
        0,
        session.bytes(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        session.subscriptions().values().stream()
            .map(each ->
                new Following(
                    each.ref(),
                    each.source(),
                    OptionalInt.empty(),
                    Optional.empty(),
                    0,
                    Optional.empty(),
                    Optional.empty()))
            .toList());
  }

  private static State state(SessionState state) {
    return switch (state) {
      case SessionState.Greeting greeting -> State.GREETING;
      case SessionState.Open open -> State.OPEN;
      case SessionState.Closing closing -> State.CLOSING;
      case SessionState.Detached detached -> State.DETACHED;
      case SessionState.Closed closed -> State.CLOSING;
    };
  }

  private static Optional<Duration> longest(List<Optional<Instant>> since, Instant now) {
    return since.stream()
        .flatMap(Optional::stream)
        .min(Instant::compareTo)
        .map(first -> first.isAfter(now) ? Duration.ZERO : Duration.between(first, now));
  }
}
