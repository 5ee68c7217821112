package io.tycostream.adapters.ws;

import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.Introduction;
import io.tycostream.domain.session.Session;
import io.tycostream.domain.session.SessionEffect;
import io.tycostream.domain.session.SessionLimits;
import io.tycostream.domain.session.SessionOrder;
import io.tycostream.domain.session.SessionSettings;
import io.tycostream.domain.session.SessionState;
import io.tycostream.domain.session.Sessions;
import io.tycostream.domain.session.Signs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Where all connections are known, and the sessions that outlive them: carries what happens to them
 * to {@link Sessions}, which decides, and what it decides to the couriers.
 *
 * <p>Used by any thread. What is decided about one connection reaches its courier in the order in
 * which it was decided; nothing here waits for a socket.
 */
final class Reception {

  private final ReentrantLock lock = new ReentrantLock();
  private final InstantSource clock;
  private final Map<Long, Connection> connections = new ConcurrentHashMap<>();
  private final Sessions sessions; // guarded by the lock, as is the number
  private long lastNumber;

  Reception(SessionSettings settings, SessionLimits limits, InstantSource clock) {
    this.clock = clock;
    this.sessions = new Sessions(settings, limits);
  }

  /** A session that no connection has now. */
  record Detached(Session session, Instant until) {}

  /**
   * A socket was opened.
   *
   * @return the connection's number, under which everything else is told
   */
  long connected(Connection connection) {
    lock.lock();
    try {
      long number = ++lastNumber;
      connections.put(number, connection);
      perform(number, sessions.connected(number, clock.instant()));
      return number;
    } finally {
      lock.unlock();
    }
  }

  /** A client said {@code hello}, and its credentials are good. */
  void greeted(long connection, Introduction hello) {
    change(connection, () -> sessions.greeted(connection, hello, clock.instant()));
  }

  /** A client said something else although it has not been welcomed. */
  void requestHeard(long connection) {
    change(connection, () -> sessions.requestHeard(connection, clock.instant()));
  }

  /** The gateway wants the connection to end. */
  void endRequested(long connection, CloseReason reason) {
    change(connection, () -> sessions.endRequested(connection, reason, clock.instant()));
  }

  /** A connection's close frame is on the socket. */
  void closeWritten(long connection) {
    change(connection, () -> sessions.closeWritten(connection, clock.instant()));
  }

  /** A client's close frame came. */
  void peerClosed(long connection, int code) {
    change(connection, () -> sessions.peerClosed(connection, code, clock.instant()));
  }

  /** A socket is gone. */
  void socketLost(long connection) {
    change(connection, () -> sessions.socketLost(connection, clock.instant()));
  }

  /** A subscription began; it is restored when the session is taken up again. */
  void subscribed(long connection, Subscribe subscribe) {
    change(
        connection,
        () -> {
          sessions.subscribed(connection, subscribe);
          return List.of();
        });
  }

  /** The gateway ended a subscription; the client may not hear of that on this connection. */
  void ended(long connection, String ref) {
    change(
        connection,
        () -> {
          sessions.ended(connection, ref);
          return List.of();
        });
  }

  /** A subscription that had ended was restored, and stands. */
  void revived(long connection, String ref) {
    change(
        connection,
        () -> {
          sessions.revived(connection, ref);
          return List.of();
        });
  }

  /** The client ended a subscription, and it is not restored. */
  void unsubscribed(long connection, String ref) {
    change(
        connection,
        () -> {
          sessions.unsubscribed(connection, ref);
          return List.of();
        });
  }

  /** Says goodbye to all who are connected and to all who will be. */
  void drain(Duration spread, double chance) {
    lock.lock();
    try {
      perform(sessions.drain(spread, chance, clock.instant()));
    } finally {
      lock.unlock();
    }
  }

  /** Does what is due. To be called a few times a second. */
  void lookAtTheClock() {
    lock.lock();
    try {
      perform(sessions.deadlineReached(clock.instant(), this::signs));
    } finally {
      lock.unlock();
    }
  }

  /** Those whose socket is there. */
  Collection<Connection> connections() {
    return List.copyOf(connections.values());
  }

  /** Where a connection stands. */
  Optional<SessionState> state(long connection) {
    lock.lock();
    try {
      return sessions.state(connection);
    } finally {
      lock.unlock();
    }
  }

  /** The sessions that wait to be taken up, the one first that was left first. */
  List<Detached> detached() {
    lock.lock();
    try {
      List<Detached> all = new ArrayList<>();
      sessions.eachDetached((session, state) -> all.add(new Detached(session, state.until())));
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** How many sessions wait to be taken up. */
  int detachedCount() {
    lock.lock();
    try {
      return sessions.detached();
    } finally {
      lock.unlock();
    }
  }

  private Signs signs(long connection) {
    Connection there = connections.get(connection);
    return there == null ? new Signs(Instant.EPOCH, Optional.empty()) : there.signs();
  }

  private void change(long connection, Supplier<List<SessionOrder>> event) {
    lock.lock();
    try {
      perform(connection, event.get());
    } finally {
      lock.unlock();
    }
  }

  /** What follows from an event of one connection, whose socket may be gone without an order. */
  private void perform(long told, List<SessionOrder> orders) {
    perform(orders);
    letGo(told);
  }

  private void perform(List<SessionOrder> orders) {
    for (SessionOrder order : orders) {
      Connection connection = connections.get(order.connection());
      if (connection != null) {
        perform(connection, order);
      }
    }
    orders.forEach(order -> letGo(order.connection()));
  }

  private void perform(Connection connection, SessionOrder order) {
    switch (order.effect()) {
      case SessionEffect.SendWelcome(var resumption) ->
          connection.tell(
              new Order.Welcome(
                  resumption,
                  sessions.session(order.connection()).orElseThrow(),
                  sessions.ticket(order.connection())));
      case SessionEffect.SendPing ping -> connection.tell(new Order.Ping());
      case SessionEffect.SendBye(CloseReason reason) -> connection.tell(new Order.Bye(reason));
      case SessionEffect.AnswerClose(int code) -> connection.tell(new Order.AnswerClose(code));
      case SessionEffect.ReleaseCursors release -> connection.tell(new Order.Release());
      case SessionEffect.AbortSocket abort -> connection.cut(reason(order.connection()));
      case SessionEffect.Forget forget -> {}
    }
  }

  /** Why a connection was cut that had heard no word about it. */
  private Optional<CloseCode> reason(long connection) {
    return sessions
        .state(connection)
        .filter(SessionState.Detached.class::isInstance)
        .map(left -> ((SessionState.Detached) left).reason().code());
  }

  /** A connection without a socket is none any more, whatever becomes of its session. */
  private void letGo(long number) {
    boolean hasSocket =
        sessions
            .state(number)
            .filter(state ->
                switch (state) {
                  case SessionState.Greeting greeting -> true;
                  case SessionState.Open open -> true;
                  case SessionState.Closing closing -> true;
                  case SessionState.Detached detached -> false;
                  case SessionState.Closed closed -> false;
                })
            .isPresent();
    if (!hasSocket) {
      Connection gone = connections.remove(number);
      if (gone != null) {
        gone.over();
      }
    }
  }
}
