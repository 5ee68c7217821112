package io.tycostream.domain.source;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.Tail;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.upstream.UpstreamState;
import io.tycostream.domain.view.MisfitException;
import io.tycostream.domain.view.View;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A table or view that clients can follow.
 *
 * <p><b>Threads.</b> One thread writes ({@link #load}, {@link #apply}, {@link #progress}, {@link
 * #tick}, {@link #upstream}, {@link #fail}). Any thread reads; all reads are lock-free except
 * {@link #snapshot}, which excludes the writer while it copies references to the rows, some 10 ms
 * for a million of them, and is shared so that it is seldom made.
 */
public final class Source {

  /** The last time there is, unsigned: nothing can come behind it. */
  private static final long LAST_TIME = -1;

  private final String name;
  private final SourceLimits limits;
  private final Bell bell = new Bell();

  private volatile SourceState state;
  private volatile StateHistory stateHistory;
  private volatile @Nullable Generation generation;

  // Guarded by this.
  private @Nullable View view;
  private final Desk desk;

  /** Where it was at the last tick. */
  private @Nullable Position tickedAt;

  /**
   * @param name what clients call it
   */
  public Source(String name, SourceLimits limits, Instant now) {
    this.name = name;
    this.limits = limits;
    this.desk = new Desk(limits.history().maxBytes());
    this.state = SourceState.of(SourceCondition.CONNECTING, now);
    this.stateHistory = StateHistory.of(state);
  }

  public String name() {
    return name;
  }

  public SourceLimits limits() {
    return limits;
  }

  /**
   * Rung by the writer, outside any lock, whenever the state, how far the source is, or what
   * clients read has become another; what is new in a feed rings that feed's own.
   */
  public Bell bell() {
    return bell;
  }

  public SourceState state() {
    return state;
  }

  /** The last states, the present one among them. */
  public StateHistory stateHistory() {
    return stateHistory;
  }

  /** What clients read; nothing before the first snapshot of the database. */
  public Optional<Generation> generation() {
    return Optional.ofNullable(generation);
  }

  /** The definition that the database told last. */
  public synchronized Optional<Relation> relation() {
    return Optional.ofNullable(view).map(View::relation);
  }

  /** Figures for people and dashboards; nothing before the first snapshot of the database. */
  public synchronized Optional<Figures> figures() {
    View rows = view;
    Generation current = generation;
    if (rows == null || current == null) {
      return Optional.empty();
    }
    ChangeLog log = current.log();
    return Optional.of(
        new Figures(
            rows.size(),
            rows.bytes(),
            log.totalChanges(),
            log.events(),
            log.reachesBackTo().orElse(current.began())));
  }

  /**
   * How large a source is.
   *
   * @param bytes about how much memory the rows take
   * @param changes row changes since this generation began
   * @param historyEvents row changes that can be replayed
   * @param historySince a client that was up to date then, or later, can be replayed all since
   */
  public record Figures(
      int rows, long bytes, long changes, long historyEvents, Instant historySince) {}

  /** The connection to the database is in this state. Writer only. */
  public void upstream(UpstreamState upstream) {
    SourceState next = SourceState.of(upstream, generation != null, state);
    announce(neverChangesAgain() ? next.completed() : next);
  }

  private boolean neverChangesAgain() {
    Generation current = generation;
    return current != null && current.progress().position().time() == LAST_TIME;
  }

  /** This source alone cannot be followed, and keeps what rows it has. Writer only. */
  public void fail(String reason, Instant now) {
    announce(
        new SourceState(
            SourceCondition.FAILED,
            state.condition() == SourceCondition.FAILED ? state.since() : now,
            OptionalInt.empty(),
            Optional.empty(),
            Optional.of(reason)));
  }

  /** Wakes all who wait for something new, so that who is gone is let go of. Any thread. */
  public void wakeAll() {
    List<Feed> feeds;
    synchronized (this) {
      feeds =
          Optional.ofNullable(generation).stream()
              .flatMap(g -> g.feeds().feeds().stream())
              .toList();
    }
    feeds.forEach(feed -> feed.bell().ring());
    bell.ring();
  }

  private void announce(SourceState next) {
    if (!next.equals(state)) {
      state = next;
      stateHistory = stateHistory.with(next);
      bell.ring();
    }
  }

  /**
   * All rows as they are at a position: the first snapshot, a resync, or a table of another shape.
   * Writer only.
   *
   * @throws MisfitException when the key is not unique, or the rows are older than those there are;
   *     nothing is changed then
   */
  public void load(Relation relation, Position at, List<Row> rows, Instant now) {
    load(relation, at, rows, Optional.empty(), now);
  }

  /**
   * All rows, and where it is known what was touched before them. Writer only.
   *
   * @param prehistory what begins the history of a source that has none; ignored by one that has
   * @throws MisfitException as of the other one
   * @throws io.tycostream.domain.view.TooLargeException as of the other one
   */
  public void load(
      Relation relation,
      Position at,
      List<Row> rows,
      Optional<Prehistory> prehistory,
      Instant now) {
    List<Feed> concerned = List.of();
    synchronized (this) {
      View present = view;
      Generation current = generation;
      if (current != null && current.progress().position().isAheadOf(at)) {
        throw new MisfitException(
            "the database was set back: it is at "
                + at
                + ", we were at "
                + current.progress().position()
                + "; set a new history-id and start the gateway again");
      }
      if (present != null && current != null && current.shape().sameShape(relation)) {
        concerned = resync(current, present.replace(relation, rows), at, now);
      } else {
        view = new View(relation, rows, limits.capacity());
        desk.forget();
        boolean begins = current == null;
        Optional<Prehistory> earlier =
            prehistory.filter(known -> begins && known.leadsTo(relation, at));
        Position start = earlier.map(known -> at.at(known.from())).orElse(at);
        Generation fresh = new Generation(relation, start, limits, now);
        earlier
            .flatMap(known -> known.batch(relation, at, rows))
            .ifPresent(touched -> append(fresh, touched, now));
        fresh.advance(at, now);
        generation = fresh;
      }
    }
    concerned.forEach(feed -> feed.bell().ring());
    bell.ring();
  }

  private List<Feed> resync(Generation current, List<Change> difference, Position at, Instant now) {
    Position after = current.progress().position();
    List<Feed> concerned = List.of();
    if (!difference.isEmpty()) {
      desk.forget(); // without a key nobody gets over the difference, and starts over and over
      concerned = append(current, new Batch(after, at, difference, true), now);
    } else if (!after.equals(at)) {
      current.log().resyncedWithoutDifference(after, at);
    }
    current.advance(at, now);
    return concerned;
  }

  private static List<Feed> append(Generation current, Batch batch, Instant now) {
    List<Feed> concerned = current.feeds().route(current.log().append(batch, now));
    current.keepWithinLimits();
    return concerned;
  }

  /**
   * What happened at one moment. Writer only, after {@link #load}.
   *
   * @param time later than that of everything before, unsigned
   * @throws MisfitException when it does not fit the rows there are; nothing is changed then
   * @throws IllegalArgumentException when the time is not later; nothing is changed then
   */
  public void apply(long time, List<RowEvent> events, Instant now) {
    List<Feed> concerned = List.of();
    synchronized (this) {
      Generation current = loaded(generation);
      Position after = current.progress().position();
      Position position = after.at(time);
      if (!position.isAfter(after)) { // before the rows are touched: no batch would tell of it
        throw new IllegalArgumentException("a moment at " + position + ", we were at " + after);
      }
      List<Change> changes = loaded(view).apply(events);
      if (!changes.isEmpty()) {
        concerned = append(current, new Batch(after, position, changes, false), now);
      }
      current.advance(position, now);
    }
    concerned.forEach(feed -> feed.bell().ring());
  }

  /**
   * Nothing else changed up to here. Writer only, after {@link #load}.
   *
   * @param time not earlier than that of anything before, unsigned
   * @throws IllegalArgumentException when it is earlier; nothing is changed then
   */
  public void progress(long time, Instant now) {
    Generation current = loaded(generation);
    Position before = current.progress().position();
    Position position = before.at(time);
    if (before.isAfter(position)) {
      throw new IllegalArgumentException("progress to " + position + ", we were at " + before);
    }
    current.advance(position, now);
    bell.ring();
  }

  /**
   * Lets go of what is too old by now, and wakes all readers when the source has moved on: who is
   * not concerned by any change is to hear how far it is. Writer only, about once a second.
   */
  public void tick(Instant now) {
    boolean movedOn = false;
    synchronized (this) {
      desk.tick(now);
      Generation current = generation;
      if (current != null) {
        current.log().expire(now);
        current.tick();
        movedOn = !current.progress().position().equals(tickedAt);
        tickedAt = current.progress().position();
      }
    }
    if (movedOn) {
      bell.ring();
    }
  }

  /** Whether the rows, with so much more waiting to be applied, are within the limits. */
  public synchronized boolean withinLimits(long pendingBytes) {
    View rows = view;
    return rows == null
        || (rows.size() <= limits.maxRows() && rows.bytes() + pendingBytes <= limits.maxBytes());
  }

  /**
   * The feed of a definition, which is kept until each who followed it has left, and half a minute
   * more.
   *
   * @param of the generation that the reader follows
   * @throws BadFilterException when it does not go with the columns
   */
  Feed follow(Generation of, Definition definition) {
    Derivation derivation = Derivation.of(definition, of.shape()); // outside: it may be large
    synchronized (this) {
      return of.follow(derivation);
    }
  }

  synchronized void leave(Generation of, Feed feed) {
    of.leave(feed);
  }

  /**
   * The place behind an entry of the log; nothing when something behind it has left. What the feed
   * learns for it may have to be given up again at once: then the next batch of the place has left.
   */
  Optional<Place> behind(Generation of, Feed feed, long index, Position position) {
    Feed.Found found = feed.look(index); // outside the lock: the history may be long
    synchronized (this) {
      of.feeds().cover(feed, index, found);
      Optional<Place> place =
          feed.floor() > index ? Optional.empty() : Optional.of(Place.in(feed, index, position));
      of.keepWithinLimits();
      return place;
    }
  }

  /** The place before the oldest entry of which the feed can tell. */
  Place oldest(Generation of, Feed feed) {
    Feed.Found found = feed.look(feed.floor()); // outside the lock: the history may be long
    synchronized (this) {
      long floor = feed.floor();
      of.feeds().cover(feed, floor, found);
      Place place = Place.in(feed, floor, feed.oldest());
      of.keepWithinLimits();
      return place;
    }
  }

  /** The place behind the newest entry. */
  synchronized Place newest(Generation of, Feed feed) {
    return Place.in(feed, of.log().head(), of.progress().position());
  }

  /**
   * All rows at a recent position, from which everything later can be read from the log.
   *
   * @param of the generation that the reader follows
   * @param notBefore what the reader has, a position of the source, which the snapshot may not be
   *     older than; this source is there already, or the position is of a history that is over here
   * @return nothing when the source has moved on to another generation, or too many readers are
   *     busy; each that gets one says when it is {@link #done}
   */
  Optional<Opening> snapshot(Generation of, Feed feed, Optional<Position> notBefore, Instant now) {
    // Outside the lock, behind the snapshot that is there: mostly it is the one that is taken.
    Feed.Found found = feed.look(sharedIndex(of));
    return open(of, feed, notBefore, found, now);
  }

  private synchronized long sharedIndex(Generation of) {
    return desk.shared().map(SourceSnapshot::index).orElse(of.log().head());
  }

  private synchronized Optional<Opening> open(
      Generation of, Feed feed, Optional<Position> notBefore, Feed.Found found, Instant now) {
    View rows = view;
    if (of != generation || rows == null) {
      return Optional.empty();
    }
    Optional<Opening> opening =
        desk.take(of, feed, rows, notBefore, now).map(s -> opening(of, feed, s, found));
    of.keepWithinLimits();
    return opening;
  }

  private static Opening opening(
      Generation of, Feed feed, SourceSnapshot snapshot, Feed.Found found) {
    long index = snapshot.index();
    of.feeds().cover(feed, index, found);
    long next = feed.firstBehind(index);
    long read = feed.derivation().isWhole() ? snapshot.totalChanges() : feed.changesUpTo(next - 1);
    return new Opening(
        snapshot, new Place(snapshot.position(), index, next, read), of.log().hold(index));
  }

  /** A reader is done with a snapshot, or has left. */
  void done(SourceSnapshot snapshot) {
    boolean waking;
    synchronized (this) {
      waking = desk.done(snapshot);
    }
    if (waking) {
      bell.ring();
    }
  }

  /**
   * Room for what is merged for a reader, which gives it back.
   *
   * @param least bytes, more than none
   * @param wished bytes, not fewer
   * @return how much there is; 0 when there is not the least: then the bell rings when there is
   *     more
   */
  synchronized long takeRoom(long least, long wished) {
    return desk.takeRoom(least, wished);
  }

  /** A reader needs so much room no more. */
  void giveRoom(long bytes) {
    boolean waking;
    synchronized (this) {
      waking = desk.giveRoom(bytes);
    }
    if (waking) {
      bell.ring();
    }
  }

  /** Keeps, merged, what leaves the log behind an entry, for a reader that is busy before it. */
  synchronized Optional<Tail> hold(Generation of, long index) {
    return of.log().hold(index);
  }

  /** A reader needs a tail no more. */
  synchronized void letGo(Generation of, Tail tail) {
    of.log().letGo(tail);
  }

  /**
   * A reader is not busy any more, and wants what has left the log meanwhile. The tail is let go
   * unless the reader has to wait.
   *
   * @param next the seq of the reader's next batch
   * @param portion the reader's, which is made large enough
   */
  synchronized Missed missed(Generation of, Feed feed, Tail tail, long next, Portion portion) {
    ChangeLog log = of.log();
    long floor = log.floor();
    // Where the feed has given up what is behind the tail, the tail leads nowhere: if the reader's
    // next batch is among that, it has left.
    if (floor > tail.from() && feed.floor() == floor) {
      Place upTo = Place.in(feed, floor, log.oldest());
      if (upTo.next() > next) {
        if (!portion.reaches(log.bytesSince(tail))) {
          return new Missed.NoRoom();
        }
        Tail.Net net = log.since(tail);
        Optional<Tail> after = log.hold(floor);
        log.letGo(tail);
        return new Missed.Changes(upTo, net, after);
      }
    }
    log.letGo(tail);
    return new Missed.Nothing();
  }

  private static <T> T loaded(@Nullable T there) {
    if (there == null) {
      throw new IllegalStateException("changes before the first snapshot");
    }
    return there;
  }
}
