/**
 * The demo: a real PostgreSQL that needs no installation.
 *
 * <p>The server is a child process of this JVM, run from binaries that come as a Maven artifact. It
 * listens on loopback only, keeps its data in a temporary folder, and both go away with the JVM,
 * however the JVM ends.
 */
@NullMarked
package io.tycostream.app.demo;

import org.jspecify.annotations.NullMarked;
