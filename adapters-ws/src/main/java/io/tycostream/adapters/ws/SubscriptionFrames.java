package io.tycostream.adapters.ws;

import dev.failsafe.RateLimiter;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one connection as frames: turns what the conversation hands out into them,
 * and keeps what of it is not sent yet. Owned by the connection's courier; {@link #figures} may be
 * asked by any thread.
 */
final class SubscriptionFrames {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Subscription subscription;
  private final Feeds feeds;
  private final ClientObserver observer;

  /** What the client allows, where it has set a limit. */
  private final Optional<RateLimiter<?>> limiter;

  /** Another one when the client may see other rows now. */
  private Cursor cursor;

  private @Nullable FeedFrames feed;
  private @Nullable SnapshotFrames snapshot;
  private int nextPart;

  /** The parts of a batch that did not fit into one write. */
  private Iterator<Frame> rest = Collections.emptyIterator();

  /** When the client wants more, once the last batch is sent; nothing for at once. */
  private @Nullable Instant restsUntil;

  private boolean ended;
  private long dropped;

  private volatile Reached reached =
      new Reached(Optional.empty(), OptionalInt.empty(), Optional.empty(), 0, 0, Optional.empty());

  /**
   * How far the client got with the last write that ended.
   *
   * @param changes of the feed before the next batch
   * @param next the seq of the next batch
   * @param unackedSince when the oldest was sent that the client has not acknowledged
   */
  private record Reached(
      Optional<Feed> followed,
      OptionalInt feed,
      Optional<Position> position,
      long changes,
      long next,
      Optional<Instant> unackedSince) {

    /** Row changes that are there and were not written; they grow while a write is stuck. */
    long behind() {
      return followed.map(each -> Math.max(0, each.changesUpTo(each.head()) - changes)).orElse(0L);
    }

    /** Since when the oldest of them is there; nothing when there is none, or it has left. */
    Optional<Instant> behindSince() {
      return followed.flatMap(each -> each.batch(next)).map(batch -> batch.entry().appendedAt());
    }
  }

  SubscriptionFrames(Subscription subscription, Feeds feeds, ClientObserver observer) {
    this.subscription = subscription;
    this.feeds = feeds;
    this.observer = observer;
    this.cursor = subscription.cursor();
    OptionalDouble rate = subscription.wanted().maxRate();
    this.limiter =
        rate.isPresent()
            ? Optional.of(RateLimiter.smoothBuilder(interval(rate.getAsDouble())).build())
            : Optional.empty();
  }

  /** From one change to the next. */
  private static Duration interval(double changesPerSecond) {
    return Duration.ofNanos(Math.round(NANOS_PER_SECOND / changesPerSecond));
  }

  /** Whether it was refused after waiting, and is to be forgotten. */
  boolean ended() {
    return ended;
  }

  /** Whether all of what was delivered last is in the outbox. */
  boolean isWhole() {
    return !rest.hasNext() && snapshot == null;
  }

  /** Row changes that were not delivered one by one since this was asked last. */
  long takeDropped() {
    long taken = dropped;
    dropped = 0;
    return taken;
  }

  Following figures() {
    Reached last = reached;
    return new Following(
        subscription.ref(),
        subscription.source(),
        last.feed(),
        last.position().map(Position::toString),
        last.behind(),
        last.behindSince(),
        last.unackedSince());
  }

  /** Puts frames into the outbox until it is full, one at least, or there is nothing left. */
  void fill(Conversation conversation, Outbox outbox, long upToBytes, Instant now) {
    if (cursor != subscription.cursor()) { // what is not sent of the old one must not be seen
      cursor = subscription.cursor();
      rest = Collections.emptyIterator();
      snapshot = null;
    }
    boolean more = true;
    while (more && outbox.bytes() < upToBytes) {
      if (rest.hasNext()) {
        outbox.add(rest.next());
      } else if (snapshot != null) {
        sendPart(snapshot, outbox);
      } else if (restsUntil != null) {
        conversation.rest(subscription, restsUntil);
        restsUntil = null;
        more = false;
      } else {
        rest = Collections.emptyIterator(); // what it was made of is given back now
        more = deliver(conversation.next(subscription, now), conversation, outbox, now);
      }
    }
  }

  /** Makes what was reached visible to other threads. */
  void publishFigures() {
    reached =
        new Reached(
            cursor.feed(),
            feed(),
            cursor.position(),
            cursor.read(),
            cursor.nextSeq(),
            subscription.acks().lagsSince());
  }

  private void sendPart(SnapshotFrames parts, Outbox outbox) {
    parts.part(nextPart++).ifPresent(outbox::add);
    if (!parts.has(nextPart)) {
      snapshot = null;
    }
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
        List<Frame> frames = begun().batch(next);
        if (frames.size() == 1) { // as nearly all are
          outbox.add(frames.getFirst());
        } else {
          rest = frames.iterator();
        }
        outbox.holds(next.batch().entry().appendedAt());
        pause(next.batch().size(), now);
      }
      case Delivery.Merged merged -> {
        rest = begun().merged(merged);
        pause(merged.changes().size(), now);
      }
      case Delivery.Reached reached -> outbox.add(begun().progress(reached.position()));
      case Delivery.Refused refused -> {
        ended = true;
        outbox.add(MessageEncoder.encode(conversation.refusal(subscription, refused)));
        return false;
      }
    }
    return true;
  }

  /** After so many changes the client wants no more for a while. */
  private void pause(long changes, Instant now) {
    if (limiter.isPresent() && changes > 0) {
      Duration pause = limiter.get().reservePermits((int) Math.min(changes, Integer.MAX_VALUE));
      restsUntil = pause.isPositive() ? now.plus(pause) : null;
    }
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
    dropped += Math.max(0, lost.dropped());
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
