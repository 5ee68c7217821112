package io.tycostream.client.testing;

import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.protocol.ServerMessage.SourceStatus;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.Subscription;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one connection as messages: turns what the conversation hands out into them,
 * and keeps what of it is not sent yet. Guarded by the hub's lock.
 */
final class PeerSubscription {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Subscription subscription;
  private final int maxMessage;
  private Cursor cursor;
  private @Nullable RowMessages rows;
  private Iterator<byte[]> rest = Collections.emptyIterator();
  private @Nullable Instant restsUntil;

  /** Whether it has to make do with as little as there is, until it has caught up. */
  private boolean squeezed;

  PeerSubscription(Subscription subscription, int maxMessage) {
    this.subscription = subscription;
    this.maxMessage = maxMessage;
    this.cursor = subscription.cursor();
  }

  Subscription subscription() {
    return subscription;
  }

  /** Whether all of what was delivered last is in the outbox. */
  boolean isWhole() {
    return !rest.hasNext();
  }

  /** From now on nothing may wait for it, until nothing does. */
  void squeeze() {
    squeezed = subscription.buffered() > 0;
  }

  /** At the beginning of a round. */
  void beginRound() {
    squeezed &= subscription.buffered() > 0;
    if (squeezed) {
      subscription.cursor().allow(0);
    }
  }

  /** Takes one step; returns whether there may be more. */
  boolean send(Conversation conversation, Consumer<byte[]> outbox, Instant now) {
    if (cursor != subscription.cursor()) { // what is not sent of the old one must not be seen
      cursor = subscription.cursor();
      rest = Collections.emptyIterator();
    }
    if (rest.hasNext()) {
      outbox.accept(rest.next());
      return true;
    }
    Instant pause = restsUntil;
    if (pause != null) {
      conversation.rest(subscription, pause);
      restsUntil = null;
      return false;
    }
    return deliver(conversation.next(subscription, now), conversation, outbox, now);
  }

  private boolean deliver(
      Delivery delivery, Conversation conversation, Consumer<byte[]> outbox, Instant now) {
    switch (delivery) {
      case Delivery.Nothing nothing -> {
        return false;
      }
      case Delivery.Status(SourceState state) -> outbox.accept(write(status(state, now)));
      case Delivery.Began began -> outbox.accept(write(begin(began)));
      case Delivery.Lost lost -> outbox.accept(write(gap(lost)));
      case Delivery.Everything all -> rest = begun().snapshot(all).iterator();
      case Delivery.Next next -> {
        rest = begun().batch(next).iterator();
        pause(next.batch().size(), now);
      }
      case Delivery.Merged merged -> {
        rest = begun().merged(merged).iterator();
        pause(merged.changes().size(), now);
      }
      case Delivery.Reached reached ->
          outbox.accept(write(new Progress(begun().feed(), reached.position().toString())));
      case Delivery.Refused refused -> {
        outbox.accept(write(conversation.refusal(subscription, refused)));
        return false;
      }
    }
    return true;
  }

  private void pause(long changes, Instant now) {
    double rate = subscription.wanted().maxRate().orElse(0);
    if (rate > 0) {
      restsUntil = now.plus(Duration.ofNanos((long) (NANOS_PER_SECOND * changes / rate)));
    }
  }

  private ServerMessage begin(Delivery.Began began) {
    int feed = subscription.feedNumber().orElseThrow();
    RowMessages begun =
        new RowMessages(
            feed, began.feed().derivation().shape(), subscription.wanted().delta(), maxMessage);
    rows = begun;
    return new Subscribed(
        subscription.ref(),
        feed,
        subscription.source(),
        begun.shape().key(),
        begun.shape().columns(),
        began.start(),
        began.position().map(Object::toString),
        began.seq());
  }

  private ServerMessage gap(Delivery.Lost lost) {
    return new Gap(
        begun().feed(),
        lost.after(),
        lost.upTo().toString(),
        lost.dropped(),
        lost.reason().wire(),
        lost.recovery().wire());
  }

  private ServerMessage status(SourceState state, Instant now) {
    RowMessages begun = rows;
    return new SourceStatus(
        begun == null ? Optional.of(subscription.ref()) : Optional.empty(),
        begun == null ? OptionalInt.empty() : OptionalInt.of(begun.feed()),
        state.condition().wire(),
        state.since(),
        state.attempt(),
        state.retryAt().map(at -> at.isAfter(now) ? Duration.between(now, at) : Duration.ZERO),
        state.reason());
  }

  private RowMessages begun() {
    RowMessages begun = rows;
    if (begun == null) {
      throw new IllegalStateException("rows before the subscription began");
    }
    return begun;
  }

  private static byte[] write(ServerMessage message) {
    return MessageWriter.write(message);
  }

  /** As a test sees it. */
  TestSubscription seen() {
    return new TestSubscription(
        subscription.ref(),
        subscription.source(),
        subscription.wanted().after(),
        subscription.cursor().position().map(Object::toString),
        subscription.acks().ackedUpTo().map(Object::toString));
  }

  static List<TestSubscription> seen(List<PeerSubscription> all) {
    return all.stream().map(PeerSubscription::seen).toList();
  }
}
