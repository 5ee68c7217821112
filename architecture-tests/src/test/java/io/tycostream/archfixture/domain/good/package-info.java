/** Breaks no law, although it uses about everything that the domain may. */
@NullMarked
package io.tycostream.archfixture.domain.good;

import org.jspecify.annotations.NullMarked;
