package io.tycostream.adapters.ws;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedBatch;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a cursor hands out, for tests that encode it. */
final class Deliveries {

  private Deliveries() {}

  /** A batch of the whole of {@link HandFed#SHAPE}. */
  static Delivery.Next next(long seq, Batch batch) {
    ChangeLog log = new ChangeLog(HistoryLimits.DEFAULT, HandFed.SHAPE, batch.after());
    LogEntry entry = new LogEntry(seq, batch, batch.changes().size(), Instant.EPOCH);
    return new Delivery.Next(new Feed(HandFed.WHOLE, log), new FeedBatch(seq, entry, seq - 1, seq));
  }

  /** Batches of {@link HandFed#SHAPE} that were folded. */
  static Delivery.Merged merged(long seq, long count, Position upTo, List<Change> changes) {
    ChangeLog log = new ChangeLog(HistoryLimits.DEFAULT, HandFed.SHAPE, upTo);
    return new Delivery.Merged(new Feed(HandFed.WHOLE, log), seq, count, upTo, changes, false);
  }

  /** All rows of a source, as who joins gets them. */
  static Delivery.Everything everything(HandFed things) {
    Instant now = Instant.now();
    try (Cursor cursor =
        new Cursor(things.source(), Terms.whole(Optional.empty()), now, Duration.ZERO, () -> {})) {
      while (true) {
        if (cursor.next(now) instanceof Delivery.Everything all) {
          return all;
        }
      }
    }
  }
}
