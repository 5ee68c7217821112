/**
 * What of a source a subscriber wants to see: which rows, which columns.
 *
 * <p>A {@link io.tycostream.domain.feed.Definition} is what was asked for, in the words of the
 * protocol; bound to a relation it becomes a pure function over the source's changes. Everything
 * here is an immutable value and may be shared by any thread, except where a class says otherwise.
 */
@NullMarked
package io.tycostream.domain.feed;

import org.jspecify.annotations.NullMarked;
