/**
 * What it costs to tell many clients: our gateway beside a plain Netty broadcast and beside
 * Helidon's own {@code send}.
 *
 * <p>Each server and the load client are JVMs of their own, so that what the server takes is
 * measured alone; {@link io.tycostream.benchmarks.fanout.FanOut} starts them and tells them what to
 * do, a line each on their standard inputs.
 */
@NullMarked
package io.tycostream.benchmarks.fanout;

import org.jspecify.annotations.NullMarked;
