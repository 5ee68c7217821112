package io.tycostream.adapters.db.simulator.materialize;

/**
 * What happened to a row at a time.
 *
 * @param diff how often it came (positive) or went (negative); never 0
 */
public record Update(long time, MzRow row, long diff) {}
