/** The outermost part. */
@NullMarked
package io.tycostream.archfixture.app;

import org.jspecify.annotations.NullMarked;
