/**
 * The bounded history of a source. One writer appends, any number of readers read without ever
 * holding up the writer or each other.
 */
@NullMarked
package io.tycostream.domain.log;

import org.jspecify.annotations.NullMarked;
