/**
 * The client: when it connects, how it resumes, what it holds.
 *
 * <p>{@link io.tycostream.domain.replica.ReplicaMachine} decides about the connection; {@link
 * io.tycostream.domain.replica.ReplicaTable} is the state of one subscription, owned by one thread
 * at a time. What it promises: after every outcome that says so, its rows equal the source's rows
 * at its position; and what breaks that is told, never repaired by guessing.
 */
@NullMarked
package io.tycostream.domain.replica;

import org.jspecify.annotations.NullMarked;
