/** The live page: its own unit tests, and the whole of it in a real browser. */
@NullMarked
package io.tycostream.app.web;

import org.jspecify.annotations.NullMarked;
