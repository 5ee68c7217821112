/** One half of a cycle. */
@NullMarked
package io.tycostream.archfixture.domain.chicken;

import org.jspecify.annotations.NullMarked;
