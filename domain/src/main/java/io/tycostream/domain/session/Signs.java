package io.tycostream.domain.session;

import java.time.Instant;
import java.util.Optional;

/**
 * What can be seen of a connection from outside at one moment, without asking it.
 *
 * @param heard when something was last read from it
 * @param writingSince when the write that is under way began; nothing when there is none
 */
public record Signs(Instant heard, Optional<Instant> writingSince) {}
