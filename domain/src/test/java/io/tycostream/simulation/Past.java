package io.tycostream.simulation;

import java.time.Duration;

/**
 * What a database is asked to tell of the time before a gateway was started.
 *
 * @param isKept whether it can tell anything of it
 * @param wanted how far back the gateway wants to go
 */
record Past(boolean isKept, Duration wanted) {

  long wantedMicros() {
    return wanted.toNanos() / 1_000;
  }
}
