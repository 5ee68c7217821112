package io.tycostream.domain.session;

import io.tycostream.domain.Step;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.SessionEffect.AbortSocket;
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
import io.tycostream.domain.session.SessionState.Detached;
import io.tycostream.domain.session.SessionState.Greeting;
import io.tycostream.domain.session.SessionState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a gateway, and the sessions that outlive them.
 *
 * <p>Connections are known by numbers that only grow. What is told about one that is over is
 * ignored, so that a late word of an older connection never touches the session that a newer one
 * took up. Everything costs at most the logarithm of their number, but {@link #drain}.
 *
 * <p>Owned by one thread at a time. Signs of life are not told but asked for when they matter, so
 * that the owner is not bothered with every message of every client.
 */
public final class Sessions {

  /** The golden ratio's fraction: its multiples lie evenly in [0, 1), however many they are. */
  private static final double EVEN = 0.618_033_988_749_894_9;

  private final SessionMachine machine;
  private final SessionSettings settings;
  private final SessionLimits limits;
  private final Map<Long, Stay> stays = new HashMap<>();
  private final Map<String, Stay> owners = new HashMap<>();
  private final SequencedSet<Stay> detached = new LinkedHashSet<>();
  private final TreeSet<Due> dues = new TreeSet<>(Due.EARLIEST);
  private long detachedBytes;
  private long newest = Long.MIN_VALUE;
  private @Nullable Drain drain;

  public Sessions(SessionSettings settings, SessionLimits limits) {
    this.machine = new SessionMachine(settings);
    this.settings = settings;
    this.limits = limits;
  }

  /** A connection and where it stands; of a session while it is the one that owns it. */
  private static final class Stay {
    private final long connection;
    private SessionState state;
    private @Nullable Session session;
    private Optional<Instant> credentialsUntil = Optional.empty();

    /** What it takes while it is detached, when nothing changes it. */
    private long detachedBytes;

    Stay(long connection, SessionState state) {
      this.connection = connection;
      this.state = state;
    }
  }

  private record Due(Instant at, long connection) {
    static final Comparator<Due> EARLIEST =
        Comparator.comparing(Due::at).thenComparingLong(Due::connection);
  }

  private record Drain(Duration spread, double chance, long dismissed) {}

  /**
   * A socket was opened.
   *
   * @param connection greater than every one before
   * @throws IllegalArgumentException when it is not
   */
  public List<SessionOrder> connected(long connection, Instant now) {
    if (connection <= newest) {
      throw new IllegalArgumentException("connection " + connection + " comes after " + newest);
    }
    newest = connection;
    int connections = connections();
    if (connections >= 2L * limits.maxConnections()) {
      return List.of(new SessionOrder(connection, new AbortSocket()));
    }
    Stay stay = new Stay(connection, machine.initial(now));
    stays.put(connection, stay);
    stay.state.deadline().ifPresent(at -> dues.add(new Due(at, connection)));
    List<SessionOrder> orders = new ArrayList<>();
    if (drain != null) {
      tell(stay, new EndRequested(draining()), now, orders);
    } else if (connections >= limits.maxConnections()) {
      CloseReason full =
          new CloseReason(
              CloseCode.TOO_MANY,
              "this gateway has " + limits.maxConnections() + " connections, its limit",
              Optional.of(limits.fullRetry()));
      tell(stay, new EndRequested(full), now, orders);
    }
    return orders;
  }

  /**
   * A client said {@code hello}, and its credentials are good.
   *
   * <p>On an open connection it renews the credentials, and everything else goes on: what it says
   * about a session to take up is not looked at. Credentials of another principal end it.
   */
  public List<SessionOrder> greeted(long connection, Introduction hello, Instant now) {
    List<SessionOrder> orders = new ArrayList<>();
    Stay stay = stays.get(connection);
    if (stay == null) {
      return orders;
    }
    switch (stay.state) {
      case Greeting greeting -> welcome(stay, hello, now, orders);
      case Open open -> renew(stay, hello, now, orders);
      case SessionState.Closing late -> {}
      case Detached late -> {}
      case Closed late -> {}
    }
    return orders;
  }

  private void welcome(Stay stay, Introduction hello, Instant now, List<SessionOrder> orders) {
    Resumption resumption = judge(hello, now);
    if (resumption == Resumption.RESUMED && hello.claim() instanceof Claim.Presented presented) {
      Stay older = owners.get(presented.ticket().session());
      if (older == null || older.session == null) {
        throw new IllegalStateException("a session without an owner was found");
      }
      stay.session = older.session.served(hello.settings());
      older.session = null;
      owners.put(stay.session.id(), stay);
      tell(older, new TakenOver(), now, orders);
    } else {
      if (owners.containsKey(hello.session())) {
        throw new IllegalArgumentException("session " + hello.session() + " is there already");
      }
      stay.session = Session.begin(hello.session(), hello.principal(), hello.settings());
      owners.put(hello.session(), stay);
    }
    stay.credentialsUntil = hello.credentialsUntil();
    tell(stay, new Greeted(resumption, hello.credentialsUntil()), now, orders);
  }

  /** Whether a session is taken up, and if not, why. */
  private Resumption judge(Introduction hello, Instant now) {
    return switch (hello.claim()) {
      case Claim.Nothing nothing -> Resumption.NOT_ASKED;
      case Claim.Unreadable unreadable -> Resumption.UNREADABLE;
      case Claim.Presented(ResumeTicket ticket) -> {
        if (!ticket.principal().equals(hello.principal())) {
          yield Resumption.OTHER_PRINCIPAL;
        }
        if (!now.isBefore(ticket.expiresAt())) {
          yield Resumption.EXPIRED;
        }
        Stay owner = owners.get(ticket.session());
        if (owner == null || owner.session == null || isOverdue(owner, now)) {
          yield Resumption.UNKNOWN;
        }
        yield owner.session.principal().equals(hello.principal())
            ? Resumption.RESUMED
            : Resumption.OTHER_PRINCIPAL;
      }
    };
  }

  /** Its time is over, although nobody has said so yet. */
  private static boolean isOverdue(Stay stay, Instant now) {
    return stay.state instanceof Detached gone && !now.isBefore(gone.until());
  }

  private void renew(Stay stay, Introduction hello, Instant now, List<SessionOrder> orders) {
    if (stay.session != null && !stay.session.principal().equals(hello.principal())) {
      String text = "these are credentials of another principal than the connection's";
      tell(stay, new EndRequested(new CloseReason(CloseCode.FORBIDDEN, text)), now, orders);
    } else {
      stay.credentialsUntil = hello.credentialsUntil();
      tell(stay, new Greeted(Resumption.RENEWED, hello.credentialsUntil()), now, orders);
    }
  }

  /** A client said something else than {@code hello}; need not be told of an open connection. */
  public List<SessionOrder> requestHeard(long connection, Instant now) {
    return tell(connection, new RequestHeard(), now);
  }

  /** The gateway wants the connection to end, or the session that it left. */
  public List<SessionOrder> endRequested(long connection, CloseReason reason, Instant now) {
    return tell(connection, new EndRequested(reason), now);
  }

  /** A connection's close frame is on the socket. */
  public List<SessionOrder> closeWritten(long connection, Instant now) {
    return tell(connection, new CloseWritten(), now);
  }

  /** A client's close frame came. */
  public List<SessionOrder> peerClosed(long connection, int code, Instant now) {
    return tell(connection, new PeerClosed(code), now);
  }

  /** A socket is gone. */
  public List<SessionOrder> socketLost(long connection, Instant now) {
    return tell(connection, new SocketLost(), now);
  }

  /** When {@link #deadlineReached} is due; telling it late or early does no harm. */
  public Optional<Instant> deadline() {
    return dues.isEmpty() ? Optional.empty() : Optional.of(dues.first().at());
  }

  /**
   * The deadline may have come.
   *
   * @param signs of a connection, asked of those that are due
   */
  public List<SessionOrder> deadlineReached(Instant now, LongFunction<Signs> signs) {
    List<SessionOrder> orders = new ArrayList<>();
    List<Due> due = new ArrayList<>();
    for (Due each : dues) {
      if (each.at().isAfter(now)) {
        break;
      }
      due.add(each);
    }
    for (Due each : due) {
      Stay stay = stays.get(each.connection());
      if (stay != null) {
        tell(stay, new DeadlineReached(signs.apply(each.connection())), now, orders);
      }
    }
    return orders;
  }

  /**
   * Says goodbye to all who are connected and to all who will be. The times to come back lie evenly
   * within the spread, in no order that a client knows.
   *
   * @param spread over which clients come back; zero for at once
   * @param chance in [0, 1), where the first of them lies
   * @throws IllegalArgumentException when one of the two is out of its bounds
   */
  public List<SessionOrder> drain(Duration spread, double chance, Instant now) {
    if (spread.isNegative() || !(chance >= 0 && chance < 1)) {
      throw new IllegalArgumentException("draining over " + spread + " by " + chance);
    }
    List<SessionOrder> orders = new ArrayList<>();
    if (drain != null) {
      return orders;
    }
    drain = new Drain(spread, chance, 0);
    List<Long> all = stays.keySet().stream().sorted().toList();
    for (long connection : all) {
      Stay stay = stays.get(connection);
      if (stay != null && (stay.state instanceof Greeting || stay.state instanceof Open)) {
        tell(stay, new EndRequested(draining()), now, orders);
      }
    }
    return orders;
  }

  private CloseReason draining() {
    Drain going = drain;
    if (going == null) {
      throw new IllegalStateException("not draining");
    }
    drain = new Drain(going.spread(), going.chance(), going.dismissed() + 1);
    double at = (going.chance() + going.dismissed() * EVEN) % 1;
    Duration retryIn = Duration.ofMillis((long) (going.spread().toMillis() * at));
    return new CloseReason(CloseCode.DRAINING, CloseCode.DRAINING.text(), Optional.of(retryIn));
  }

  /**
   * A subscription began; it is restored when the session is taken up again.
   *
   * @throws IllegalStateException when the session has as many as it may have
   */
  public void subscribed(long connection, Subscribe subscribe) {
    change(
        connection,
        session -> {
          Session more = session.with(subscribe);
          if (more.subscriptions().size() > limits.maxSubscriptions()) {
            throw new IllegalStateException("more subscriptions than allowed are kept");
          }
          return more;
        });
  }

  /**
   * The gateway ended a subscription: it is not restored, except for a client that still has a
   * position for it, and has not heard of that.
   */
  public void ended(long connection, String ref) {
    change(connection, session -> session.ended(ref, limits.maxSubscriptions()));
  }

  /** A subscription that had {@link #ended} was restored, and stands. */
  public void revived(long connection, String ref) {
    change(connection, session -> session.revived(ref));
  }

  /** The client ended a subscription: it is not restored. */
  public void unsubscribed(long connection, String ref) {
    change(connection, session -> session.without(ref));
  }

  /** Only what an open connection says: one that ends lets go of all its subscriptions. */
  private void change(long connection, UnaryOperator<Session> changed) {
    Stay stay = stays.get(connection);
    if (stay != null && stay.session != null && stay.state instanceof Open) {
      stay.session = changed.apply(stay.session);
    }
  }

  /** The session that is this connection's, or was when it ended and can be taken up again. */
  public Optional<Session> session(long connection) {
    Stay stay = stays.get(connection);
    return stay == null ? Optional.empty() : Optional.ofNullable(stay.session);
  }

  /** Which connection a session has, or had last. */
  public Optional<Long> owner(String session) {
    return Optional.ofNullable(owners.get(session)).map(stay -> stay.connection);
  }

  /** Where a connection stands; nothing when it is over. */
  public Optional<SessionState> state(long connection) {
    return Optional.ofNullable(stays.get(connection)).map(stay -> stay.state);
  }

  /**
   * What the token of a connection's session is to say; nothing where sessions are not kept. It
   * lives for as long as the credentials and the session after them.
   */
  public Optional<ResumeTicket> ticket(long connection) {
    Stay stay = stays.get(connection);
    if (stay == null || stay.session == null || settings.ttl().isZero()) {
      return Optional.empty();
    }
    Instant latest = Instant.MAX.minus(settings.ttl());
    Instant expiresAt =
        stay.credentialsUntil
            .filter(until -> until.isBefore(latest))
            .map(until -> until.plus(settings.ttl()))
            .orElse(Instant.MAX);
    return Optional.of(new ResumeTicket(stay.session.id(), stay.session.principal(), expiresAt));
  }

  /** Sockets that are open, also of those that are being ended. */
  public int connections() {
    return stays.size() - detached.size();
  }

  /** Sessions without a connection. */
  public int detached() {
    return detached.size();
  }

  /** Tells each session without a connection, the one first that was left first. */
  public void eachDetached(BiConsumer<Session, Detached> seen) {
    for (Stay stay : detached) {
      if (stay.session != null && stay.state instanceof Detached state) {
        seen.accept(stay.session, state);
      }
    }
  }

  private List<SessionOrder> tell(long connection, SessionEvent event, Instant now) {
    List<SessionOrder> orders = new ArrayList<>();
    Stay stay = stays.get(connection);
    if (stay != null) {
      tell(stay, event, now, orders);
    }
    return orders;
  }

  /** The one door through which a state changes. */
  private void tell(Stay stay, SessionEvent event, Instant now, List<SessionOrder> orders) {
    stay.state.deadline().ifPresent(at -> dues.remove(new Due(at, stay.connection)));
    Step<SessionState, SessionEffect> step = machine.step(stay.state, event, now);
    stay.state = step.state();
    stay.state.deadline().ifPresent(at -> dues.add(new Due(at, stay.connection)));
    for (SessionEffect effect : step.effects()) {
      orders.add(new SessionOrder(stay.connection, effect));
      if (effect instanceof SessionEffect.Forget && stay.session != null) {
        owners.remove(stay.session.id());
        stay.session = null;
      }
    }
    if (stay.state instanceof Closed) {
      stays.remove(stay.connection);
      if (detached.remove(stay)) {
        detachedBytes -= stay.detachedBytes;
      }
    } else if (stay.state instanceof Detached && detached.add(stay)) {
      stay.detachedBytes = stay.session == null ? 0 : stay.session.bytes();
      detachedBytes += stay.detachedBytes;
      while (detached.size() > limits.maxDetached() || detachedBytes > limits.maxDetachedBytes()) {
        tell(detached.getFirst(), new Displaced(), now, orders);
      }
    }
  }
}
