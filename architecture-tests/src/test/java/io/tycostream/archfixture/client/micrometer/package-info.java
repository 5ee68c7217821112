/** A binding of a client. */
@NullMarked
package io.tycostream.archfixture.client.micrometer;

import org.jspecify.annotations.NullMarked;
