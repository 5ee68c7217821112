package io.tycostream.adapters.ws;

import io.tycostream.domain.feed.Feed;
import java.util.Map;
import java.util.WeakHashMap;

/** The feeds of this node. Used by any thread. */
final class Feeds {

  private final int maxMessage;
  private final FrameBudget budget = new FrameBudget(FrameBudget.DEFAULT_BYTES);
  private final Map<Feed, FeedFrames> feeds = new WeakHashMap<>();
  private int lastId;

  Feeds(int maxMessage) {
    this.maxMessage = maxMessage;
  }

  /** The frames of a feed; its number is never used again for another. */
  synchronized FeedFrames of(Feed feed) {
    return feeds.computeIfAbsent(
        feed, fresh -> new FeedFrames(++lastId, fresh.derivation(), maxMessage, budget));
  }
}
