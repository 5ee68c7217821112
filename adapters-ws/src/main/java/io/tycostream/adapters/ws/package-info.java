/**
 * The WebSocket side: connections, their couriers, and the frames that they carry.
 *
 * <p>A frame is encoded once and shared by all who get it. Each connection has one thread that
 * reads (Helidon's) and one that writes (its {@link io.tycostream.adapters.ws.Courier}); nothing
 * else touches the socket, except to cut it.
 */
@NullMarked
package io.tycostream.adapters.ws;

import org.jspecify.annotations.NullMarked;
