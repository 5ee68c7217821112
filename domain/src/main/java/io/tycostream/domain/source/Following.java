package io.tycostream.domain.source;

import static io.tycostream.domain.protocol.Recovery.FOLD;
import static io.tycostream.domain.protocol.Recovery.NONE;
import static io.tycostream.domain.protocol.Recovery.SNAPSHOT;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedBatch;
import io.tycostream.domain.log.Conflation;
import io.tycostream.domain.protocol.GapReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a subscription goes on in a feed: where in it the client is, and what comes next from there.
 * Of one generation. Owned by its cursor.
 */
final class Following {

  /** So long a client is not told again how far the source is. */
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  private final Source source;
  private final Terms terms;
  private final Generation generation;
  private final Feed feed;
  private final Window window;
  private final Hold hold;
  private final Script script;

  /** The source's place up to which everything was handed out, and the seq of the next batch. */
  private Place place;

  private boolean catchingUp;

  /** When the client was told last how far the source is, and when it is to be told again. */
  private Instant progressToldAt = Instant.MIN;

  private @Nullable Instant progressDue;

  /**
   * @param place where it begins
   */
  Following(
      Source source,
      Terms terms,
      Generation generation,
      Feed feed,
      Place place,
      Window window,
      Hold hold,
      Script script) {
    this.source = source;
    this.terms = terms;
    this.generation = generation;
    this.feed = feed;
    this.window = window;
    this.hold = hold;
    this.script = script;
    this.place = place;
    beginAt(place);
  }

  Generation generation() {
    return generation;
  }

  Feed feed() {
    return feed;
  }

  /** The feed's row changes before the next batch; -1 when nobody knows. */
  long read() {
    return place.read();
  }

  /** The seq of the batch that comes next. */
  long nextSeq() {
    return place.next();
  }

  /** Row changes that are there for the client and were not handed out yet. */
  long behind() {
    return Math.max(0, feed.changesUpTo(feed.head()) - place.read());
  }

  /** When there is something to say even if the source does not change. */
  Optional<Instant> deadline() {
    return Optional.ofNullable(progressDue);
  }

  private void beginAt(Place beginning) {
    window.beginAnew();
    place = beginning;
    catchingUp = true;
  }

  /** All rows come first. */
  void beginWith(Opening opening) {
    script.everything(feed, opening);
    hold.take(opening, !terms.forEvents()); // who follows events says what it loses
    beginAt(opening.place());
  }

  /** The source has another shape: nothing comes from here any more. */
  void end() {
    progressDue = null;
  }

  /** Plans what comes next, if there is something; the client is not busy any more. */
  void plan(Instant now) {
    progressDue = null;
    hold.putBack();
    switch (hold.missed(place.next())) {
      case Missed.NoRoom wait -> {}
      case Missed.Nothing nothing -> planBatch(now);
      case Missed.Changes missed -> planMissed(missed, now);
    }
  }

  /** What left the log while the client was busy was kept for it, and comes first. */
  private void planMissed(Missed.Changes missed, Instant now) {
    if (missed.net().broken() || (missed.net().resync() && !generation.shape().isKeyed())) {
      hold.putBack();
      hold.letTailGo();
      startOver(reason(), missed.upTo().position(), now);
      return;
    }
    Conflation net = new Conflation(feed.derivation().shape());
    missed.net().parts().forEach(part -> net.add(feed.derivation().changes(part)));
    planMerged(missed.upTo(), net, missed.net().resync());
  }

  private void planBatch(Instant now) {
    // Progress before the entry: one that is appended between the two is then not passed over.
    Generation.Progress progress = generation.progress();
    switch (window.move(feed, place.next(), place.read(), now)) {
      case Window.Move.Deliver(FeedBatch batch) -> deliver(batch, now);
      case Window.Move.Fold(long upTo) -> fold(upTo, now);
      case Window.Move.Skip(long upTo) -> skip(upTo, reason());
      case Window.Move.Left left -> left(now);
      case Window.Move.None none -> {
        if (progress.index() >= place.index()) {
          planProgress(feed.shown(progress.position()), now);
        }
      }
    }
  }

  /** At once when the client has caught up, and then only now and then. */
  private void planProgress(Position position, Instant now) {
    if (!catchingUp && script.told().filter(position::equals).isPresent()) {
      return;
    }
    Instant due = catchingUp ? now : progressToldAt.plus(PROGRESS_EVERY);
    if (now.isBefore(due)) {
      progressDue = due;
      return;
    }
    catchingUp = false;
    progressToldAt = now;
    script.add(new Delivery.Reached(feed, position));
  }

  private void deliver(FeedBatch batch, Instant now) {
    if (!batch.entry().batch().resync() || generation.shape().isKeyed()) {
      place = behind(batch);
      script.add(new Delivery.Next(feed, batch));
    } else if (terms.forEvents()) { // without a key a difference is no list of changes
      skip(batch.seq(), GapReason.HISTORY_EXPIRED);
    } else {
      startOver(GapReason.HISTORY_EXPIRED, batch.entry().batch().position(), now);
    }
  }

  private static Place behind(FeedBatch batch) {
    return new Place(
        batch.entry().batch().position(),
        batch.entry().index(),
        batch.seq() + 1,
        batch.totalChanges());
  }

  /** From the next batch to one further on, while there is room: one merged batch, by key. */
  private void fold(long upTo, Instant now) {
    Conflation net = new Conflation(feed.derivation().shape());
    boolean resync = false;
    FeedBatch last = null;
    for (long seq = place.next(); seq <= upTo; seq++) {
      Optional<FeedBatch> found = feed.batch(seq);
      if (found.isEmpty()) {
        hold.putBack();
        left(now);
        return;
      }
      FeedBatch batch = found.get();
      List<Change> changes = feed.changes(batch.entry());
      if (!hold.portion().reaches(net.bytes() + Conflation.atMost(changes))) {
        break;
      }
      resync |= batch.entry().batch().resync();
      net.add(changes, batch.entry().batch().touched());
      last = batch;
    }
    if (last == null) {
      return; // until somebody is done
    }
    if (resync && !generation.shape().isKeyed()) {
      hold.putBack();
      startOver(reason(), last.entry().batch().position(), now);
      return;
    }
    planMerged(behind(last), net, resync);
    hold.keepBehind(place.index());
  }

  private void planMerged(Place upTo, Conflation net, boolean resync) {
    hold.portion().shrinkTo(net.bytes());
    if (!window.foldsSilently()) {
      script.lost(feed, upTo.position(), since(upTo.read()), reason(), FOLD);
    }
    script.add(
        new Delivery.Merged(
            feed,
            upTo.next() - 1,
            upTo.next() - place.next(),
            feed.shown(upTo.position()),
            net.changes(),
            resync));
    place = upTo;
  }

  /** What a subscriber of events does not get. */
  private void skip(long upTo, GapReason reason) {
    Optional<FeedBatch> last = feed.batch(upTo);
    if (last.isEmpty()) {
      skipTo(source.oldest(generation, feed), reason);
      return;
    }
    long dropped = reason == GapReason.HISTORY_EXPIRED ? -1 : since(last.get().totalChanges());
    script.lost(feed, last.get().entry().batch().position(), dropped, reason, NONE);
    place = behind(last.get());
  }

  private void skipTo(Place upTo, GapReason reason) {
    script.lost(feed, upTo.position(), since(upTo.read()), reason, NONE);
    place = upTo;
  }

  /** The next batch has left the log. */
  private void left(Instant now) {
    if (terms.forEvents()) {
      skipTo(source.oldest(generation, feed), reason());
    } else {
      startOver(reason(), feed.oldest(), now);
    }
  }

  /**
   * Single changes cannot be told: all rows instead.
   *
   * @param notBefore what the rows have to include, a position of the source
   */
  private void startOver(GapReason reason, Position notBefore, Instant now) {
    source
        .snapshot(generation, feed, Optional.of(notBefore), now)
        .ifPresent(opening -> {
          Place to = opening.place();
          long dropped = reason == GapReason.HISTORY_EXPIRED ? -1 : since(to.read());
          script.lost(feed, to.position(), dropped, reason, SNAPSHOT);
          beginWith(opening);
        });
  }

  /** How many row changes lie between what was handed out and a place; -1 when nobody knows. */
  private long since(long total) {
    return total < 0 || place.read() < 0 ? -1 : total - place.read();
  }

  private GapReason reason() {
    return GapReason.of(terms.buffer().policy());
  }
}
