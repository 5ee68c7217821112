/**
 * The server side of PostgreSQL's wire protocol, version 3, without any knowledge of SQL: a fixture
 * on which simulators of databases that speak this protocol stand.
 *
 * <p>A {@link io.tycostream.adapters.db.simulator.wire.WireServer} listens on loopback and asks a
 * {@link io.tycostream.adapters.db.simulator.wire.Backend} for a {@link
 * io.tycostream.adapters.db.simulator.wire.Session} for each connection. The session is given one
 * statement at a time and an {@link io.tycostream.adapters.db.simulator.wire.Outlet} for its
 * answer. What goes wrong between server and client is up to {@link
 * io.tycostream.adapters.db.simulator.wire.Faults}: the bytes that a connection has sent are
 * counted, and it can be cut after any of them.
 *
 * <p>Threads: each connection has two virtual threads. One reads, so that a client that has gone or
 * that cancels is noticed at once; the other runs the statements and is the only one that calls the
 * session. Everything public here may be called by any thread unless it says otherwise.
 */
@NullMarked
package io.tycostream.adapters.db.simulator.wire;

import org.jspecify.annotations.NullMarked;
