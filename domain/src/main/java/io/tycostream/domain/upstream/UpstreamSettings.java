package io.tycostream.domain.upstream;

import io.tycostream.domain.backoff.Backoff;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How a connection to a database is kept.
 *
 * @param backoff before each new attempt
 * @param maxRetries attempts before giving up; nothing for never
 * @param openLimit an opening that shows neither a snapshot nor a stream for this long is given up
 * @param readLimit a snapshot, or a stream that catches up, that does not get on for this long is
 *     given up
 * @param silenceLimit a stream silent for this long is broken
 * @param stallAfter a stream silent for this long, because the database's time stands still, is
 *     stalled; longer than a database that is well may be silent
 * @param alertAfter away for this long is worth an alert
 * @param slowRetry how long a failed connection waits before it tries once more
 */
public record UpstreamSettings(
    Backoff backoff,
    OptionalInt maxRetries,
    Duration openLimit,
    Duration readLimit,
    Duration silenceLimit,
    Duration stallAfter,
    Duration alertAfter,
    Duration slowRetry) {

  /**
   * Retries for ever, 40 s for an opening and for each step of what follows, 15 s of silence, a
   * stall after 5 s, alert after a minute, a slow retry every minute.
   */
  public static final UpstreamSettings DEFAULT =
      new UpstreamSettings(
          Backoff.DATABASE,
          OptionalInt.empty(),
          Duration.ofSeconds(40),
          Duration.ofSeconds(40),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1));
}
