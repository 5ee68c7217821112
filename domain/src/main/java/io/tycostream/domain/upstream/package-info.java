/**
 * The gateway's connection to a database: when it is opened, given up, tried again, and what the
 * gateway says about it meanwhile.
 *
 * <p>{@link io.tycostream.domain.upstream.UpstreamMachine} decides; a driver performs its effects
 * on one thread and tells it what happened. The rows themselves do not pass through the machine.
 */
@NullMarked
package io.tycostream.domain.upstream;

import org.jspecify.annotations.NullMarked;
