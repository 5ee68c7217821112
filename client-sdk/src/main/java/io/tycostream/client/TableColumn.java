package io.tycostream.client;

/**
 * A column of a source.
 *
 * @param type PostgreSQL's short name of it, such as {@code int8}, {@code timestamptz}, {@code
 *     _text} for an array
 */
public record TableColumn(String name, String type) {}
