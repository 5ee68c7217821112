/**
 * The whole system in one thread and one seed: a database with history, gateways and clients made
 * of the real core, networks that break anywhere, and an oracle that compares what every client
 * holds with what the database was at the client's position.
 *
 * <p>Nothing here decides what the core decides. What is here is the world around it: {@link
 * io.tycostream.simulation.World} has the time and the chance, {@link
 * io.tycostream.simulation.SimDatabase} the truth, and the drivers ({@link
 * io.tycostream.simulation.Upstream}, {@link io.tycostream.simulation.SimGateway}, {@link
 * io.tycostream.simulation.SimClient}) do what real shells do, in virtual time.
 *
 * <p>One seed always tells one story: nothing may depend on the order of a hash table whose hashes
 * differ between two runs, on real time or on identity.
 */
@NullMarked
package io.tycostream.simulation;

import org.jspecify.annotations.NullMarked;
