/**
 * A Materialize that is no Materialize: what its SUBSCRIBE, cursors, COPY and catalogue do on the
 * wire, written from its sources, tests and documents (version 26.24 of May 2026 and newer single
 * changes). Nothing here was ever compared with a running one.
 *
 * <p>{@link io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator} is what a test
 * starts. It holds objects, each a time line of updates in an unsigned 64-bit virtual time that the
 * test moves; nothing moves by itself. What a subscriber gets follows from the time line alone:
 *
 * <ul>
 *   <li>the first progress row is the AS OF;
 *   <li>a batch is what lies between two positions of the upper frontier, its rows in the order of
 *       time and, inside one time, of their bytes, then one progress row;
 *   <li>with SNAPSHOT everything up to the AS OF is collapsed to it, without only what is later
 *       comes;
 *   <li>what lies before the read frontier (since) is gone.
 * </ul>
 *
 * <p>What is not understood is an error, never a guess: 0A000, {@code the simulator does not know}.
 *
 * <p>Everything public may be called by any thread. One lock guards the whole model; nothing is
 * sent while it is held.
 */
@NullMarked
package io.tycostream.adapters.db.simulator.materialize;

import org.jspecify.annotations.NullMarked;
