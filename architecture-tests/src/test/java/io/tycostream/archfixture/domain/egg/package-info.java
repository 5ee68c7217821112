/** The other half of a cycle. */
@NullMarked
package io.tycostream.archfixture.domain.egg;

import org.jspecify.annotations.NullMarked;
