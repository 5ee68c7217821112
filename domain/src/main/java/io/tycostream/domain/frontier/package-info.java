/**
 * From rows to whole moments: what a database tells waits here until the database says that the
 * moment it belongs to is complete. Owned by the thread that reads the stream.
 */
@NullMarked
package io.tycostream.domain.frontier;

import org.jspecify.annotations.NullMarked;
