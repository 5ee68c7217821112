/**
 * A RisingWave of which nothing is there but what a follower of subscriptions sees: tables and
 * materialized views, their change logs, subscriptions and cursors, and the catalogue, over
 * PostgreSQL's wire protocol.
 *
 * <p>Its clock stands still until a test moves it, and nothing is committed but by the test; only
 * the seconds that a FETCH may wait are real, and short. Built after RisingWave's {@code
 * cursor_manager.rs}, {@code declare_cursor.rs} and {@code scheduler/snapshot.rs}.
 *
 * <p>Everything public may be called by any thread.
 */
@NullMarked
package io.tycostream.adapters.db.simulator.risingwave;

import org.jspecify.annotations.NullMarked;
