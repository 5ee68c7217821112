package io.tycostream.adapters.ws;

import io.tycostream.domain.source.Generation;
import java.util.Map;
import java.util.WeakHashMap;

/** The feeds of this node. Used by any thread. */
final class Feeds {

  private final int maxMessage;
  private final Map<Generation, Feed> feeds = new WeakHashMap<>();
  private int lastId;

  Feeds(int maxMessage) {
    this.maxMessage = maxMessage;
  }

  /** The one feed of a generation; its number is never used again for another. */
  synchronized Feed of(Generation generation) {
    return feeds.computeIfAbsent(
        generation, fresh -> new Feed(++lastId, fresh.shape(), maxMessage));
  }
}
