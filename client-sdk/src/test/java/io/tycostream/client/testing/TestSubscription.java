package io.tycostream.client.testing;

import java.util.Optional;

/**
 * A subscription of a client at one moment.
 *
 * @param ref the client's own name for it
 * @param source which source
 * @param after the position that the client came with; nothing when it began with all rows
 * @param sent the position that it was sent last; nothing before the first
 * @param acked the position up to which the client has said that it is done; nothing before the
 *     first ack
 */
public record TestSubscription(
    String ref,
    String source,
    Optional<String> after,
    Optional<String> sent,
    Optional<String> acked) {}
