package io.tycostream.domain.change;

/**
 * What identifies a row: the values of its key columns, in the key's order.
 *
 * @param values none of them NULL
 */
public record Key(Row values) {}
