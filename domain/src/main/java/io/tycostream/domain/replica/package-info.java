/**
 * The client: when it connects, how it resumes, what it holds.
 *
 * <p>{@link io.tycostream.domain.replica.Replica} is one whole client and decides everything; its
 * owner, the thread of the SDK or a simulation, tells it what happened and does what it says.
 * Inside it {@link io.tycostream.domain.replica.ReplicaMachine} decides about the connection, and a
 * {@link io.tycostream.domain.replica.ReplicaTable} is the state of one subscription. Each is owned
 * by one thread at a time. What it promises: after everything that it tells, the rows of a
 * subscription equal the source's rows at its position; what breaks that is noticed, never repaired
 * by guessing, and never answered by asking for one snapshot after another.
 */
@NullMarked
package io.tycostream.domain.replica;

import org.jspecify.annotations.NullMarked;
