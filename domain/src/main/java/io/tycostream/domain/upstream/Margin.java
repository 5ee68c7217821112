package io.tycostream.domain.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * For how long a database keeps what a stream would be resumed from, as it was seen last.
 *
 * @param time how long the gateway could be away from now on, where the database keeps a time
 * @param bytes how much could be written meanwhile, where it keeps an amount; negative when it is
 *     overdue
 * @param warning one sentence for an operator when the margin is in danger
 */
public record Margin(Optional<Duration> time, OptionalLong bytes, Optional<String> warning) {}
