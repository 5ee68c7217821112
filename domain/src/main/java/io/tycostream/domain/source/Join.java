package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Lookup;
import io.tycostream.domain.protocol.GapReason;
import java.util.Optional;

/** How a subscriber that wants to follow a feed gets into it. */
sealed interface Join {

  /** It is further than this source: it waits until the source is there. */
  record Await() implements Join {}

  /**
   * With each batch behind an entry of the log.
   *
   * @param at where the subscriber is, a position of the source
   */
  record Replay(Position at, long index) implements Join {}

  /**
   * With all rows.
   *
   * @param lost why not from where the subscriber is; nothing when it is nowhere
   */
  record Snapshot(Optional<GapReason> lost) implements Join {}

  /**
   * Without rows, for who follows events.
   *
   * @param fromOldest with what the log still has; else with what comes
   * @param lost why not from where the subscriber is; nothing when it is nowhere
   */
  record Live(boolean fromOldest, Optional<GapReason> lost) implements Join {}

  /** Decides. */
  static Join of(Terms terms, Generation generation, Feed feed) {
    if (terms.after().isEmpty()) {
      return terms.forEvents() && !terms.snapshot()
          ? new Live(false, Optional.of(GapReason.POSITION_UNKNOWN).filter(any -> terms.lost()))
          : new Snapshot(Optional.empty());
    }
    Position after = feed.meant(terms.after().get());
    return switch (generation.log().find(after, generation.progress().position())) {
      case Lookup.Replay(long from) -> {
        yield feed.floor() < from
            ? new Replay(after, from - 1)
            : lost(terms, GapReason.HISTORY_EXPIRED, feed.oldest().sameHistory(after));
      }
      case Lookup.Ahead ahead -> new Await();
      case Lookup.Expired expired ->
          // The oldest may be of an earlier history, and then lie before where the subscriber is.
          lost(terms, GapReason.HISTORY_EXPIRED, generation.log().oldest().sameHistory(after));
      case Lookup.OtherDefinition other -> lost(terms, GapReason.DEFINITION_CHANGED, false);
      case Lookup.Unknown unknown -> lost(terms, GapReason.POSITION_UNKNOWN, false);
    };
  }

  private static Join lost(Terms terms, GapReason reason, boolean fromOldest) {
    return terms.forEvents()
        ? new Live(fromOldest, Optional.of(reason))
        : new Snapshot(Optional.of(reason));
  }
}
