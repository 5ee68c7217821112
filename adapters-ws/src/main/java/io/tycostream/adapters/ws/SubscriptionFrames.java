package io.tycostream.adapters.ws;

import io.tycostream.adapters.ws.ConnectedClient.Following;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.protocol.ServerMessage.Gap;
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
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one connection as frames: turns what the conversation hands out into them,
 * and keeps what of it is not sent yet. Owned by the connection's courier; {@link #figures} may be
 * asked by any thread.
 */
final class SubscriptionFrames {

  private final Subscription subscription;
  private final Feeds feeds;
  private final ClientObserver observer;

  private @Nullable FeedFrames feed;
  private @Nullable SnapshotFrames snapshot;
  private int nextPart;

  /** The parts of a batch that did not fit into one write. */
  private Iterator<Frame> rest = Collections.emptyIterator();

  private boolean ended;

  private volatile Reached reached =
      new Reached(Optional.empty(), OptionalInt.empty(), Optional.empty(), 0);

  /** How far the client got with the last write that ended. */
  private record Reached(
      Optional<Feed> followed, OptionalInt feed, Optional<String> position, long changes) {

    /** Row changes that are there and were not written; they grow while a write is stuck. */
    long behind() {
      return followed.map(each -> Math.max(0, each.changesUpTo(each.head()) - changes)).orElse(0L);
    }
  }

  SubscriptionFrames(Subscription subscription, Feeds feeds, ClientObserver observer) {
    this.subscription = subscription;
    this.feeds = feeds;
    this.observer = observer;
  }

  /** Whether it was refused after waiting, and is to be forgotten. */
  boolean ended() {
    return ended;
  }

  Following figures() {
    Reached last = reached;
    return new Following(
        subscription.ref(), subscription.source(), last.feed(), last.position(), last.behind());
  }

  /** Puts frames into the outbox until it is full, one at least, or there is nothing left. */
  void fill(Conversation conversation, Outbox outbox, long upToBytes, Instant now) {
    boolean more = true;
    while (more && outbox.bytes() < upToBytes) {
      if (rest.hasNext()) {
        outbox.add(rest.next());
      } else if (snapshot != null) {
        sendPart(snapshot, outbox);
      } else {
        rest = Collections.emptyIterator(); // what it was made of is given back now
        more = deliver(conversation.next(subscription, now), conversation, outbox, now);
      }
    }
  }

  /** Makes what was reached visible to other threads. */
  void publishFigures() {
    Cursor cursor = subscription.cursor();
    reached =
        new Reached(
            cursor.feed(), feed(), cursor.position().map(Position::toString), cursor.read());
  }

  private void sendPart(SnapshotFrames parts, Outbox outbox) {
    parts.part(nextPart++).ifPresentOrElse(outbox::add, () -> snapshot = null);
  }

  /** Whether there may be more. */
  private boolean deliver(
      Delivery delivery, Conversation conversation, Outbox outbox, Instant now) {
    switch (delivery) {
      case Delivery.Nothing nothing -> {
        return false;
      }
      case Delivery.Status(SourceState state) -> outbox.add(status(state, now));
      case Delivery.Began began -> outbox.add(begin(began));
      case Delivery.Lost lost -> outbox.add(gap(lost));
      case Delivery.Everything all -> {
        snapshot = begun().snapshot(all);
        nextPart = 0;
      }
      case Delivery.Next next -> {
        rest = begun().batch(next).iterator();
        outbox.holds(next.batch().entry().appendedAt());
      }
      case Delivery.Merged merged -> rest = begun().merged(merged);
      case Delivery.Reached reached -> outbox.add(begun().progress(reached.position()));
      case Delivery.Refused refused -> {
        ended = true;
        outbox.add(MessageEncoder.encode(conversation.refusal(subscription, refused)));
        return false;
      }
    }
    return true;
  }

  private Frame begin(Delivery.Began began) {
    FeedFrames begun = feeds.of(began.feed());
    feed = begun;
    observer.began(began.start(), subscription.wanted().after().isPresent());
    Relation shape = begun.shape();
    return MessageEncoder.encode(
        new Subscribed(
            subscription.ref(),
            begun.id(),
            subscription.source(),
            shape.key(),
            shape.columns(),
            began.start(),
            began.position().map(Position::toString),
            began.seq()));
  }

  private Frame gap(Delivery.Lost lost) {
    observer.gap(lost.reason(), lost.dropped());
    return MessageEncoder.encode(
        new Gap(
            begun().id(),
            lost.after(),
            lost.upTo().toString(),
            lost.dropped(),
            lost.reason().wire(),
            lost.recovery().wire()));
  }

  private Frame status(SourceState state, Instant now) {
    return MessageEncoder.encode(
        new SourceStatus(
            feed == null ? Optional.of(subscription.ref()) : Optional.empty(),
            feed(),
            state.condition().wire(),
            state.since(),
            state.attempt(),
            state.retryAt().map(at -> at.isAfter(now) ? Duration.between(now, at) : Duration.ZERO),
            state.reason()));
  }

  /** The feed's number; nothing while the subscription waits. */
  private OptionalInt feed() {
    return feed == null ? OptionalInt.empty() : OptionalInt.of(feed.id());
  }

  private FeedFrames begun() {
    FeedFrames begun = feed;
    if (begun == null) {
      throw new IllegalStateException("rows before the subscription began");
    }
    return begun;
  }
}
