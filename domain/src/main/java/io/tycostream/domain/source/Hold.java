package io.tycostream.domain.source;

import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.Tail;
import org.jspecify.annotations.Nullable;

/**
 * What one reader has taken of a source, and gives back: its place among the followers of a feed,
 * what its client is busy with, and what leaves the log meanwhile. Owned by its cursor.
 */
final class Hold {

  private final Source source;
  private final Runnable wake;
  private final Portion portion;
  private @Nullable Followed followed;

  /** What the client is busy with, if it is not so much of a merged batch. */
  private @Nullable SourceSnapshot snapshot;

  private @Nullable Tail tail;

  /**
   * @param rope of this feed alone: what hangs on the bell of one that is over is never let go
   */
  private record Followed(Generation generation, Feed feed, Bell.Rope rope) {}

  /**
   * @param wake wakes the owner; by any thread
   */
  Hold(Source source, Runnable wake) {
    this.source = source;
    this.wake = wake;
    this.portion = new Portion(source);
  }

  /**
   * Follows the feed of a definition in a generation, and nothing else any more.
   *
   * @throws io.tycostream.domain.feed.BadFilterException when it does not go with the columns
   */
  Feed follow(Generation generation, Definition definition) {
    Followed present = followed;
    if (present != null && present.generation == generation) {
      return present.feed;
    }
    giveBack();
    Feed feed = source.follow(generation, definition);
    Bell.Rope rope = new Bell.Rope(wake);
    followed = new Followed(generation, feed, rope);
    // At once, before it is read: the owner may have hung on already, and be looking once more.
    feed.bell().hangOn(rope);
    return feed;
  }

  /** From now on the owner is woken when there may be something new in the feed. */
  void hangOn() {
    Followed present = followed;
    if (present != null) {
      present.feed.bell().hangOn(present.rope);
    }
  }

  /**
   * The client is going to be busy with all rows; nothing is held as a tail for it now.
   *
   * @param keepsTail whether what leaves the log meanwhile is kept
   */
  void take(Opening opening, boolean keepsTail) {
    snapshot = opening.snapshot();
    tail = opening.tail().orElse(null);
    if (!keepsTail) {
      letTailGo();
    }
  }

  /** So much of the desk, while the client is busy with something merged. */
  Portion portion() {
    return portion;
  }

  /** Keeps what leaves the log behind an entry while the client is busy. */
  void keepBehind(long index) {
    tail = source.hold(present().generation, index).orElse(null);
  }

  /**
   * What has left the log while the client was busy, and is held no more then; there is room for
   * it. What leaves behind that is held instead.
   *
   * @param next the seq of the next batch
   */
  Missed missed(long next) {
    Tail held = tail;
    if (held == null) {
      return new Missed.Nothing();
    }
    Missed missed = source.missed(present().generation, present().feed, held, next, portion);
    switch (missed) {
      case Missed.NoRoom wait -> {}
      case Missed.Nothing nothing -> tail = null;
      case Missed.Changes changes -> tail = changes.tail().orElse(null);
    }
    return missed;
  }

  void letTailGo() {
    Tail held = tail;
    tail = null;
    if (held != null) {
      source.letGo(present().generation, held);
    }
  }

  /** The client is not busy any more. */
  void putBack() {
    SourceSnapshot read = snapshot;
    snapshot = null;
    if (read != null) {
      source.done(read);
    }
    portion.giveBack();
  }

  /** Gives everything back. */
  void giveBack() {
    putBack();
    letTailGo();
    Followed left = followed;
    followed = null;
    if (left != null) {
      left.rope.letGo();
      source.leave(left.generation, left.feed);
    }
  }

  private Followed present() {
    Followed present = followed;
    if (present == null) {
      throw new IllegalStateException("a reader of no feed");
    }
    return present;
  }
}
