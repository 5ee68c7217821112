package io.tycostream.domain.change;

/**
 * What identifies a row: the values of its key columns, in the key's order; of a relation without a
 * key the whole row.
 *
 * @param values of key columns none is NULL
 */
public record Key(Row values) {}
