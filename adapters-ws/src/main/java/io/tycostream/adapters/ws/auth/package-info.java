/**
 * Who a client is: by a list of tokens, or by a JSON Web Token of an issuer.
 *
 * <p>Whoever may see something is told so by these classes and nobody else. Where anything about
 * credentials is in doubt they are refused: a permission that cannot be read never becomes a wider
 * one. What a client showed appears in no reason, no log line and no {@code toString}. Used by any
 * thread.
 */
@NullMarked
package io.tycostream.adapters.ws.auth;

import org.jspecify.annotations.NullMarked;
