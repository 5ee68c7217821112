package io.tycostream.domain.session;

import static io.tycostream.domain.Holds.assertEquals;
import static io.tycostream.domain.Holds.assertFalse;
import static io.tycostream.domain.Holds.assertNotEquals;
import static io.tycostream.domain.Holds.assertTrue;

import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.SessionState.Closed;
import io.tycostream.domain.session.SessionState.Closing;
import io.tycostream.domain.session.SessionState.Detached;
import io.tycostream.domain.session.SessionState.Greeting;
import io.tycostream.domain.session.SessionState.Open;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Sessions, and next to them what a distrustful onlooker writes down. The invariants S1 to S10 of
 * {@link SessionMachine} are checked after every step. Every test of the sessions, and the
 * simulation, steps through it.
 */
public final class SessionInvariants {

  private final SessionSettings settings;
  private final SessionLimits limits;
  private final Sessions sessions;
  private long newest;
  private Instant now = Instant.EPOCH;

  /** Of each connection that was ever there. */
  private final Map<Long, SessionState> states = new TreeMap<>();

  private final Map<Long, Instant> endingSince = new HashMap<>();
  private final Set<Long> said = new HashSet<>();
  private final Set<Long> cut = new HashSet<>();
  private final Set<Long> cursors = new HashSet<>();
  private boolean punctual;

  /** Whose each living session is, and which connection it has or had last. */
  private final Map<String, String> principals = new HashMap<>();

  private final Map<String, Long> owners = new HashMap<>();
  private final Map<String, Instant> detachedSince = new HashMap<>();

  /**
   * @param punctual whether deadlines are told before anything else that happens at the same time
   */
  public SessionInvariants(SessionSettings settings, SessionLimits limits, boolean punctual) {
    this.settings = settings;
    this.limits = limits;
    this.sessions = new Sessions(settings, limits);
    this.punctual = punctual;
  }

  /** To be asked. What is told to them goes through here. */
  public Sessions sessions() {
    return sessions;
  }

  /** From now on deadlines are told late. */
  void oversleeps() {
    punctual = false;
  }

  List<Long> everyConnection() {
    return List.copyOf(states.keySet());
  }

  List<String> everySession() {
    return principals.keySet().stream().sorted().toList();
  }

  public List<SessionOrder> connected(long connection, Instant at) {
    now = at;
    newest = connection;
    List<SessionOrder> orders = sessions.connected(connection, now);
    states.put(connection, sessions.state(connection).orElse(over()));
    return checked(orders);
  }

  public List<SessionOrder> greeted(long connection, Introduction introduction, Instant at) {
    now = at;
    Claim claim = introduction.claim();
    Optional<SessionState> before = sessions.state(connection);
    Resumption expected = expected(introduction.principal(), claim);
    List<SessionOrder> orders = sessions.greeted(connection, introduction, now);
    if (before.isPresent() && before.get() instanceof Greeting) {
      assertEquals(
          new SessionOrder(connection, new SessionEffect.SendWelcome(expected)), orders.getLast());
      String taken =
          claim instanceof Claim.Presented presented && expected == Resumption.RESUMED
              ? presented.ticket().session()
              : introduction.session();
      principals.put(taken, introduction.principal());
      owners.put(taken, connection);
      detachedSince.remove(taken);
      cursors.add(connection);
    }
    return checked(orders);
  }

  /** What a naive reader of the protocol answers to a claim. */
  private Resumption expected(String principal, Claim claim) {
    return switch (claim) {
      case Claim.Nothing nothing -> Resumption.NOT_ASKED;
      case Claim.Unreadable unreadable -> Resumption.UNREADABLE;
      case Claim.Presented(ResumeTicket ticket) -> {
        Optional<Instant> since = Optional.ofNullable(detachedSince.get(ticket.session()));
        boolean over = since.filter(at -> !now.isBefore(at.plus(settings.ttl()))).isPresent();
        boolean here = owners.containsKey(ticket.session()) && !over;
        boolean own = ticket.principal().equals(principal);
        boolean his = principal.equals(principals.getOrDefault(ticket.session(), principal));
        yield !own
            ? Resumption.OTHER_PRINCIPAL
            : !now.isBefore(ticket.expiresAt())
                ? Resumption.EXPIRED
                : !here
                    ? Resumption.UNKNOWN
                    : his ? Resumption.RESUMED : Resumption.OTHER_PRINCIPAL;
      }
    };
  }

  public List<SessionOrder> endRequested(long connection, CloseReason reason, Instant at) {
    now = at;
    return checked(sessions.endRequested(connection, reason, now));
  }

  public List<SessionOrder> requestHeard(long connection, Instant at) {
    now = at;
    return checked(sessions.requestHeard(connection, now));
  }

  public List<SessionOrder> closeWritten(long connection, Instant at) {
    now = at;
    return checked(sessions.closeWritten(connection, now));
  }

  public List<SessionOrder> peerClosed(long connection, int code, Instant at) {
    now = at;
    boolean open = sessions.state(connection).filter(Open.class::isInstance).isPresent();
    Optional<String> session = sessions.session(connection).map(Session::id);
    List<SessionOrder> orders = checked(sessions.peerClosed(connection, code, now));
    if (open && code == CloseCode.NORMAL.code()) {
      assertTrue(session.isPresent() && !owners.containsKey(session.get()), "S10");
    }
    return orders;
  }

  public List<SessionOrder> socketLost(long connection, Instant at) {
    now = at;
    return checked(sessions.socketLost(connection, now));
  }

  public List<SessionOrder> drain(Duration spread, double chance, Instant at) {
    now = at;
    return checked(sessions.drain(spread, chance, now));
  }

  public List<SessionOrder> deadlineReached(Instant at, LongFunction<Signs> signs) {
    now = at;
    boolean early = sessions.deadline().filter(due -> !due.isAfter(now)).isEmpty();
    Map<Long, SessionState> before = Map.copyOf(states);
    List<SessionOrder> orders = checked(sessions.deadlineReached(now, signs));
    if (early) {
      assertEquals(List.of(), orders, "S8");
      assertEquals(before, states, "S8");
    }
    assertTrue(sessions.deadline().filter(due -> !due.isAfter(now)).isEmpty(), "S8");
    return orders;
  }

  private List<SessionOrder> checked(List<SessionOrder> orders) {
    check(orders);
    return orders;
  }

  private void check(List<SessionOrder> orders) {
    for (SessionOrder order : orders) {
      check(order.connection(), order.effect());
    }
    for (long connection : everyConnection()) {
      SessionState before = states.get(connection);
      SessionState state = sessions.state(connection).orElse(over());
      states.put(connection, state);
      assertFalse(before instanceof Closed && !(state instanceof Closed), "S3");
      assertFalse(before instanceof Detached && isConnected(state), "S3");
      assertEquals(state instanceof Open, cursors.contains(connection), "S6");
      check(connection, state);
    }
    checkOwners();
    assertTrue(sessions.connections() <= 2 * limits.maxConnections());
    assertTrue(sessions.detached() <= limits.maxDetached());
    List<Long> bytes = new ArrayList<>();
    sessions.eachDetached((session, state) -> bytes.add(session.bytes()));
    assertTrue(bytes.stream().mapToLong(Long::longValue).sum() <= limits.maxDetachedBytes());
    assertEquals(
        states.values().stream().filter(Detached.class::isInstance).count(), sessions.detached());
    assertEquals(
        states.values().stream().filter(SessionInvariants::isConnected).count(),
        sessions.connections());
    assertEquals(
        states.values().stream()
            .map(SessionState::deadline)
            .flatMap(Optional::stream)
            .min(Instant::compareTo),
        sessions.deadline());
  }

  private void check(long connection, SessionEffect effect) {
    assertFalse(states.get(connection) instanceof Closed && !isNew(connection), "S3");
    assertFalse(
        cut.contains(connection)
            && !(effect instanceof SessionEffect.Forget)
            && !(effect instanceof SessionEffect.ReleaseCursors),
        "S2: behind the cut");
    switch (effect) {
      case SessionEffect.SendWelcome welcome -> assertFalse(said.contains(connection), "S2");
      case SessionEffect.SendPing ping -> assertFalse(said.contains(connection), "S2");
      case SessionEffect.SendBye(CloseReason reason) -> {
        assertTrue(said.add(connection), "S2");
        checkText(reason);
      }
      case SessionEffect.AnswerClose answer -> assertTrue(said.add(connection), "S2");
      case SessionEffect.AbortSocket abort -> cut.add(connection);
      case SessionEffect.ReleaseCursors release -> assertTrue(cursors.remove(connection), "S6");
      case SessionEffect.Forget(CloseReason reason) -> {
        checkText(reason);
        List<String> his =
            owners.entrySet().stream()
                .filter(entry -> entry.getValue() == connection)
                .map(Map.Entry::getKey)
                .toList();
        assertEquals(1, his.size(), "S4");
        owners.remove(his.getFirst());
        assertEquals(Optional.empty(), sessions.owner(his.getFirst()), "S4");
        principals.remove(his.getFirst());
        detachedSince.remove(his.getFirst());
      }
    }
  }

  private boolean isNew(long connection) {
    return connection == newest;
  }

  private void check(long connection, SessionState state) {
    switch (state) {
      case Greeting greeting -> {}
      case Open open -> {}
      case Closing closing -> {
        checkText(closing.reason());
        Instant since = endingSince.computeIfAbsent(connection, id -> now);
        Duration longest = settings.silenceLimit().plus(settings.closePatience());
        assertTrue(!punctual || !closing.until().isAfter(since.plus(longest)), "S9");
        assertTrue(said.contains(connection), "S2");
        if (closing.keeps()) {
          checkKept(closing.reason());
        }
      }
      case Detached detached -> {
        checkText(detached.reason());
        checkKept(detached.reason());
        String session = sessions.session(connection).orElseThrow().id();
        Instant since = detachedSince.computeIfAbsent(session, id -> now);
        assertEquals(since.plus(settings.ttl()), detached.until(), "S5");
        assertFalse(settings.ttl().isZero(), "S5");
        assertTrue(!punctual || !now.isAfter(detached.until()), "S5");
      }
      case Closed closed -> {}
    }
  }

  private static void checkKept(CloseReason reason) {
    boolean clientWent = reason.code() == CloseCode.NORMAL && !reason.text().endsWith(" 1000");
    assertTrue(reason.keepsSession() || clientWent, "S10");
  }

  private static void checkText(CloseReason reason) {
    assertTrue(reason.text().getBytes(StandardCharsets.UTF_8).length <= 123, "S7");
    assertNotEquals("", reason.text(), "S7");
  }

  private void checkOwners() {
    Map<String, Long> seen = new HashMap<>();
    for (long connection : states.keySet()) {
      sessions
          .session(connection)
          .ifPresent(session -> {
            assertFalse(seen.containsKey(session.id()), "S1");
            seen.put(session.id(), connection);
          });
    }
    assertEquals(owners, seen, "S1, S4");
    owners.forEach((session, connection) ->
        assertEquals(Optional.of(connection), sessions.owner(session), "S1"));
  }

  private static boolean isConnected(SessionState state) {
    return switch (state) {
      case Greeting greeting -> true;
      case Open open -> true;
      case Closing closing -> true;
      case Detached detached -> false;
      case Closed closed -> false;
    };
  }

  private static SessionState over() {
    return new Closed(new CloseReason(CloseCode.NORMAL, "over"));
  }
}
