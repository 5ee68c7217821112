/**
 * What the gateway streams: a table or view with its rows, its history and the state of its
 * connection, written by one thread and read by any number of clients' couriers.
 *
 * <p>{@link io.tycostream.domain.source.Cursor} is one subscription's way through it, and the only
 * place that decides between replay, snapshot, waiting and saying what was lost.
 */
@NullMarked
package io.tycostream.domain.source;

import org.jspecify.annotations.NullMarked;
