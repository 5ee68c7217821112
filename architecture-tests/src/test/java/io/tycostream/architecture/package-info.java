/**
 * The rules of the house as tests. Each one is a {@link io.tycostream.architecture.Law}: it is held
 * against the classes of the project, and against fixtures made to break it, because a rule that
 * cannot fail says nothing.
 */
@NullMarked
package io.tycostream.architecture;

import org.jspecify.annotations.NullMarked;
