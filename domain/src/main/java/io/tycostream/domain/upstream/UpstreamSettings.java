package io.tycostream.domain.upstream;

import io.tycostream.domain.backoff.Backoff;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How a connection to a database is kept.
 *
 * @param backoff before each new attempt
 * @param maxRetries attempts before giving up; nothing for never
 * @param silenceLimit a stream silent for this long is broken
 * @param alertAfter away for this long is worth an alert
 * @param slowRetry how long a failed connection waits before it tries once more
 */
public record UpstreamSettings(
    Backoff backoff,
    OptionalInt maxRetries,
    Duration silenceLimit,
    Duration alertAfter,
    Duration slowRetry) {

  /** Retries for ever, 15 s of silence, alert after a minute, a slow retry every minute. */
  public static final UpstreamSettings DEFAULT =
      new UpstreamSettings(
          Backoff.DATABASE,
          OptionalInt.empty(),
          Duration.ofSeconds(15),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1));
}
