/**
 * JMH measurements of the domain's structures, one class for each.
 *
 * <p>In every class the benchmark {@code tycostream} is ours, and the others are its rivals: other
 * ways to do the same work. {@link io.tycostream.benchmarks.domain.DomainSpeed} runs them all and
 * tells the ratios.
 */
@NullMarked
package io.tycostream.benchmarks.domain;

import org.jspecify.annotations.NullMarked;
