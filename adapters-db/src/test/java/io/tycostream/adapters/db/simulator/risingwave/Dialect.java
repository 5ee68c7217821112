package io.tycostream.adapters.db.simulator.risingwave;

/** What differs between generations of RisingWave. */
public enum Dialect {
  /** The newest: as {@link #CURRENT}, but a FULL cursor takes its snapshot at its first FETCH. */
  LAZY_SNAPSHOT,
  /** Operations by name; the state of a cursor is shown; the cluster tells its id. */
  CURRENT,
  /**
   * The cluster does not tell its id, and a FETCH that comes upon other columns and brings nothing
   * still has the columns of before.
   */
  WITHOUT_CLUSTER_ID,
  /** SHOW SUBSCRIPTION CURSORS has names alone. */
  WITHOUT_STATE,
  /** Before 2.0: operations are numbers. */
  NUMBERED,
  /** The very first: {@code rw_timestamp} and {@code op} come before the other columns. */
  LEADING;

  boolean numbered() {
    return this == NUMBERED || this == LEADING;
  }

  boolean hasClusterId() {
    return this == CURRENT || this == LAZY_SNAPSHOT;
  }

  boolean describesFirst() {
    return this != CURRENT && this != LAZY_SNAPSHOT;
  }

  boolean showsState() {
    return this != WITHOUT_STATE;
  }
}
