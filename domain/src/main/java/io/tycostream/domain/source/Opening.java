package io.tycostream.domain.source;

import io.tycostream.domain.log.Tail;
import java.util.Optional;

/**
 * Where a reader begins with all rows.
 *
 * @param tail what leaves the log while it is busy with them
 */
record Opening(SourceSnapshot snapshot, Place place, Optional<Tail> tail) {}
