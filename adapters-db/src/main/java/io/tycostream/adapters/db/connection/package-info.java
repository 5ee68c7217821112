/**
 * What all databases that speak PostgreSQL's protocol have in common: how they are reached, the
 * connections of one stream, queries beside it, and what their errors mean.
 */
@NullMarked
package io.tycostream.adapters.db.connection;

import org.jspecify.annotations.NullMarked;
