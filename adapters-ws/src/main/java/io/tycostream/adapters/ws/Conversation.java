package io.tycostream.adapters.ws;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What one client and the gateway say to each other, from {@code hello} on: requests in, frames
 * into the outbox. Owned by the client's courier; {@link #client} and {@link #subscriptions} may be
 * asked by any thread.
 */
final class Conversation {

  private final Gateway gateway;
  private final Welcome welcome;
  private final Outbox outbox;
  private final Runnable wake;

  /** Written by the courier alone, and seldom; read by who wants figures. */
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  private int turn;
  private boolean greeted;
  private volatile Optional<String> client = Optional.empty();

  /**
   * @param welcome the answer to {@code hello}
   * @param wake wakes the courier
   */
  Conversation(Gateway gateway, Welcome welcome, Outbox outbox, Runnable wake) {
    this.gateway = gateway;
    this.welcome = welcome;
    this.outbox = outbox;
    this.wake = wake;
  }

  boolean greeted() {
    return greeted;
  }

  Optional<String> client() {
    return client;
  }

  List<Subscription> subscriptions() {
    return subscriptions;
  }

  void hear(ClientMessage message, Instant now) {
    switch (message) {
      case Hello hello -> {
        greeted = true;
        client = hello.client();
        send(welcome);
      }
      case Subscribe subscribe -> subscribe(subscribe, now);
      case Unsubscribe unsubscribe -> unsubscribe(unsubscribe);
      case Ack(int feed, String position) -> {
        if (subscriptions.stream().noneMatch(each -> each.feed().equals(OptionalInt.of(feed)))) {
          refuse(Optional.empty(), OptionalInt.of(feed), ErrorCode.UNKNOWN_FEED, "no such feed");
        }
      }
      case Ping(Optional<String> nonce) -> send(new Pong(nonce));
    }
  }

  void refuse(ClientMessageReader.Read.Refused refused) {
    refuse(refused.ref(), refused.feed(), refused.code(), refused.reason());
  }

  /**
   * Fills the outbox from the subscriptions, each in its turn.
   *
   * @return whether there is something to write
   */
  boolean fill(long maxBytes, Instant now) {
    int count = subscriptions.size();
    if (count > 0) {
      // Everyone gets its share of a write; who begins changes, so that nobody is always last.
      long share = Math.max(1, maxBytes / count);
      turn = (turn + 1) % count;
      for (int i = 0; i < count && outbox.bytes() < maxBytes; i++) {
        subscriptions.get((turn + i) % count).fill(outbox, outbox.bytes() + share, now);
      }
      subscriptions.removeIf(Subscription::ended);
    }
    return !outbox.isEmpty();
  }

  void hangOnBells() {
    subscriptions.forEach(Subscription::hangOn);
  }

  /** What was in the outbox has been written. */
  void flushed() {
    subscriptions.forEach(Subscription::publishFigures);
  }

  /** Lets go of what is kept for the client. */
  void close() {
    subscriptions.forEach(Subscription::close);
  }

  /** When {@link #fill} may have something although no source changed. */
  Optional<Instant> deadline() {
    return subscriptions.stream()
        .map(Subscription::deadline)
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  private void subscribe(Subscribe wanted, Instant now) {
    Optional<Source> source = gateway.source(wanted.source());
    Optional<Position> after = wanted.after().flatMap(Position::parse);
    Optional<Subscription> twin =
        subscriptions.stream().filter(each -> each.source().equals(wanted.source())).findAny();
    if (subscriptions.stream().anyMatch(each -> each.ref().equals(wanted.ref()))) {
      refuse(wanted, ErrorCode.DUPLICATE_REF, "ref \"" + wanted.ref() + "\" is in use");
    } else if (source.isEmpty()) {
      refuse(
          wanted,
          ErrorCode.UNKNOWN_SOURCE,
          "there is no source \"" + wanted.source() + "\"; there are " + gateway.sourceNames());
    } else if (wanted.after().isPresent() && after.isEmpty()) {
      refuse(wanted, ErrorCode.BAD_POSITION, "\"after\" is not a position of this gateway");
    } else if (twin.isPresent()) {
      refuse(
          Optional.of(wanted.ref()),
          twin.get().feed(),
          ErrorCode.DUPLICATE_SUBSCRIPTION,
          "\"" + twin.get().ref() + "\" follows the same");
    } else if (subscriptions.size() >= gateway.limits().maxSubscriptions()) {
      refuse(
          wanted,
          ErrorCode.LIMIT_EXCEEDED,
          "a connection has at most " + gateway.limits().maxSubscriptions() + " subscriptions");
    } else {
      subscriptions.add(begin(wanted, source.get(), after, now));
    }
  }

  private Subscription begin(
      Subscribe wanted, Source source, Optional<Position> after, Instant now) {
    Cursor cursor =
        new Cursor(source, Terms.whole(after), now, gateway.limits().requestPatience(), wake);
    return new Subscription(
        wanted.ref(), cursor, after.isPresent(), gateway.feeds(), gateway.observer());
  }

  private void unsubscribe(Unsubscribe wanted) {
    Optional<Subscription> subscription =
        subscriptions.stream()
            .filter(each ->
                wanted.ref().isPresent()
                    ? each.ref().equals(wanted.ref().get())
                    : each.feed().equals(wanted.feed()))
            .findAny();
    if (subscription.isEmpty()) {
      refuse(wanted.ref(), wanted.feed(), ErrorCode.UNKNOWN_FEED, "there is no such subscription");
      return;
    }
    subscriptions.remove(subscription.get());
    subscription.get().close();
    send(new Unsubscribed(subscription.get().ref(), subscription.get().feed(), Optional.empty()));
  }

  private void refuse(Subscribe wanted, ErrorCode code, String message) {
    refuse(Optional.of(wanted.ref()), OptionalInt.empty(), code, message);
  }

  private void refuse(Optional<String> ref, OptionalInt feed, ErrorCode code, String message) {
    send(new Refused(ref, feed, code.wire(), message, code.retryable()));
  }

  private void send(ServerMessage message) {
    outbox.add(MessageEncoder.encode(message));
  }
}
