/** A client. */
@NullMarked
package io.tycostream.archfixture.client;

import org.jspecify.annotations.NullMarked;
