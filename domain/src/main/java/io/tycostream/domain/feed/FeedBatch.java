package io.tycostream.domain.feed;

import io.tycostream.domain.log.LogEntry;

/**
 * An entry of the log that concerns a feed.
 *
 * @param seq its number in the feed
 * @param totalChanges the feed's row changes up to and including it
 */
public record FeedBatch(long seq, LogEntry entry, long totalChanges) {}
