package io.tycostream.adapters.db.risingwave;

import java.time.Duration;

/**
 * Whether the cluster commits nothing, although it answers. A cluster that is well commits an epoch
 * every second or so, whether anything changes or not, and the frontend's {@code now()} is the
 * newest commit that it has been told of (see {@link QuietTime}): so one that stays the same is no
 * quiet, but a standstill.
 *
 * <p>Owned by one thread. Moments are those of {@link System#nanoTime}.
 */
final class Standstill {

  /** So many heartbeats have to be over, */
  private static final int HEARTBEATS = 5;

  /** and so many of the pauses between two looks. */
  private static final int LOOKS = 3;

  private final long bound;
  private long newest;
  private long since;
  private boolean looked;
  private boolean lasts;

  /**
   * @param heartbeat how often the stream has to prove that it lives
   * @param lookEvery how often a quiet stream is looked at
   */
  Standstill(Duration heartbeat, Duration lookEvery) {
    this.bound =
        Math.max(
            heartbeat.multipliedBy(HEARTBEATS).toNanos(), lookEvery.multipliedBy(LOOKS).toNanos());
  }

  /**
   * What the frontend says {@code now()} is.
   *
   * @param now in milliseconds
   * @param at when it said so
   */
  void seen(long now, long at) {
    if (!looked || now != newest) {
      looked = true;
      newest = now;
      since = at;
    }
    lasts = at - since >= bound;
  }

  /** Rows came, so something was committed. */
  void moved() {
    looked = false;
    lasts = false;
  }

  /** Whether it has lasted for longer than a cluster that is well would rest. */
  boolean lasts() {
    return lasts;
  }
}
