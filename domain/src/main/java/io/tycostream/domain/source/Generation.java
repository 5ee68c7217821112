package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedIndex;
import io.tycostream.domain.log.ChangeLog;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A source for as long as its columns and key stay the same: clients go on with their rows through
 * anything that happens within it, and begin anew with the next one.
 *
 * <p>What is not public is guarded by its source.
 */
public final class Generation {

  private final Relation shape;
  private final ChangeLog log;
  private final FeedIndex feeds;
  private final Map<Identity, Opened> opened = new HashMap<>();
  private volatile Progress progress;

  /**
   * How far the source is complete.
   *
   * @param index of the last entry that is included
   * @param at when the gateway knew
   */
  public record Progress(long index, Position position, Instant at) {}

  /** What two definitions have in common whose subscribers get the same bytes. */
  private record Identity(String print, boolean delta) {
    static Identity of(Derivation derivation) {
      return new Identity(derivation.print(""), derivation.definition().delta());
    }
  }

  private record Opened(Feed feed, int followers) {}

  Generation(Relation shape, Position start, SourceLimits limits, Instant now) {
    this.shape = shape;
    this.log = new ChangeLog(limits.history(), shape, start);
    this.feeds = new FeedIndex(shape);
    this.progress = new Progress(0, start, now);
  }

  /** Its columns and key. The identity is the one that it began with. */
  public Relation shape() {
    return shape;
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

  /** The feed of a definition: the one that others follow already, or a new one. */
  Feed follow(Definition definition) {
    Derivation derivation = Derivation.of(definition, shape);
    return opened.compute(
            Identity.of(derivation),
            (identity, known) -> {
              if (known != null) {
                return new Opened(known.feed, known.followers + 1);
              }
              Feed feed = new Feed(derivation, log);
              feeds.add(feed);
              return new Opened(feed, 1);
            })
        .feed;
  }

  /** One follower less; a feed that nobody follows is closed. */
  void leave(Feed feed) {
    opened.computeIfPresent(
        Identity.of(feed.derivation()),
        (identity, known) -> {
          if (known.followers > 1) {
            return new Opened(known.feed, known.followers - 1);
          }
          feeds.remove(known.feed);
          return null;
        });
  }

  void advance(Position position, Instant now) {
    progress = new Progress(log.head(), position, now);
  }
}
