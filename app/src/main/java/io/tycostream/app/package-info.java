/** The program: command line, wiring, and what an operator sees. */
@NullMarked
package io.tycostream.app;

import org.jspecify.annotations.NullMarked;
