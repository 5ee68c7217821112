/**
 * Everything of tycostream that decides, and nothing that acts.
 *
 * <p>No clock, no randomness, no thread, no I/O and no logging is in here: time and chance come in
 * as arguments, and what is to be done goes out as values. So each decision can be tested alone,
 * and the whole can be run under simulated time.
 */
@NullMarked
package io.tycostream.domain;

import org.jspecify.annotations.NullMarked;
