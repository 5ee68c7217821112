package io.tycostream.domain.source;

import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.view.Capacity;

/**
 * How much memory a source may take.
 *
 * @param history what is kept for clients that come back
 * @param maxRows rows held
 * @param maxBytes about how much the rows held and the rows of an open transaction take
 */
public record SourceLimits(HistoryLimits history, long maxRows, long maxBytes) {

  /** The default history; a million rows, 512 MiB. */
  public static final SourceLimits DEFAULT =
      new SourceLimits(HistoryLimits.DEFAULT, 1_000_000, 512L << 20);

  Capacity capacity() {
    return new Capacity(maxRows, maxBytes);
  }
}
