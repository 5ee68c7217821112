package io.tycostream.domain.session;

import java.time.Instant;
import java.util.Optional;

/**
 * A {@code hello} whose credentials were found good.
 *
 * @param session the id of the session if it is to be a new one; never used before
 * @param principal whose credentials
 * @param credentialsUntil when they end; nothing for never
 * @param settings of the connection
 */
public record Introduction(
    String session,
    String principal,
    Optional<Instant> credentialsUntil,
    Claim claim,
    Settings settings) {}
