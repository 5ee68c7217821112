/** A small project laid out like the real one, to show that each law can be broken. */
@NullMarked
package io.tycostream.archfixture;

import org.jspecify.annotations.NullMarked;
