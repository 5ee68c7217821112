/** What is answered over plain HTTP: the page, health, metrics, and the state of all there is. */
@NullMarked
package io.tycostream.app.http;

import org.jspecify.annotations.NullMarked;
