package io.tycostream.client;

import io.tycostream.domain.protocol.ServerMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the gateway's own connection to the database of a source stands.
 *
 * @param state {@code connecting}, {@code snapshotting}, {@code live}, {@code stalled}, {@code
 *     reconnecting}, {@code catching-up}, {@code failed}, {@code completed}, or a word of a later
 *     version
 * @param attempt which one it is, while it is connecting again
 * @param retryIn when it tries again
 */
public record SourceState(
    String state,
    Instant since,
    OptionalInt attempt,
    Optional<Duration> retryIn,
    Optional<String> reason) {

  static SourceState of(ServerMessage.SourceStatus status) {
    return new SourceState(
        status.state(), status.since(), status.attempt(), status.retryIn(), status.reason());
  }
}
