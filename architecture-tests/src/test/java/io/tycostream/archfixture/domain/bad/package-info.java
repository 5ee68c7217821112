/** Each class breaks the law that its name says. */
@NullMarked
package io.tycostream.archfixture.domain.bad;

import org.jspecify.annotations.NullMarked;
