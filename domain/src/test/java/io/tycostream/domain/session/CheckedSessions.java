package io.tycostream.domain.session;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sessions with a clock and sockets, whose invariants are checked after every step. */
final class CheckedSessions {

  private final SessionInvariants checked;
  private Instant now = Instant.EPOCH;
  private long connections;
  private long ids;

  /** Of each connection that was ever there. */
  private final Map<Long, Signs> signs = new HashMap<>();

  CheckedSessions(SessionSettings settings, SessionLimits limits) {
    this.checked = new SessionInvariants(settings, limits, true);
  }

  Instant now() {
    return now;
  }

  Sessions sessions() {
    return checked.sessions();
  }

  List<Long> everyConnection() {
    return checked.everyConnection();
  }

  List<String> everySession() {
    return checked.everySession();
  }

  long connect() {
    long connection = ++connections;
    signs.put(connection, new Signs(now, Optional.empty()));
    checked.connected(connection, now);
    return connection;
  }

  List<SessionOrder> hello(long connection, String principal, Claim claim) {
    return hello(connection, principal, Optional.empty(), claim);
  }

  List<SessionOrder> hello(
      long connection, String principal, Optional<Instant> credentialsUntil, Claim claim) {
    return checked.greeted(
        connection,
        new Introduction("s" + ++ids, principal, credentialsUntil, claim, Settings.DEFAULT),
        now);
  }

  List<SessionOrder> end(long connection, CloseReason reason) {
    return checked.endRequested(connection, reason, now);
  }

  List<SessionOrder> says(long connection) {
    return checked.requestHeard(connection, now);
  }

  List<SessionOrder> written(long connection) {
    return checked.closeWritten(connection, now);
  }

  List<SessionOrder> peerCloses(long connection, int code) {
    return checked.peerClosed(connection, code, now);
  }

  List<SessionOrder> lose(long connection) {
    return checked.socketLost(connection, now);
  }

  List<SessionOrder> drain(Duration spread, double chance) {
    return checked.drain(spread, chance, now);
  }

  void hears(long connection) {
    signs.computeIfPresent(connection, (id, old) -> new Signs(now, old.writingSince()));
  }

  void writes(long connection, boolean writing) {
    signs.computeIfPresent(
        connection,
        (id, old) ->
            new Signs(
                old.heard(),
                writing ? Optional.of(old.writingSince().orElse(now)) : Optional.empty()));
  }

  /** Time passes; every deadline is told when it comes. */
  List<SessionOrder> pass(Duration time) {
    Instant target = now.plus(time);
    List<SessionOrder> orders = new ArrayList<>();
    while (sessions().deadline().filter(at -> !at.isAfter(target)).isPresent()) {
      now = sessions().deadline().filter(now::isBefore).orElse(now);
      orders.addAll(tellDeadline());
    }
    now = target;
    return orders;
  }

  /** Time passes, and nobody tells of deadlines. */
  void oversleep(Duration time) {
    now = now.plus(time);
    checked.oversleeps();
  }

  List<SessionOrder> tellDeadline() {
    return checked.deadlineReached(now, signs::get);
  }
}
