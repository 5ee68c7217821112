/** Tests of the client side. */
@NullMarked
package io.tycostream.domain.replica;

import org.jspecify.annotations.NullMarked;
