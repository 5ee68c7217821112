/** What an operator writes in {@code tycostream.yaml}, read and checked as a whole. */
@NullMarked
package io.tycostream.app.config;

import org.jspecify.annotations.NullMarked;
