/**
 * What a client counts, for programs that use Micrometer: one class, which nothing else of the
 * client knows. A program without Micrometer leaves it alone.
 */
@NullMarked
package io.tycostream.client.micrometer;

import org.jspecify.annotations.NullMarked;
