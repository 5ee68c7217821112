package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;

/**
 * A place in a feed, between two of its batches.
 *
 * @param position of the source
 * @param index of the log's last entry before it
 * @param next the seq of the feed's first batch behind it
 * @param read the feed's row changes before it; -1 when nobody knows
 */
record Place(Position position, long index, long next, long read) {

  /** The place behind an entry of the log, which the feed knows. */
  static Place in(Feed feed, long index, Position position) {
    long next = feed.firstBehind(index);
    return new Place(position, index, next, feed.changesUpTo(next - 1));
  }
}
