/**
 * PostgreSQL, followed through logical replication.
 *
 * <p>One persistent slot and one replication connection carry all relations of a database, so that
 * a transaction over several tables stays one moment. A first read joins the stream without a hole:
 * a temporary slot exports the snapshot that belongs to an exact point of the log, the rows are
 * read under it, and the persistent slot is started at that point. After that the only position
 * that counts is the receiver's own: the slot is told what is complete, and is never asked where to
 * go on.
 *
 * <p>A source is called by one thread; {@link
 * io.tycostream.adapters.db.postgres.PostgresSource#abort} may be called by any.
 */
@NullMarked
package io.tycostream.adapters.db.postgres;

import org.jspecify.annotations.NullMarked;
