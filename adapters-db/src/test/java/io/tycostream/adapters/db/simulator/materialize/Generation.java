package io.tycostream.adapters.db.simulator.materialize;

/** How errors are worded; the same failure has had several texts and codes. */
public enum Generation {
  /**
   * Until about May 2026: history loss is XX000 {@code Timestamp (…) is not valid for all inputs},
   * a dropped object XX000 {@code subscribe has been terminated because underlying relation …}.
   */
  OLD,
  /**
   * Since then: 22000 {@code could not find a valid timestamp for the query} with a detail, and
   * 42704 {@code relation '…' was dropped}.
   */
  NEWEST
}
