package io.tycostream.adapters.ws;

import io.tycostream.domain.log.Pressure;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.Grant;
import io.tycostream.domain.session.Introduction;
import io.tycostream.domain.session.Session;
import io.tycostream.domain.session.Settings;
import io.tycostream.domain.session.Subscription;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Carries what one client and the gateway say to each other: credentials to the authenticator,
 * {@code hello} to the reception and other requests to the conversation, which decide, and what the
 * conversation hands out to the outbox, as frames. Owned by the client's courier; {@link #figures}
 * may be asked by any thread.
 */
final class Exchange {

  /** What a subscription sends in one turn, by whole frames; then others may have theirs. */
  private static final long TURN_BYTES = 16 << 10;

  private final Gateway gateway;
  private final Optional<String> credentials;
  private final Outbox outbox;
  private final Conversation conversation;
  private final Map<Subscription, SubscriptionFrames> frames = new HashMap<>();

  /** The last {@code hello} with good credentials, and what these allow. */
  private @Nullable Hello hello;

  private Grant grant = Grant.EVERYTHING; // of no matter before the first hello
  private long connection;
  private boolean greeted;
  private boolean closed;
  private long dropped;

  private volatile Figures figures = Figures.NONE;

  /**
   * What can be seen from outside, as of the last write.
   *
   * @param session nothing before {@code hello}
   * @param capacity row changes that may wait
   * @param sent row changes
   * @param dropped row changes that were not delivered one by one, as far as they were counted
   * @param kept bytes of memory for this client alone
   */
  record Figures(
      Optional<Session> session,
      long capacity,
      Pressure.Level level,
      long sent,
      long dropped,
      long kept,
      List<SubscriptionFrames> following) {

    static final Figures NONE =
        new Figures(Optional.empty(), 0, Pressure.Level.NORMAL, 0, 0, 0, List.of());

    Figures with(List<SubscriptionFrames> others) {
      return new Figures(session, capacity, level, sent, dropped, kept, others);
    }
  }

  /**
   * @param credentials that the client showed when it connected
   * @param conversation is closed together with this
   */
  Exchange(
      Gateway gateway, Optional<String> credentials, Outbox outbox, Conversation conversation) {
    this.gateway = gateway;
    this.credentials = credentials;
    this.outbox = outbox;
    this.conversation = conversation;
  }

  boolean greeted() {
    return greeted;
  }

  Figures figures() {
    return figures;
  }

  /** A client introduces itself, or shows new credentials. */
  void hello(long number, Hello said) {
    connection = number;
    switch (gateway.authenticator().check(said.token().or(() -> credentials))) {
      case Authenticator.Verdict.Denied(var code, var reason) ->
          gateway.reception().endRequested(connection, new CloseReason(code, reason));
      case Authenticator.Verdict.Granted(Grant good) -> {
        Optional<ServerMessage> refused = conversation.buffer(said.buffer());
        if (refused.isPresent()) {
          send(refused.get());
          return;
        }
        hello = said;
        grant = good;
        gateway
            .reception()
            .greeted(
                connection,
                new Introduction(
                    UUID.randomUUID().toString(),
                    good.principal(),
                    good.until(),
                    gateway.tokens().read(said.resume()),
                    new Settings(said.client(), said.acks(), said.buffer())));
      }
    }
  }

  /** The reception lets the client in, or takes note of its new credentials. */
  void welcome(Order.Welcome order, Instant now) {
    Hello said = hello;
    if (said == null || closed) {
      return;
    }
    greeted = true;
    Session session = order.session();
    send(
        new Welcome(
            session.id(),
            order.ticket().map(gateway.tokens()::sign),
            order.resumption().resumed(),
            gateway.limits().times().heartbeat(),
            gateway.limits().times().ttl(),
            gateway.node(),
            limits()));
    conversation.buffer(session.settings().buffer()).ifPresent(this::send);
    conversation.expectAcks(session.settings().acks());
    conversation.permit(grant, this::isWhole, now).forEach(this::send);
    switch (order.resumption()) {
      case RESUMED -> restore(session, said.positions(), now);
      case UNREADABLE, EXPIRED, OTHER_PRINCIPAL, UNKNOWN ->
          gateway.observer().notResumed(order.resumption());
      case NOT_ASKED, RENEWED -> {}
    }
    figures = seen(session);
    subscriptionsChanged();
    session.subscriptions().keySet().forEach(this::endUnlessThere);
  }

  private Limits limits() {
    ClientLimits limits = gateway.limits();
    return new Limits(
        limits.maxMessage(),
        limits.maxRequest(),
        limits.maxSubscriptions(),
        (int) Math.min(limits.buffers().maxSize(), Integer.MAX_VALUE));
  }

  private void restore(Session session, Map<String, String> positions, Instant now) {
    for (Session.Restored each : session.restored(positions)) {
      String ref = each.subscribe().ref();
      conversation
          .restore(each, now)
          .ifPresentOrElse(this::send, () -> gateway.reception().revived(connection, ref));
    }
  }

  void hear(ClientMessage message, Instant now) {
    if (closed) {
      return;
    }
    switch (message) {
      case Hello again -> hello(connection, again);
      case Subscribe subscribe -> {
        Optional<ServerMessage> refused = conversation.subscribe(subscribe, now);
        refused.ifPresent(this::send);
        if (refused.isEmpty()) {
          gateway.reception().subscribed(connection, subscribe);
        }
        subscriptionsChanged();
      }
      case Unsubscribe unsubscribe -> {
        ServerMessage answer = conversation.unsubscribe(unsubscribe);
        send(answer);
        Optional<String> ref =
            answer instanceof Unsubscribed unsubscribed
                ? Optional.of(unsubscribed.ref())
                : unsubscribe.ref();
        ref.ifPresent(left -> gateway.reception().unsubscribed(connection, left));
        subscriptionsChanged();
      }
      case Ack ack -> conversation.ack(ack).ifPresent(this::send);
      case Ping(Optional<String> nonce) -> send(new Pong(nonce));
    }
  }

  void refuse(ClientMessageReader.Read.Refused refused) {
    send(
        new Refused(
            refused.ref(),
            refused.feed(),
            refused.code().wire(),
            refused.reason(),
            refused.code().retryable()));
  }

  /**
   * Fills the outbox from the subscriptions, in their turns.
   *
   * @param socketTakesTooLittle whether it is the socket that holds up what waits
   * @return whether the client is to be sent away, because that has been so for too long
   */
  boolean fill(long maxBytes, boolean socketTakesTooLittle, Instant now) {
    if (closed) {
      return false;
    }
    Conversation.Round round = conversation.begin(socketTakesTooLittle, now);
    round.tell().ifPresent(this::send);
    if (round.tooSlow()) {
      return true;
    }
    Optional<Subscription> turn = conversation.turn();
    while (turn.isPresent() && outbox.bytes() < maxBytes) {
      take(turn.get(), now);
      turn = conversation.turn();
    }
    return false;
  }

  private void take(Subscription subscription, Instant now) {
    SubscriptionFrames its = frames.get(subscription);
    if (its == null) {
      throw new IllegalStateException("a turn of " + subscription.ref() + ", which is not there");
    }
    long before = outbox.bytes();
    its.fill(conversation, outbox, before + TURN_BYTES, now);
    conversation.spent(subscription, outbox.bytes() - before);
    dropped += its.takeDropped();
    if (its.ended()) {
      subscriptionsChanged();
    }
  }

  private boolean isWhole(Subscription subscription) {
    SubscriptionFrames its = frames.get(subscription);
    return its == null || its.isWhole();
  }

  /** Wants to be woken when a source has something new; who calls this looks once more then. */
  void hangOn() {
    conversation.hangOn();
  }

  /** What was in the outbox has been written. */
  void flushed() {
    figures.following().forEach(SubscriptionFrames::publishFigures);
    figures.session().ifPresent(session -> figures = seen(session));
  }

  private Figures seen(Session session) {
    return new Figures(
        Optional.of(session),
        conversation.capacity(),
        conversation.level(),
        conversation.sent(),
        dropped,
        conversation.bytes(),
        figures.following());
  }

  /** Lets go of what is kept for the client. */
  void close() {
    closed = true;
    conversation.close();
    frames.clear();
  }

  /** When {@link #fill} may have something although no source changed. */
  Optional<Instant> deadline() {
    return conversation.deadline();
  }

  private void subscriptionsChanged() {
    List<Subscription> present = conversation.subscriptions();
    List<Subscription> before = List.copyOf(frames.keySet());
    frames.keySet().retainAll(present);
    before.forEach(each -> endUnlessThere(each.ref()));
    List<SubscriptionFrames> following =
        present.stream()
            .map(each ->
                frames.computeIfAbsent(
                    each,
                    fresh -> new SubscriptionFrames(fresh, gateway.feeds(), gateway.observer())))
            .toList();
    figures = figures.with(following);
  }

  /** A subscription that is over is not restored with the session for who knows that it is. */
  private void endUnlessThere(String ref) {
    if (conversation.subscriptions().stream().noneMatch(each -> each.ref().equals(ref))) {
      gateway.reception().ended(connection, ref);
    }
  }

  private void send(ServerMessage message) {
    outbox.add(MessageEncoder.encode(message));
  }
}
