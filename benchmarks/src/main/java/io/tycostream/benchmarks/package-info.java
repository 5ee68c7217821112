/** Measurements of the whole, each with a rival in the same run. */
@NullMarked
package io.tycostream.benchmarks;

import org.jspecify.annotations.NullMarked;
