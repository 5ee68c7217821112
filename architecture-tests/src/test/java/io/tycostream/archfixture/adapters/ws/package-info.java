/** Another adapter. */
@NullMarked
package io.tycostream.archfixture.adapters.ws;

import org.jspecify.annotations.NullMarked;
