package io.tycostream.domain.source;

import static io.tycostream.domain.protocol.Recovery.FOLD;
import static io.tycostream.domain.protocol.Recovery.NONE;
import static io.tycostream.domain.protocol.Recovery.SNAPSHOT;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedBatch;
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.Conflation;
import io.tycostream.domain.log.Tail;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.SourceCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One subscription's way through a source.
 *
 * <p><b>Joining.</b> By replay when the log reaches back to its position, else with a snapshot and
 * a word about what was lost; and it waits where neither would be right, because the source has no
 * rows yet or the client comes from a gateway that is further.
 *
 * <p><b>Following.</b> Every batch in order, until more waits than {@link Window} allows: then it
 * folds what was skipped into one merged batch, or, for a subscriber that follows events, says what
 * it skips. What the log has let go of is made good by a snapshot. While the client is busy with a
 * snapshot or a merged batch, what leaves the log is kept for it, merged. Where the source has no
 * room for one more merged batch in readers' hands, it folds less, or waits.
 *
 * <p>Every position that it hands out lies behind those before it.
 *
 * <p>Owned by the courier of its client, which closes it at the end.
 */
public final class Cursor implements AutoCloseable {

  /** So long a client is not told again how far the source is. */
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  private static final Delivery NOTHING = new Delivery.Nothing();

  private final Source source;
  private final Terms terms;
  private final Window window;
  private final Instant giveUpAt;
  private final Runnable wake;
  private final Bell.Rope sourceRope;
  private final ArrayDeque<Delivery> planned = new ArrayDeque<>();

  private @Nullable Generation generation;
  private @Nullable Feed feed;

  /** Of this feed alone: what hangs on the bell of one that is over is never let go. */
  private Bell.Rope feedRope;

  /** Whether the client has been told where it begins. */
  private boolean begun;

  /** Whether the client has yet to be told that the source has another shape. */
  private boolean restarting;

  /** The seq of the next batch, and the feed's row changes before it; -1 when nobody knows. */
  private long next;

  private long read;

  /** The index in the log up to which everything was handed out. */
  private long readIndex;

  private @Nullable Position lastSent;

  /** What the client is busy with: a snapshot, or so much of a merged batch. */
  private @Nullable SourceSnapshot snapshot;

  private final Portion portion;

  /** What leaves the log meanwhile. */
  private @Nullable Tail tail;

  private @Nullable SourceState lastState;
  private boolean catchingUp;

  /** When the client was told last how far the source is, and when it is to be told again. */
  private Instant progressToldAt = Instant.MIN;

  private @Nullable Instant progressDue;
  private boolean ended;

  /**
   * @param patience how long it waits for a source that is not ready
   * @param wake called once after {@link #hangOn} when there may be something; by any thread
   */
  public Cursor(Source source, Terms terms, Instant now, Duration patience, Runnable wake) {
    this.source = source;
    this.terms = terms;
    this.window = new Window(terms.buffer(), terms.forEvents());
    this.portion = new Portion(source);
    this.giveUpAt = now.plus(patience);
    this.sourceRope = new Bell.Rope(wake);
    this.wake = wake;
    this.feedRope = new Bell.Rope(wake);
  }

  public Source source() {
    return source;
  }

  public Terms terms() {
    return terms;
  }

  /** What the client follows; nothing while it waits. */
  public Optional<Feed> feed() {
    return begun ? Optional.ofNullable(feed) : Optional.empty();
  }

  /** The last position handed out; nothing before the first. */
  public Optional<Position> position() {
    return Optional.ofNullable(lastSent);
  }

  /** When {@link #next} has something to say even if the source does not change. */
  public Optional<Instant> deadline() {
    if (ended) {
      return Optional.empty();
    }
    return begun ? Optional.ofNullable(progressDue) : Optional.of(giveUpAt);
  }

  /** The feed's row changes before the next batch; -1 when nobody knows. */
  public long read() {
    return read;
  }

  /** Row changes that are there for the client and were not handed out yet. */
  public long behind() {
    Feed current = feed;
    return !begun || current == null ? 0 : Math.max(0, current.changesUpTo(current.head()) - read);
  }

  /**
   * How many row changes may wait, because other subscriptions of the connection need room; no more
   * than the buffer's own size. Holds until it is said again.
   */
  public void allow(long changes) {
    window.allow(changes);
  }

  /** From now on the owner is woken when there may be something new; look once more after this. */
  public void hangOn() {
    source.bell().hangOn(sourceRope);
    Feed current = feed;
    if (current != null) {
      current.bell().hangOn(feedRope);
    }
  }

  /** Lets go of what is kept for this subscription. */
  @Override
  public void close() {
    ended = true;
    leave();
  }

  /** What comes next for the client. */
  public Delivery next(Instant now) {
    if (ended) {
      return NOTHING;
    }
    if (planned.isEmpty()) {
      plan(now);
    }
    Delivery delivery = planned.poll();
    return delivery == null ? NOTHING : handOut(delivery);
  }

  private Delivery handOut(Delivery delivery) {
    switch (delivery) {
      case Delivery.Began began -> began.position().ifPresent(at -> lastSent = at);
      case Delivery.Everything all -> lastSent = all.position();
      case Delivery.Next batch -> lastSent = batch.position();
      case Delivery.Merged merged -> lastSent = merged.position();
      case Delivery.Reached reached -> lastSent = reached.position();
      case Delivery.Lost lost -> {
        if (lost.recovery() == NONE) {
          lastSent = lost.upTo();
        }
      }
      case Delivery.Refused refused -> close();
      case Delivery.Nothing nothing -> {}
      case Delivery.Status status -> {}
    }
    return delivery;
  }

  private void plan(Instant now) {
    progressDue = null;
    Generation current = generation;
    Feed followed = feed;
    if (!begun || current == null || followed == null) {
      join(now);
      return;
    }
    planStatus(source.state());
    Generation present = source.generation().orElse(current);
    if (present != current || restarting) {
      restart(present, now);
    } else if (planned.isEmpty()) {
      putBack();
      if (hasAllBefore(current, followed, now)) {
        planBatch(current, followed, now);
      }
    }
  }

  private void planStatus(SourceState state) {
    if (!state.equals(lastState)) {
      lastState = state;
      planned.add(new Delivery.Status(state));
    }
  }

  private void join(Instant now) {
    SourceState state = source.state();
    Generation current = source.generation().orElse(null);
    if (current == null) {
      planStatus(state);
      if (state.condition() == SourceCondition.FAILED) {
        refuse(ErrorCode.SOURCE_FAILED, state.reason().orElse("the source has failed"));
      } else if (!now.isBefore(giveUpAt)) {
        refuse(ErrorCode.SOURCE_NOT_READY, "source " + source.name() + " has no rows yet");
      }
      return;
    }
    Feed followed = bind(current);
    if (followed == null) {
      return;
    }
    Optional<String> had = terms.after().map(Position::toString);
    switch (Join.of(terms, current, followed)) {
      case Join.Await await -> {
        planStatus(SourceState.of(SourceCondition.CATCHING_UP, state.since()));
        if (!now.isBefore(giveUpAt)) {
          refuse(
              ErrorCode.POSITION_AHEAD,
              "this gateway is at "
                  + followed.shown(current.progress().position())
                  + ", which is before the position given");
        }
      }
      case Join.Replay(Position at, long index) ->
          source
              .behind(current, followed, index, at)
              .ifPresentOrElse(
                  place -> begin(followed, Start.REPLAY, place),
                  () -> join(now)); // it left meanwhile: the log says so now
      case Join.Snapshot(Optional<GapReason> lost) ->
          source
              .snapshot(current, followed, terms.after().map(followed::meant), now)
              .ifPresentOrElse(
                  opening -> {
                    planned.add(beganWithRows(followed));
                    lost.ifPresent(reason ->
                        planned.add(lost(had, followed, opening.place(), -1, reason, SNAPSHOT)));
                    planRows(followed, opening);
                  },
                  () -> awaitTurn(state, now));
      case Join.Live(boolean fromOldest, Optional<GapReason> lost) -> {
        Source.Place place =
            fromOldest ? source.oldest(current, followed) : source.newest(current, followed);
        begin(followed, Start.LIVE, place);
        lost.ifPresent(reason -> planned.add(lost(had, followed, place, -1, reason, NONE)));
      }
    }
  }

  /** Others are being given all rows. */
  private void awaitTurn(SourceState state, Instant now) {
    planStatus(state);
    if (!now.isBefore(giveUpAt)) {
      refuse(ErrorCode.SOURCE_NOT_READY, "too many are being given all rows at this moment");
    }
  }

  /** Follows the feed of this generation; null when it does not go with what was asked for. */
  private @Nullable Feed bind(Generation current) {
    if (generation == current && feed != null) {
      return feed;
    }
    leave();
    try {
      Feed followed = source.follow(current, terms.definition());
      feed = followed;
      generation = current;
      // At once, before it is read: the owner may have hung on already, and be looking once more.
      feedRope = new Bell.Rope(wake);
      followed.bell().hangOn(feedRope);
    } catch (BadFilterException e) {
      refuse(
          switch (e.fault()) {
            case UNKNOWN_COLUMN -> ErrorCode.UNKNOWN_COLUMN;
            case BAD_FILTER -> ErrorCode.BAD_FILTER;
          },
          e.reason());
    }
    return feed;
  }

  private void leave() {
    putBack();
    letTailGo();
    Generation current = generation;
    if (current != null && feed != null) {
      source.leave(current, feed);
    }
    feed = null;
    generation = null;
  }

  private void letTailGo() {
    Generation current = generation;
    if (current != null && tail != null) {
      source.letGo(current, tail);
    }
    tail = null;
  }

  /** The client is not busy any more. */
  private void putBack() {
    if (snapshot != null) {
      source.done(snapshot);
      snapshot = null;
    }
    portion.giveBack();
  }

  private void refuse(ErrorCode code, String message) {
    planned.add(new Delivery.Refused(code, message));
  }

  private void begin(Feed followed, Start start, Source.Place place) {
    goOn(place);
    planned.add(
        new Delivery.Began(
            followed,
            start,
            Optional.of(followed.shown(place.position())),
            OptionalLong.of(place.next() - 1)));
  }

  private static Delivery beganWithRows(Feed followed) {
    return new Delivery.Began(followed, Start.SNAPSHOT, Optional.empty(), OptionalLong.empty());
  }

  private static Delivery lost(
      Optional<String> after,
      Feed followed,
      Source.Place upTo,
      long dropped,
      GapReason reason,
      Recovery recovery) {
    return new Delivery.Lost(after, followed.shown(upTo.position()), dropped, reason, recovery);
  }

  private void planRows(Feed followed, Source.Opening opening) {
    planned.add(new Delivery.Everything(followed, opening.snapshot(), opening.place().next() - 1));
    goOn(opening.place());
    snapshot = opening.snapshot();
    tail = opening.tail().orElse(null);
    if (terms.forEvents()) { // it says what it loses, and does not fold
      letTailGo();
    }
  }

  private void goOn(Source.Place place) {
    window.beginAnew();
    begun = true;
    restarting = false;
    next = place.next();
    read = place.read();
    readIndex = place.index();
    catchingUp = true;
  }

  /** The source has another shape: the client begins anew with it. */
  private void restart(Generation fresh, Instant now) {
    planned.clear();
    restarting = true;
    lastState = null; // told again behind the new beginning
    Feed followed = bind(fresh);
    if (followed == null) {
      return;
    }
    Optional<String> had = had();
    if (terms.forEvents()) {
      Source.Place place = source.newest(fresh, followed);
      planned.add(lost(had, followed, place, -1, GapReason.SOURCE_RESET, NONE));
      begin(followed, Start.LIVE, place);
      return;
    }
    source
        .snapshot(fresh, followed, Optional.empty(), now)
        .ifPresent(opening -> {
          planned.add(lost(had, followed, opening.place(), -1, GapReason.SOURCE_RESET, SNAPSHOT));
          planned.add(beganWithRows(followed));
          planRows(followed, opening);
        });
  }

  /**
   * Single changes cannot be told: all rows instead.
   *
   * @param notBefore what the rows have to include, a position of the source
   */
  private void startOver(
      Generation current, Feed followed, GapReason reason, Position notBefore, Instant now) {
    source
        .snapshot(current, followed, Optional.of(notBefore), now)
        .ifPresent(opening -> {
          long dropped = reason == GapReason.HISTORY_EXPIRED ? -1 : since(opening.place().read());
          planned.add(lost(had(), followed, opening.place(), dropped, reason, SNAPSHOT));
          planRows(followed, opening);
        });
  }

  /**
   * What left the log while the client was busy was kept for it, and comes first.
   *
   * @return whether there is nothing of that kind
   */
  private boolean hasAllBefore(Generation current, Feed followed, Instant now) {
    Tail held = tail;
    if (held == null) {
      return true;
    }
    switch (source.missed(current, followed, held, next, portion)) {
      case Source.Missed.NoRoom wait -> {
        return false;
      }
      case Source.Missed.Nothing nothing -> tail = null;
      case Source.Missed.Changes missed -> {
        tail = missed.tail().orElse(null);
        if (missed.net().broken() || (missed.net().resync() && !current.shape().isKeyed())) {
          putBack();
          letTailGo();
          startOver(current, followed, reason(), missed.upTo().position(), now);
        } else {
          Conflation net = new Conflation(followed.derivation().shape());
          missed.net().parts().forEach(part -> net.add(followed.derivation().changes(part)));
          planMerged(followed, missed.upTo(), net, missed.net().resync());
        }
      }
    }
    return planned.isEmpty();
  }

  private void planBatch(Generation current, Feed followed, Instant now) {
    // Progress before the entry: one that is appended between the two is then not passed over.
    Generation.Progress progress = current.progress();
    switch (window.move(followed, next, read, now)) {
      case Window.Move.Deliver(FeedBatch batch) -> deliver(current, followed, batch, now);
      case Window.Move.Fold(long upTo) -> fold(current, followed, upTo, now);
      case Window.Move.Skip(long upTo) -> skip(current, followed, upTo, reason());
      case Window.Move.Left left -> left(current, followed, now);
      case Window.Move.None none -> {
        if (progress.index() >= readIndex) {
          planProgress(followed, followed.shown(progress.position()), now);
        }
      }
    }
  }

  /** At once when the client has caught up, and then only now and then. */
  private void planProgress(Feed followed, Position position, Instant now) {
    if (!catchingUp && position.equals(lastSent)) {
      return;
    }
    Instant due = catchingUp ? now : progressToldAt.plus(PROGRESS_EVERY);
    if (now.isBefore(due)) {
      progressDue = due;
      return;
    }
    catchingUp = false;
    progressToldAt = now;
    planned.add(new Delivery.Reached(followed, position));
  }

  private void deliver(Generation current, Feed followed, FeedBatch batch, Instant now) {
    if (!batch.entry().batch().resync() || current.shape().isKeyed()) {
      passed(batch);
      planned.add(new Delivery.Next(followed, batch));
    } else if (terms.forEvents()) { // without a key a difference is no list of changes
      skip(current, followed, batch.seq(), GapReason.HISTORY_EXPIRED);
    } else {
      Position difference = batch.entry().batch().position();
      startOver(current, followed, GapReason.HISTORY_EXPIRED, difference, now);
    }
  }

  private void passed(FeedBatch last) {
    next = last.seq() + 1;
    read = last.totalChanges();
    readIndex = last.entry().index();
  }

  /** From the next batch to one further on, while there is room: one merged batch, by key. */
  private void fold(Generation current, Feed followed, long upTo, Instant now) {
    Conflation net = new Conflation(followed.derivation().shape());
    boolean resync = false;
    FeedBatch last = null;
    for (long seq = next; seq <= upTo; seq++) {
      Optional<FeedBatch> found = followed.batch(seq);
      if (found.isEmpty()) {
        portion.giveBack();
        left(current, followed, now);
        return;
      }
      FeedBatch batch = found.get();
      List<Change> changes = followed.changes(batch.entry());
      if (!portion.reaches(net.bytes() + Conflation.atMost(changes))) {
        break;
      }
      resync |= batch.entry().batch().resync();
      net.add(changes);
      last = batch;
    }
    if (last == null) {
      return; // until somebody is done
    }
    Position position = last.entry().batch().position();
    if (resync && !current.shape().isKeyed()) {
      portion.giveBack();
      startOver(current, followed, reason(), position, now);
      return;
    }
    long index = last.entry().index();
    planMerged(
        followed,
        new Source.Place(position, index, last.seq() + 1, last.totalChanges()),
        net,
        resync);
    tail = source.hold(current, index).orElse(null);
  }

  private void planMerged(Feed followed, Source.Place upTo, Conflation net, boolean resync) {
    portion.shrinkTo(net.bytes());
    if (!window.foldsSilently()) {
      planned.add(lost(had(), followed, upTo, since(upTo.read()), reason(), FOLD));
    }
    planned.add(
        new Delivery.Merged(
            followed,
            upTo.next() - 1,
            upTo.next() - next,
            followed.shown(upTo.position()),
            net.changes(),
            resync));
    next = upTo.next();
    read = upTo.read();
    readIndex = upTo.index();
  }

  /** What a subscriber of events does not get. */
  private void skip(Generation current, Feed followed, long upTo, GapReason reason) {
    Optional<FeedBatch> last = followed.batch(upTo);
    if (last.isEmpty()) {
      skipTo(source.oldest(current, followed), followed, reason);
      return;
    }
    long dropped = reason == GapReason.HISTORY_EXPIRED ? -1 : since(last.get().totalChanges());
    planned.add(
        new Delivery.Lost(
            had(), followed.shown(last.get().entry().batch().position()), dropped, reason, NONE));
    passed(last.get());
  }

  private void skipTo(Source.Place place, Feed followed, GapReason reason) {
    planned.add(lost(had(), followed, place, since(place.read()), reason, NONE));
    next = place.next();
    read = place.read();
    readIndex = place.index();
  }

  /** The next batch has left the log. */
  private void left(Generation current, Feed followed, Instant now) {
    if (terms.forEvents()) {
      skipTo(source.oldest(current, followed), followed, reason());
    } else {
      startOver(current, followed, reason(), current.log().oldest(), now);
    }
  }

  /** How many row changes lie between what was handed out and a place; -1 when nobody knows. */
  private long since(long total) {
    return total < 0 || read < 0 ? -1 : total - read;
  }

  /** What the client has. */
  private Optional<String> had() {
    return Optional.ofNullable(lastSent).or(terms::after).map(Position::toString);
  }

  private GapReason reason() {
    return GapReason.of(terms.buffer().policy());
  }
}
