package io.tycostream.domain.change;

/**
 * A column of a relation.
 *
 * @param name as the database writes it
 * @param type PostgreSQL's short name: {@code int8}, {@code timestamptz}, {@code _int4} for an
 *     array
 */
public record Column(String name, String type) {}
