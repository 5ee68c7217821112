package io.tycostream.adapters.db.risingwave;

import java.util.concurrent.locks.LockSupport;

/** Waits again and again for a server that is a little behind, and not for ever. */
final class Patience {

  private final Pace pace;
  private final long began = System.nanoTime();

  Patience(Pace pace) {
    this.pace = pace;
  }

  /** Waits a little; does not, and returns false, when it took too long already. */
  boolean rest() {
    if (System.nanoTime() - began >= pace.skewPatience().toNanos()) {
      return false;
    }
    LockSupport.parkNanos(pace.skewRetry().toNanos());
    return !Thread.currentThread().isInterrupted();
  }
}
