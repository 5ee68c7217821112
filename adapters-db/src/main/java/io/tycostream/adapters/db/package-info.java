/**
 * Following databases: the driver that keeps a connection, and what each kind of database needs.
 *
 * <p>Only this module knows JDBC.
 */
@NullMarked
package io.tycostream.adapters.db;

import org.jspecify.annotations.NullMarked;
