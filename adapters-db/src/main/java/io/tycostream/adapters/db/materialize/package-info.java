/**
 * Materialize, followed through {@code COPY (SUBSCRIBE …) TO STDOUT}: one stream a relation.
 *
 * <p>Materialize tells rows with the time at which they came or went, and from time to time a
 * progress row: the frontier F, which says that everything earlier than F was told. What is
 * complete is therefore known to the millisecond, and a stream is resumed {@code AS OF F-1} without
 * a snapshot: it tells exactly what happened at F and later.
 */
@NullMarked
package io.tycostream.adapters.db.materialize;

import org.jspecify.annotations.NullMarked;
