/**
 * A gateway for the tests of programs that use the client: {@link
 * io.tycostream.client.testing.TestGateway}.
 *
 * <p>It is a WebSocket server on a port of its own of this machine, which keeps the wire protocol
 * with the very code of the gateway that decides: history, resumes, filters, gaps, sessions. The
 * tables that it streams are in its memory, and change when the test says so; so do all faults.
 *
 * <p>Everything public may be called by any thread. What a call changes has happened when it
 * returns; what clients hear of it is on its way.
 *
 * <p>It needs the JDK, the client's own dependencies and nothing else, no JUnit either.
 */
@NullMarked
package io.tycostream.client.testing;

import org.jspecify.annotations.NullMarked;
