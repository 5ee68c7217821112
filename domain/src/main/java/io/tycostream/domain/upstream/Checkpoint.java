package io.tycostream.domain.upstream;

/**
 * Where a stream is resumed.
 *
 * @param epoch which history of which database
 * @param time everything up to and including it is applied; unsigned
 */
public record Checkpoint(String epoch, long time) {}
