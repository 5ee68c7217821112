/** Tests of the client side. */
@NullMarked
package io.tycostream.domain.session;

import org.jspecify.annotations.NullMarked;
