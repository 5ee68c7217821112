/** An adapter. */
@NullMarked
package io.tycostream.archfixture.adapters.db;

import org.jspecify.annotations.NullMarked;
