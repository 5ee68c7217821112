/**
 * The whole product on a real database, real sockets and real faults.
 *
 * <p>{@link io.tycostream.app.e2e.ChaosTest} is the one to read first.
 */
@NullMarked
package io.tycostream.app.e2e;

import org.jspecify.annotations.NullMarked;
