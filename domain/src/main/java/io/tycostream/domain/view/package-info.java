/**
 * The rows of a relation at one position, and what a moment changes in them: with a key one row for
 * each key, without one a multiset. Owned by one thread at a time.
 */
@NullMarked
package io.tycostream.domain.view;

import org.jspecify.annotations.NullMarked;
