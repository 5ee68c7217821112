/**
 * What a gateway decides about its clients: who is let in, when a connection ends and with which
 * word, what outlives it, how fast a client may ask, how much may wait for it and whose turn it is.
 *
 * <p>{@link io.tycostream.domain.session.SessionMachine} decides about one connection and what
 * becomes of the session after it; {@link io.tycostream.domain.session.Sessions} knows all of them,
 * so that a session has one connection at most. What it promises: every connection that is ended
 * hears at most one {@code bye}, and always before the close; a session outlives its connection for
 * its time to live at most, and what outlives it are definitions and settings, never a cursor: what
 * was given to the kernel was not necessarily received, and the client's positions alone say where
 * it is.
 *
 * <p>Everything mutable here is owned by one thread at a time.
 */
@NullMarked
package io.tycostream.domain.session;

import org.jspecify.annotations.NullMarked;
