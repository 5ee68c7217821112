package io.tycostream.domain.log;

import io.tycostream.domain.change.Batch;
import java.time.Instant;

/**
 * A batch in its place.
 *
 * @param index the running number in its log; the first batch has 1
 * @param totalChanges row changes in the log's life up to and including this batch
 * @param appendedAt by the gateway's clock
 * @param bytes about how much memory the batch takes
 */
public record LogEntry(long index, Batch batch, long totalChanges, Instant appendedAt, long bytes) {

  public LogEntry(long index, Batch batch, long totalChanges, Instant appendedAt) {
    this(index, batch, totalChanges, appendedAt, batch.bytes());
  }
}
