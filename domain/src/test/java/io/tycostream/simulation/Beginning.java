package io.tycostream.simulation;

import io.tycostream.domain.change.Position;

/**
 * Where what a database told of a table begins, when all its rows were read.
 *
 * @param from what happened behind this is known, be it one by one or only which keys it touched
 * @param rows where the rows stand
 * @param present where the database was when the stream was opened
 */
record Beginning(Position from, Position rows, Position present) {}
