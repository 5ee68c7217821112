package io.tycostream.archfixture.domain.bad;

import java.time.Clock;
import java.time.Instant;

final class Asks {
  Instant time(Clock clock) {
    return clock.instant();
  }
}
