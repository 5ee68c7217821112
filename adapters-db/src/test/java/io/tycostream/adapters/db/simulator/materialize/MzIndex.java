package io.tycostream.adapters.db.simulator.materialize;

/**
 * An index. Where it is on the cluster of a SUBSCRIBE, its own history counts, whatever the object
 * keeps.
 *
 * @param window its RETAIN HISTORY in milliseconds, one second unless said
 */
public record MzIndex(String id, String name, String cluster, long window) {}
