package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What of a source its readers have in their hands: snapshots, which several may share, and batches
 * that were merged for one of them alone.
 *
 * <p>Both keep rows alive that are nowhere else any more, for as long as a client's line takes to
 * carry them. So there are a few snapshots at the most, and so many bytes of merged batches; who
 * comes then waits until somebody is done. Nobody waits while nobody has anything: the first merged
 * batch is given out however large it is.
 *
 * <p>Guarded by its source.
 */
final class Desk {

  /** A shared snapshot is let go after nobody asked for it this long. */
  private static final Duration SNAPSHOT_IDLE = Duration.ofSeconds(10);

  /**
   * Readers may be busy with so many different snapshots, and with one of the present generation in
   * any case. Who comes then shares one of those, or waits.
   */
  private static final int MAX_BUSY = 4;

  /**
   * Replaying this many changes behind an older snapshot is always better than making a new one.
   */
  private static final long CHEAP_REPLAY = 1_000;

  private final long maxMerged;

  private @Nullable SourceSnapshot shared;
  private Instant sharedAskedAt = Instant.MIN;

  /** The snapshots that readers are busy with, and how many are with each. */
  private final Map<SourceSnapshot, Integer> busy = new LinkedHashMap<>();

  /** The bytes of what was merged, or is being merged, for readers. */
  private long merged;

  /** Whether somebody waits for a snapshot, or for room. */
  private boolean snapshotAwaited;

  private boolean roomAwaited;

  /**
   * @param maxMerged bytes of merged batches
   */
  Desk(long maxMerged) {
    this.maxMerged = maxMerged;
  }

  /** The snapshot that is most likely given out next. */
  Optional<SourceSnapshot> shared() {
    return Optional.ofNullable(shared);
  }

  /** From now on nobody is given the shared snapshot any more. */
  void forget() {
    shared = null;
  }

  /** Lets go of the shared snapshot when nobody asked for one lately. */
  void tick(Instant now) {
    if (sharedAskedAt.isBefore(now.minus(SNAPSHOT_IDLE))) {
      shared = null;
    }
  }

  /**
   * Gives out all rows at a recent position, from which everything later can be told to a feed.
   *
   * @param of the present generation
   * @param rows as they are now
   * @param notBefore what the reader has, a position of the source
   * @return nothing when too many are given out; the reader is woken then when one is {@link #done}
   */
  Optional<SourceSnapshot> take(
      Generation of, Feed feed, View rows, Optional<Position> notBefore, Instant now) {
    sharedAskedAt = now;
    Optional<SourceSnapshot> recent =
        shared()
            .filter(s -> isGoodEnough(s, of, feed, rows, notBefore))
            .or(() -> fresh(of, rows))
            .or(() -> another(of, feed, notBefore));
    recent.ifPresentOrElse(
        snapshot -> busy.merge(snapshot, 1, Integer::sum), () -> snapshotAwaited = true);
    return recent;
  }

  /**
   * A reader is done with a snapshot.
   *
   * @return whether those who wait are to be woken
   */
  boolean done(SourceSnapshot snapshot) {
    busy.computeIfPresent(snapshot, (s, readers) -> readers == 1 ? null : readers - 1);
    boolean waking = snapshotAwaited && !busy.containsKey(snapshot);
    snapshotAwaited &= !waking;
    return waking;
  }

  /**
   * Room for what is merged for a reader.
   *
   * @param least bytes, more than none
   * @param wished bytes, not fewer
   * @return how much is given out; 0 when there is not the least, and the reader is woken then when
   *     there is more
   */
  long takeRoom(long least, long wished) {
    long left = maxMerged - merged;
    long given = least <= left ? Math.min(wished, left) : merged == 0 ? least : 0;
    merged += given;
    roomAwaited |= given == 0;
    return given;
  }

  /**
   * A reader needs some room no more.
   *
   * @return whether those who wait are to be woken: not for every little bit
   */
  boolean giveRoom(long bytes) {
    merged -= bytes;
    boolean waking = roomAwaited && merged <= maxMerged / 2;
    roomAwaited &= !waking;
    return waking;
  }

  private static boolean isGoodEnough(
      SourceSnapshot recent, Generation of, Feed feed, View rows, Optional<Position> notBefore) {
    long behind = of.log().totalChanges() - recent.totalChanges();
    return feed.floor() <= recent.index()
        && behind <= Math.max(CHEAP_REPLAY, rows.size() / 4)
        && isNotOlder(recent, of, notBefore);
  }

  private Optional<SourceSnapshot> fresh(Generation of, View rows) {
    if (busy.size() >= MAX_BUSY && busy.keySet().stream().anyMatch(s -> s.generation() == of)) {
      return Optional.empty();
    }
    ChangeLog log = of.log();
    shared =
        new SourceSnapshot(
            of, log.head(), log.totalChanges(), of.progress().position(), rows.rows());
    return Optional.of(shared);
  }

  /** One that others are busy with, the newest that will do. */
  private Optional<SourceSnapshot> another(Generation of, Feed feed, Optional<Position> notBefore) {
    // One that lies before the log is of use while the feed still knows its place there.
    return List.copyOf(busy.keySet()).reversed().stream()
        .filter(s -> s.generation() == of)
        .filter(s -> of.log().canHold(s.index()))
        .filter(s -> feed.floor() <= s.index() || feed.knowsBehind(s.index()))
        .filter(s -> isNotOlder(s, of, notBefore))
        .findFirst();
  }

  /**
   * Of another history than the reader's a snapshot is new enough when it is of the present one.
   */
  private static boolean isNotOlder(
      SourceSnapshot snapshot, Generation of, Optional<Position> notBefore) {
    Position at = snapshot.position();
    return notBefore.isEmpty()
        || (!notBefore.get().isAheadOf(at)
            && (at.sameHistory(notBefore.get()) || at.sameHistory(of.progress().position())));
  }
}
