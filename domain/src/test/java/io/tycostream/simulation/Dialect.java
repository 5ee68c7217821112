package io.tycostream.simulation;

/** How a database tells what happens in it. */
enum Dialect {
  /** Whole transactions of all tables on one stream, and how far it is now and then. */
  TRANSACTIONS,
  /**
   * Each table on a stream of its own: rows with times, in batches of several times, and after each
   * batch the time before which everything was told. Materialize.
   */
  PROGRESS,
  /**
   * Each table on a stream of its own: rows with times; that a time is over shows when there is
   * nothing more, or something later. RisingWave.
   */
  FETCHES
}
