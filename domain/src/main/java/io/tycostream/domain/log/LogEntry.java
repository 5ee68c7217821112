package io.tycostream.domain.log;

import io.tycostream.domain.change.Batch;
import java.time.Instant;

/**
 * A batch in its place.
 *
 * @param index the running number in its log; the first batch has 1
 * @param totalChanges row changes in the log's life up to and including this batch
 * @param appendedAt by the gateway's clock
 */
public record LogEntry(long index, Batch batch, long totalChanges, Instant appendedAt) {}
