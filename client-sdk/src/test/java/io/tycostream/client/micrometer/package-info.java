/** The figures of a client as meters. */
@NullMarked
package io.tycostream.client.micrometer;

import org.jspecify.annotations.NullMarked;
