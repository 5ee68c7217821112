/**
 * From rows to whole moments: what a database tells waits here until the database says that the
 * moment it belongs to is complete. Owned by the thread that reads the stream.
 *
 * <p>Times are the database's own, 64 bits without a sign. A database tells in one of two ways:
 *
 * <ul>
 *   <li><b>Transactions</b> (PostgreSQL). The rows of one transaction, then its {@code commit},
 *       which bears the time; between transactions {@code progress}, up to and including a time.
 *   <li><b>Timestamps</b> (Materialize, RisingWave). Each row bears its time, never less than the
 *       row before. A row closes all times before its own; {@code closeBefore} closes all times
 *       before one, and only {@code closeAll} can close the last time there is.
 * </ul>
 */
@NullMarked
package io.tycostream.domain.frontier;

import org.jspecify.annotations.NullMarked;
