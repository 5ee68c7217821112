package io.tycostream.domain.replica;

/**
 * What a program hands back once it has processed what it was told, so that the gateway hears of
 * it; of no use any more on a later connection, whose feeds have other numbers.
 *
 * @param connection the number of the socket that it came over, from 1
 * @param feed on that connection
 * @param position up to which everything was told
 */
public record Receipt(String ref, int connection, int feed, String position) {}
