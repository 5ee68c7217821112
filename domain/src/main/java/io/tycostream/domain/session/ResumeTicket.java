package io.tycostream.domain.session;

import java.time.Instant;

/**
 * What a resume token says. It is given out signed, and what is handed in here was verified: who
 * signs is no matter of the domain.
 *
 * @param session which session it takes up
 * @param principal whom it was given to
 * @param expiresAt when it is of no use any more; {@link Instant#MAX} for as long as the session
 */
public record ResumeTicket(String session, String principal, Instant expiresAt) {}
