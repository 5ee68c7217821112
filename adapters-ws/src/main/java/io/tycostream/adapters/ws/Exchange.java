package io.tycostream.adapters.ws;

import io.tycostream.adapters.ws.ConnectedClient.Following;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.Grant;
import io.tycostream.domain.session.Subscription;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries what one client and the gateway say to each other: requests to the conversation, which
 * decides, and what the conversation hands out to the outbox, as frames. Owned by the client's
 * courier; {@link #client} and {@link #figures} may be asked by any thread.
 */
final class Exchange {

  /** What a subscription sends in one turn, by whole frames; then others may have theirs. */
  private static final long TURN_BYTES = 16 << 10;

  private final Welcome welcome;
  private final Outbox outbox;
  private final Conversation conversation;
  private final Feeds feeds;
  private final ClientObserver observer;
  private final Map<Subscription, SubscriptionFrames> frames = new HashMap<>();
  private boolean greeted;

  private volatile Optional<String> client = Optional.empty();

  /** In the order of the subscriptions; another list whenever there are others. */
  private volatile List<SubscriptionFrames> following = List.of();

  /**
   * @param welcome the answer to {@code hello}
   * @param conversation is closed together with this
   */
  Exchange(
      Welcome welcome,
      Outbox outbox,
      Conversation conversation,
      Feeds feeds,
      ClientObserver observer) {
    this.welcome = welcome;
    this.outbox = outbox;
    this.conversation = conversation;
    this.feeds = feeds;
    this.observer = observer;
  }

  boolean greeted() {
    return greeted;
  }

  Optional<String> client() {
    return client;
  }

  /** How far each subscription was when the last write ended. */
  List<Following> figures() {
    return following.stream().map(SubscriptionFrames::figures).toList();
  }

  void hear(ClientMessage message, Instant now) {
    switch (message) {
      case Hello hello ->
          conversation.buffer(hello.buffer()).ifPresentOrElse(this::send, () -> welcome(hello));
      case Subscribe subscribe -> {
        conversation.subscribe(subscribe, now).ifPresent(this::send);
        subscriptionsChanged();
      }
      case Unsubscribe unsubscribe -> {
        send(conversation.unsubscribe(unsubscribe));
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
   * @return whether there is something to write
   */
  boolean fill(long maxBytes, Instant now) {
    conversation.begin(false, now).tell().ifPresent(this::send);
    Optional<Subscription> turn = conversation.turn();
    while (turn.isPresent() && outbox.bytes() < maxBytes) {
      take(turn.get(), now);
      turn = conversation.turn();
    }
    return !outbox.isEmpty();
  }

  private void take(Subscription subscription, Instant now) {
    SubscriptionFrames its = frames.get(subscription);
    if (its == null) {
      throw new IllegalStateException("a turn of " + subscription.ref() + ", which is not there");
    }
    long before = outbox.bytes();
    its.fill(conversation, outbox, before + TURN_BYTES, now);
    conversation.spent(subscription, outbox.bytes() - before);
    if (its.ended()) {
      subscriptionsChanged();
    }
  }

  /** Wants to be woken when a source has something new; who calls this looks once more then. */
  void hangOn() {
    conversation.hangOn();
  }

  /** What was in the outbox has been written. */
  void flushed() {
    following.forEach(SubscriptionFrames::publishFigures);
  }

  /** Lets go of what is kept for the client. */
  void close() {
    conversation.close();
  }

  /** When {@link #fill} may have something although no source changed. */
  Optional<Instant> deadline() {
    return conversation.deadline();
  }

  private void welcome(Hello hello) {
    greeted = true;
    client = hello.client();
    conversation.permit(Grant.EVERYTHING, each -> true, Instant.MIN);
    send(welcome);
  }

  private void subscriptionsChanged() {
    List<Subscription> present = conversation.subscriptions();
    frames.keySet().retainAll(present);
    following =
        present.stream()
            .map(each ->
                frames.computeIfAbsent(
                    each, fresh -> new SubscriptionFrames(fresh, feeds, observer)))
            .toList();
  }

  private void send(ServerMessage message) {
    outbox.add(MessageEncoder.encode(message));
  }
}
