package io.tycostream.adapters.db.risingwave;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A subscription as the catalogue has it.
 *
 * @param id another one after it was dropped and made again
 * @param createdAt in milliseconds; what changed later is in its log
 * @param retention nothing when the statement that made it cannot be read
 */
record Subscription(long id, long createdAt, Optional<Duration> retention) {

  /**
   * From where on its log is there, by what it says of itself. The server cuts it off behind the
   * retention, counted from what is committed.
   *
   * @param now how far the database is, in milliseconds
   * @return everything that changed later is there
   */
  long loggedAfter(long now) {
    OptionalLong kept =
        retention
            .map(length -> OptionalLong.of(now - length.toMillis()))
            .orElse(OptionalLong.empty());
    return Math.max(createdAt, kept.orElse(createdAt));
  }
}
