package io.tycostream.app;

import io.tycostream.client.Gap;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableState;

/** How what is watched reaches the terminal; called by one thread at a time. */
interface WatchReport {

  /** All rows are new. */
  void snapshot(TableState state);

  /** Rows changed. */
  void batch(TableBatch batch);

  /** Single changes are missing. */
  void gap(Gap gap);

  /**
   * A connection changed.
   *
   * @param what {@code connection} to the gateway, {@code source} for the gateway's own, or {@code
   *     pressure} for how far behind it we are
   * @param state one word
   * @param text a sentence for people
   */
  void state(String what, String state, String text);
}
