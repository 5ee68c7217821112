/**
 * The messages of the wire protocol, version 1, as values: what a gateway and a client say to each
 * other, without its JSON.
 *
 * <p>Positions are opaque texts here, as they are for a client. Words that may grow in later
 * versions (reasons, states, error codes) are texts too, so that an unknown one can be carried and
 * shown; the enums of this package hold those that this version knows.
 */
@NullMarked
package io.tycostream.domain.protocol;

import org.jspecify.annotations.NullMarked;
