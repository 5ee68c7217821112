package io.tycostream.domain.source;

import io.tycostream.domain.protocol.SourceCondition;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the gateway's connection to a source's database stands.
 *
 * @param since when the condition began; while reconnecting, since when the rows may be old
 * @param attempt how many attempts failed since
 * @param retryAt when the next one is made
 * @param reason for people, in a sentence
 */
public record SourceState(
    SourceCondition condition,
    Instant since,
    OptionalInt attempt,
    Optional<Instant> retryAt,
    Optional<String> reason) {

  /** A condition without further particulars. */
  public static SourceState of(SourceCondition condition, Instant since) {
    return new SourceState(
        condition, since, OptionalInt.empty(), Optional.empty(), Optional.empty());
  }
}
