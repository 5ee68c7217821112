/** How much the Java client takes, beside clients that somebody writes in an afternoon. */
@NullMarked
package io.tycostream.benchmarks.sdk;

import org.jspecify.annotations.NullMarked;
