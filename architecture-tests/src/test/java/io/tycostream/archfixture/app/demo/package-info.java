/** The user's own program. */
@NullMarked
package io.tycostream.archfixture.app.demo;

import org.jspecify.annotations.NullMarked;
