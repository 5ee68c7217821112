package io.tycostream.domain.feed;

import io.tycostream.domain.log.LogEntry;

/**
 * An entry of the log that concerns a feed.
 *
 * @param seq its number in the feed
 * @param before the feed's row changes before it
 * @param totalChanges the same, with its own
 */
public record FeedBatch(long seq, LogEntry entry, long before, long totalChanges) {

  /** How many row changes the feed shows of it; what they are has to be derived. */
  public long size() {
    return totalChanges - before;
  }
}
