package io.tycostream.domain.source;

import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.view.Capacity;

/**
 * How much memory a source may take.
 *
 * @param history what is kept for clients that come back
 * @param maxRows rows held
 * @param maxBytes about how much the rows held and the rows of an open transaction take
 * @param maxMarkBytes about how much the marks of all feeds take, besides a few of each
 */
public record SourceLimits(HistoryLimits history, long maxRows, long maxBytes, long maxMarkBytes) {

  /** The default history; a million rows, 512 MiB. */
  public static final SourceLimits DEFAULT =
      new SourceLimits(HistoryLimits.DEFAULT, 1_000_000, 512L << 20);

  /**
   * The marks of all feeds take as much as the history at the most: an entry is larger than five
   * marks, and feeds that divide a source among them have together as few as one that shows all.
   */
  public SourceLimits(HistoryLimits history, long maxRows, long maxBytes) {
    this(history, maxRows, maxBytes, history.maxBytes());
  }

  Capacity capacity() {
    return new Capacity(maxRows, maxBytes);
  }
}
