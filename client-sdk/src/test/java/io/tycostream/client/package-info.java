/** Tests of the Java client. */
@NullMarked
package io.tycostream.client;

import org.jspecify.annotations.NullMarked;
