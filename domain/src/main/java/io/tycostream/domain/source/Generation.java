package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedIndex;
import io.tycostream.domain.log.ChangeLog;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A source for as long as its columns and key stay the same: clients go on with their rows through
 * anything that happens within it, and begin anew with the next one.
 *
 * <p>What is not public is guarded by its source.
 */
public final class Generation {

  /**
   * So long, in ticks, a feed waits for followers to come back: they need not look through the log.
   */
  private static final int IDLE_TICKS = 30;

  /** So many feeds without followers are kept. */
  private static final int MAX_IDLE = 1_000;

  private final Relation shape;
  private final Instant began;
  private final ChangeLog log;
  private final FeedIndex feeds;
  private final long maxMarkBytes;
  private final Map<Derivation, Opened> opened = new HashMap<>();
  private int idle;
  private volatile Progress progress;

  /**
   * How far the source is complete.
   *
   * @param index of the last entry that is included
   * @param at when the gateway knew
   */
  public record Progress(long index, Position position, Instant at) {}

  /**
   * @param idle for how many ticks nobody has followed it
   */
  private record Opened(Feed feed, int followers, int idle) {}

  Generation(Relation shape, Position start, SourceLimits limits, Instant now) {
    this.shape = shape;
    this.began = now;
    this.log = new ChangeLog(limits.history(), shape, start);
    this.feeds = new FeedIndex(shape);
    this.maxMarkBytes = limits.maxMarkBytes();
    this.progress = new Progress(0, start, now);
  }

  /** Its columns and key. The identity is the one that it began with. */
  public Relation shape() {
    return shape;
  }

  /** When its first rows came. */
  Instant began() {
    return began;
  }

  public ChangeLog log() {
    return log;
  }

  public Progress progress() {
    return progress;
  }

  FeedIndex feeds() {
    return feeds;
  }

  /**
   * The feed of a definition: the one that is open already, or a new one. Only those share one
   * whose derivations are equal, so that nobody reads the frames of a filter that is not its own.
   *
   * @param derivation of this shape
   */
  Feed follow(Derivation derivation) {
    Opened known = opened.get(derivation);
    if (known == null) {
      Feed feed = new Feed(derivation, log);
      feeds.add(feed);
      opened.put(derivation, new Opened(feed, 1, 0));
      return feed;
    }
    if (known.followers == 0) {
      idle--;
    }
    opened.put(derivation, new Opened(known.feed, known.followers + 1, 0));
    return known.feed;
  }

  /** One follower less. */
  void leave(Feed feed) {
    Opened known = opened.get(feed.derivation());
    if (known == null || known.feed != feed) {
      return;
    }
    if (known.followers == 1 && idle == MAX_IDLE) {
      close(feed);
      return;
    }
    if (known.followers == 1) {
      idle++;
    }
    opened.put(feed.derivation(), new Opened(feed, known.followers - 1, 0));
  }

  /** Closes feeds that nobody came back to, and forgets what has left the log. */
  void tick() {
    feeds.forget();
    if (idle == 0) {
      return;
    }
    for (Map.Entry<Derivation, Opened> each : List.copyOf(opened.entrySet())) {
      Opened known = each.getValue();
      if (known.followers == 0 && known.idle == IDLE_TICKS) {
        idle--;
        close(known.feed);
      } else if (known.followers == 0) {
        opened.put(each.getKey(), new Opened(known.feed, 0, known.idle + 1));
      }
    }
  }

  /**
   * Over the limit of what marks may take the feeds that nobody follows are closed, and if that is
   * not enough, the oldest marks are given up: who is further back than the newest is told of a
   * gap. Down to half of the limit, so that it is not done again with each entry.
   */
  void keepWithinLimits() {
    if (feeds.markBytes() > maxMarkBytes && idle > 0) {
      for (Opened each : List.copyOf(opened.values())) {
        if (each.followers == 0) {
          close(each.feed);
        }
      }
      idle = 0;
    }
    if (feeds.markBytes() > maxMarkBytes) {
      feeds.shorten(maxMarkBytes / 2);
    }
  }

  /**
   * About how much memory the marks of all feeds take, in bytes. As the writer, or excluding it.
   */
  public long markBytes() {
    return feeds.markBytes();
  }

  private void close(Feed feed) {
    opened.remove(feed.derivation());
    feeds.remove(feed);
  }

  void advance(Position position, Instant now) {
    progress = new Progress(log.head(), position, now);
  }
}
