/**
 * The rows of a relation at one position, and what a moment changes in them. Owned by one thread at
 * a time.
 */
@NullMarked
package io.tycostream.domain.view;

import org.jspecify.annotations.NullMarked;
