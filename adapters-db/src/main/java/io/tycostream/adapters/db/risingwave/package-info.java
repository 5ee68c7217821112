/**
 * RisingWave, followed through subscription cursors: one stream a relation.
 *
 * <p>Promises: the rows that a stream tells are those of the relation at the moment that it names,
 * and every change after it, each once. Nothing is told of a gap: what could be one (a subscription
 * made anew, a log cut off by its retention, other columns) is a lost history and ends in a fresh
 * snapshot.
 *
 * <p>Times are RisingWave's {@code rw_timestamp}: milliseconds since 1970, one for each epoch.
 *
 * <p>What is relied on was read in RisingWave's sources, versions 2.0 to those of August 2026:
 * {@code src/frontend/src/session/cursor_manager.rs}, {@code handler/declare_cursor.rs}, {@code
 * scheduler/snapshot.rs} and {@code catalog/system_catalog/rw_catalog}.
 *
 * <p>Each stream has a virtual thread that waits in FETCH; the driver's thread only takes what that
 * one has put down.
 */
@NullMarked
package io.tycostream.adapters.db.risingwave;

import org.jspecify.annotations.NullMarked;
