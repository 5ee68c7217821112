/**
 * What a database tells: relations, rows, keys, changes, and the positions they stand at.
 *
 * <p>Everything here is an immutable value and may be shared by any thread. Values of a row are
 * text, exactly as the database writes them: nothing is rounded, reformatted or guessed on the way
 * through, and two values are equal when their texts are.
 */
@NullMarked
package io.tycostream.domain.change;

import org.jspecify.annotations.NullMarked;
