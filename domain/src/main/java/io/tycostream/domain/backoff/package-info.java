/** How long to wait before trying again. Pure: chance comes in as a number. */
@NullMarked
package io.tycostream.domain.backoff;

import org.jspecify.annotations.NullMarked;
