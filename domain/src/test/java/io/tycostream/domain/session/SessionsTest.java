package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.SessionEffect.AbortSocket;
import io.tycostream.domain.session.SessionEffect.Forget;
import io.tycostream.domain.session.SessionEffect.ReleaseCursors;
import io.tycostream.domain.session.SessionEffect.SendBye;
import io.tycostream.domain.session.SessionEffect.SendPing;
import io.tycostream.domain.session.SessionEffect.SendWelcome;
import io.tycostream.domain.session.SessionState.Closing;
import io.tycostream.domain.session.SessionState.Detached;
import io.tycostream.domain.session.SessionState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SessionsTest {

  private static final Duration TTL = Duration.ofMinutes(2);
  private static final CloseReason SLOW = new CloseReason(CloseCode.SLOW_CONSUMER);
  private static final Claim NEW = new Claim.Nothing();

  private final CheckedSessions checked =
      new CheckedSessions(
          SessionSettings.DEFAULT, new SessionLimits(3, 2, 2_000, 2, Duration.ofSeconds(5)));
  private final Sessions sessions = checked.sessions();

  private long open() {
    long connection = checked.connect();
    checked.hello(connection, "ada", NEW);
    return connection;
  }

  private Claim claim(long connection) {
    return new Claim.Presented(sessions.ticket(connection).orElseThrow());
  }

  private SendWelcome welcomed(List<SessionOrder> orders, long connection) {
    SessionOrder last = orders.getLast();
    assertEquals(connection, last.connection());
    return (SendWelcome) last.effect();
  }

  @Test
  void aSessionIsTakenUpWithWhatItSubscribedAndTheClientsOwnPositions() {
    long first = open();
    sessions.subscribed(first, new Subscribe("a", "trades", Optional.of("old")));
    assertEquals(
        Map.of("a", new Subscribe("a", "trades", Optional.empty())),
        sessions.session(first).orElseThrow().subscriptions());
    sessions.subscribed(first, events("b"));
    checked.lose(first);
    Claim claim = claim(first);
    long second = checked.connect();
    checked.pass(Duration.ofSeconds(1));
    assertEquals(
        Resumption.RESUMED, welcomed(checked.hello(second, "ada", claim), second).resumption());
    Session session = sessions.session(second).orElseThrow();
    assertEquals(
        List.of(
            new Session.Restored(new Subscribe("a", "trades", Optional.of("mine")), false),
            new Session.Restored(withoutSnapshot(events("b")), true)),
        session.restored(Map.of("a", "mine", "c", "nothing")));
    assertEquals(Optional.empty(), sessions.state(first));
  }

  @Test
  void anEventSubscriptionWithAPositionHasLostNothing() {
    long first = open();
    sessions.subscribed(first, events("b"));
    assertEquals(
        List.of(new Session.Restored(after(events("b"), "p"), false)),
        sessions.session(first).orElseThrow().restored(Map.of("b", "p")));
  }

  @Test
  void aNewerConnectionTakesOverAndTheOlderHearsIt() {
    long first = open();
    long second = checked.connect();
    List<SessionOrder> orders = checked.hello(second, "ada", claim(first));
    assertEquals(
        List.of(
            new SessionOrder(first, new SendBye(new CloseReason(CloseCode.TAKEN_OVER))),
            new SessionOrder(first, new ReleaseCursors()),
            new SessionOrder(second, new SendWelcome(Resumption.RESUMED))),
        orders);
    // What the older one still says and does concerns nobody.
    checked.hello(first, "ada", NEW);
    checked.written(first);
    assertEquals(
        List.of(new SessionOrder(first, new AbortSocket())), checked.peerCloses(first, 4409));
    checked.lose(first);
    assertTrue(sessions.state(second).orElseThrow() instanceof Open);
  }

  @Test
  void aConnectionThatIsBeingEndedForNowCanBeTakenOver() {
    long first = open();
    checked.end(first, SLOW);
    long second = checked.connect();
    assertEquals(
        List.of(new SessionOrder(second, new SendWelcome(Resumption.RESUMED))),
        checked.hello(second, "ada", claim(first)));
    checked.pass(Duration.ofMinutes(1));
    assertEquals(Optional.empty(), sessions.state(first));
  }

  @Test
  void aTicketIsRejectedForTheReasonThatItIs() {
    long first = open();
    String id = sessions.session(first).orElseThrow().id();
    Instant later = checked.now().plusSeconds(1);
    Map<Claim, Resumption> claims =
        Map.of(
            new Claim.Unreadable(), Resumption.UNREADABLE,
            new Claim.Presented(new ResumeTicket(id, "eve", later)), Resumption.OTHER_PRINCIPAL,
            new Claim.Presented(new ResumeTicket(id, "ada", checked.now())), Resumption.EXPIRED,
            new Claim.Presented(new ResumeTicket("x", "ada", later)), Resumption.UNKNOWN);
    claims.forEach((claim, expected) -> {
      long other = checked.connect();
      assertEquals(expected, welcomed(checked.hello(other, "ada", claim), other).resumption());
      assertEquals(Optional.of(first), sessions.owner(id));
      checked.peerCloses(other, 1000);
      checked.written(other);
    });
    long eve = checked.connect();
    Claim hers = new Claim.Presented(new ResumeTicket(id, "eve", later));
    assertEquals(
        Resumption.OTHER_PRINCIPAL, welcomed(checked.hello(eve, "eve", hers), eve).resumption());
  }

  @Test
  void aSessionIsForgottenWhenItsTimeIsOverAndNotBefore() {
    long first = open();
    Claim claim = claim(first);
    checked.lose(first);
    checked.pass(TTL.minusNanos(1));
    assertEquals(1, sessions.detached());
    List<SessionOrder> orders = checked.pass(Duration.ofNanos(1));
    assertTrue(orders.getFirst().effect() instanceof Forget);
    long second = checked.connect();
    assertEquals(
        Resumption.UNKNOWN, welcomed(checked.hello(second, "ada", claim), second).resumption());
  }

  @Test
  void theOldestGivesWayToOneThatTakesMoreMemoryThanThereIs() {
    long first = open();
    long second = open();
    sessions.subscribed(second, filtered("x".repeat(1_100)));
    checked.lose(first);
    assertEquals(1, sessions.detached());
    checked.lose(second);
    assertEquals(1, sessions.detached());
    assertTrue(sessions.state(second).orElseThrow() instanceof Detached);

    long third = open();
    sessions.subscribed(third, filtered("x".repeat(2_000)));
    checked.lose(third);
    assertEquals(0, sessions.detached(), "not even itself has room");
    long fourth = open();
    checked.lose(fourth);
    assertEquals(1, sessions.detached(), "and what was given up takes none any more");
  }

  private static Subscribe filtered(String text) {
    return new Subscribe(
        "r",
        "trades",
        new Filter.Compared("desk", Filter.Comparison.EQ, new Literal.Text(text)),
        Optional.of(Set.of("desk")),
        Optional.empty(),
        true,
        OnGap.SNAPSHOT,
        false,
        Optional.empty(),
        OptionalDouble.empty(),
        5);
  }

  @Test
  void aSessionWhoseTimeIsOverIsNotTakenUpAlthoughNobodyHasSaidSo() {
    long first = open();
    Claim claim = claim(first);
    checked.lose(first);
    checked.oversleep(TTL);
    long second = checked.connect();
    assertEquals(
        Resumption.UNKNOWN, welcomed(checked.hello(second, "ada", claim), second).resumption());
    checked.tellDeadline();
    assertEquals(0, sessions.detached());
  }

  @Test
  void theSessionThatIsDetachedForTheLongestGivesWay() {
    List<Long> gone = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      long connection = open();
      gone.add(connection);
      checked.pass(Duration.ofSeconds(1));
      checked.lose(connection);
    }
    assertEquals(Optional.empty(), sessions.state(gone.get(0)));
    assertTrue(sessions.state(gone.get(1)).orElseThrow() instanceof Detached);
    assertTrue(sessions.state(gone.get(2)).orElseThrow() instanceof Detached);
  }

  @Test
  void oneConnectionTooManyIsToldSoAndTheRestIsCut() {
    for (int i = 0; i < 3; i++) {
      open();
    }
    for (int i = 0; i < 3; i++) {
      long refused = checked.connect();
      Closing closing = (Closing) sessions.state(refused).orElseThrow();
      assertEquals(CloseCode.TOO_MANY, closing.reason().code());
      assertEquals("this gateway has 3 connections, its limit", closing.reason().text());
      assertEquals(Optional.of(Duration.ofSeconds(5)), closing.reason().retryIn());
    }
    long cut = checked.connect();
    assertEquals(Optional.empty(), sessions.state(cut));
    assertEquals(
        List.of(new SessionOrder(cut + 1, new AbortSocket())),
        sessions.connected(cut + 1, checked.now()));
    assertEquals(6, sessions.connections());
  }

  @Test
  void allAreDismissedOverTheSpreadAndWhoComesWhileDrainingToo() {
    CheckedSessions many = new CheckedSessions(SessionSettings.DEFAULT, SessionLimits.DEFAULT);
    for (int i = 0; i < 100; i++) {
      many.hello(many.connect(), "ada", NEW);
    }
    many.connect(); // and has not said hello
    many.drain(Duration.ofSeconds(10), 0.25);
    assertEquals(List.of(), many.drain(Duration.ofSeconds(10), 0.25));
    for (int i = 0; i < 100; i++) {
      many.connect();
    }
    int[] perSecond = new int[10];
    for (long connection : many.everyConnection()) {
      Closing closing = (Closing) many.sessions().state(connection).orElseThrow();
      assertEquals(CloseCode.DRAINING, closing.reason().code());
      perSecond[(int) closing.reason().retryIn().orElseThrow().toSeconds()]++;
    }
    for (int count : perSecond) {
      assertTrue(count >= 18 && count <= 23, "evenly: " + List.of(count));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> many.sessions().drain(Duration.ofSeconds(1), 1, many.now()));
  }

  @Test
  void allMayBeDismissedAtOnce() {
    long connection = open();
    checked.drain(Duration.ZERO, 0);
    Closing closing = (Closing) sessions.state(connection).orElseThrow();
    assertEquals(Optional.of(Duration.ZERO), closing.reason().retryIn());
  }

  @Test
  void onlyASessionThatWasTakenUpIsSaidToBeResumed() {
    for (Resumption each : Resumption.values()) {
      assertEquals(each == Resumption.RESUMED, each.resumed(), each::name);
    }
  }

  @Test
  void aGatewayServesAtLeastOneAndNeedNotKeepSessions() {
    Duration now = Duration.ZERO;
    Class<IllegalArgumentException> refused = IllegalArgumentException.class;
    assertDoesNotThrow(() -> new SessionLimits(1, 0, 0, 1, now));
    assertThrows(refused, () -> new SessionLimits(0, 0, 0, 1, now));
    assertThrows(refused, () -> new SessionLimits(1, -1, 0, 1, now));
    assertThrows(refused, () -> new SessionLimits(1, 0, -1, 1, now));
    assertThrows(refused, () -> new SessionLimits(1, 0, 0, 0, now));
    assertThrows(refused, () -> new SessionLimits(1, 0, 0, 1, Duration.ofNanos(-1)));
  }

  @Test
  void credentialsAreRenewedByAnotherHelloAndEndTheConnectionWhenTheyAreNot() {
    long connection = checked.connect();
    Optional<Instant> minute = Optional.of(checked.now().plusSeconds(20));
    checked.hello(connection, "ada", minute, NEW);
    assertEquals(minute.get().plus(TTL), sessions.ticket(connection).orElseThrow().expiresAt());
    checked.pass(Duration.ofSeconds(10));
    checked.hears(connection);
    Optional<Instant> later = Optional.of(checked.now().plusSeconds(20));
    assertEquals(
        Resumption.RENEWED,
        welcomed(checked.hello(connection, "ada", later, NEW), connection).resumption());
    checked.pass(Duration.ofSeconds(20).minusNanos(1));
    assertTrue(sessions.state(connection).orElseThrow() instanceof Open);
    checked.pass(Duration.ofNanos(1));
    Closing closing = (Closing) sessions.state(connection).orElseThrow();
    assertEquals(CloseCode.UNAUTHENTICATED, closing.reason().code());
  }

  @Test
  void credentialsOfAnotherPrincipalEndTheConnection() {
    long connection = open();
    checked.hello(connection, "eve", NEW);
    Closing closing = (Closing) sessions.state(connection).orElseThrow();
    assertEquals(CloseCode.FORBIDDEN, closing.reason().code());
    assertEquals(List.of(), checked.everySession());
  }

  @Test
  void aTicketForEverLastsForEver() {
    long connection = checked.connect();
    checked.hello(connection, "ada", Optional.of(Instant.MAX), NEW);
    assertEquals(Instant.MAX, sessions.ticket(connection).orElseThrow().expiresAt());
  }

  @Test
  void noHelloAndNoSignOfLifeEndAConnection() {
    long mute = checked.connect();
    List<SessionOrder> orders = checked.pass(Duration.ofSeconds(10));
    assertEquals(
        new SendBye(new CloseReason(CloseCode.TIMEOUT, "no \"hello\" in time")),
        orders.getFirst().effect());
    long silent = open();
    checked.writes(silent, true);
    orders = checked.pass(Duration.ofSeconds(29));
    assertTrue(orders.contains(new SessionOrder(silent, new SendPing())));
    orders = checked.pass(Duration.ofSeconds(1));
    assertEquals(
        List.of(
            new SessionOrder(silent, new AbortSocket()),
            new SessionOrder(silent, new ReleaseCursors())),
        orders.stream().filter(order -> order.connection() == silent).toList());
    assertEquals(Optional.empty(), sessions.state(mute));
  }

  @Test
  void aReplacedSubscriptionIsKeptOnceAndAnEndedOneNotAtAll() {
    long connection = open();
    sessions.subscribed(connection, new Subscribe("a", "trades", Optional.empty()));
    sessions.subscribed(connection, new Subscribe("a", "orders", Optional.empty()));
    sessions.subscribed(connection, new Subscribe("b", "trades", Optional.empty()));
    Subscribe third = new Subscribe("c", "trades", Optional.empty());
    assertThrows(IllegalStateException.class, () -> sessions.subscribed(connection, third));
    sessions.unsubscribed(connection, "b");
    assertEquals(
        Map.of("a", new Subscribe("a", "orders", Optional.empty())),
        sessions.session(connection).orElseThrow().subscriptions());
    checked.end(connection, SLOW);
    sessions.unsubscribed(connection, "a");
    assertEquals(1, sessions.session(connection).orElseThrow().subscriptions().size());
  }

  private List<String> restored(long connection, String... refsWithPosition) {
    Map<String, String> positions = new HashMap<>();
    for (String ref : refsWithPosition) {
      positions.put(ref, "p");
    }
    return sessions.session(connection).orElseThrow().restored(positions).stream()
        .map(each -> each.subscribe().ref())
        .toList();
  }

  /** Else it would wait for ever for what the session does not have. */
  @Test
  void whatTheGatewayEndedComesBackForWhoStillHasAPositionForIt() {
    long connection = open();
    sessions.subscribed(connection, new Subscribe("a", "trades", Optional.empty()));
    sessions.subscribed(connection, new Subscribe("b", "trades", Optional.empty()));
    sessions.ended(connection, "a");
    assertEquals(List.of("b"), restored(connection));
    assertEquals(List.of("b"), restored(connection, "b"));
    assertEquals(List.of("b", "a"), restored(connection, "a"));
    assertEquals(
        Optional.of("p"),
        sessions
            .session(connection)
            .orElseThrow()
            .restored(Map.of("a", "p"))
            .getLast()
            .subscribe()
            .after());
    sessions.revived(connection, "a");
    assertEquals(List.of("b", "a"), restored(connection));
    sessions.revived(connection, "a");
    assertEquals(List.of("b", "a"), restored(connection));
  }

  @Test
  void whatTheClientEndedOrAskedForAnewDoesNotComeBack() {
    long connection = open();
    sessions.subscribed(connection, new Subscribe("a", "trades", Optional.empty()));
    sessions.ended(connection, "a");
    sessions.unsubscribed(connection, "a");
    assertEquals(List.of(), restored(connection, "a"));
    sessions.ended(connection, "a"); // it is over already
    assertEquals(List.of(), restored(connection, "a"));
    sessions.subscribed(connection, new Subscribe("b", "trades", Optional.empty()));
    sessions.ended(connection, "b");
    sessions.subscribed(connection, new Subscribe("b", "orders", Optional.empty()));
    assertEquals(List.of("b"), restored(connection, "b"));
  }

  @Test
  void asManyOfThoseThatEndedAreKeptAsMayBeSubscribed() {
    long connection = open();
    long bytes = sessions.session(connection).orElseThrow().bytes();
    for (String ref : List.of("a", "b", "c")) {
      sessions.subscribed(connection, new Subscribe(ref, "trades", Optional.empty()));
      sessions.ended(connection, ref);
    }
    assertEquals(List.of("b", "c"), restored(connection, "a", "b", "c"));
    long each = new Subscribe("a", "trades", Optional.empty()).bytes();
    assertEquals(bytes + 2 * each, sessions.session(connection).orElseThrow().bytes());
  }

  @Test
  void whatIsToldOfNobodyDoesNothing() {
    assertEquals(List.of(), sessions.socketLost(77, checked.now()));
    assertEquals(List.of(), sessions.peerClosed(77, 1000, checked.now()));
    assertEquals(
        List.of(),
        sessions.greeted(
            77,
            new Introduction("s", "ada", Optional.empty(), NEW, Settings.DEFAULT),
            checked.now()));
    assertEquals(Optional.empty(), sessions.ticket(77));
    long connection = checked.connect();
    assertThrows(
        IllegalArgumentException.class, () -> sessions.connected(connection, checked.now()));
  }

  private static Subscribe events(String ref) {
    return build(ref, Optional.empty(), true);
  }

  private static Subscribe withoutSnapshot(Subscribe events) {
    return build(events.ref(), Optional.empty(), false);
  }

  private static Subscribe after(Subscribe events, String position) {
    return build(events.ref(), Optional.of(position), true);
  }

  private static Subscribe build(String ref, Optional<String> after, boolean snapshot) {
    return new Subscribe(
        ref,
        "trades",
        Filter.EVERYTHING,
        Optional.empty(),
        after,
        snapshot,
        OnGap.CONTINUE,
        false,
        Optional.empty(),
        OptionalDouble.empty(),
        7);
  }
}
