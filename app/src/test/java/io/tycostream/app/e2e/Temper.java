package io.tycostream.app.e2e;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** How a program takes what it is told: called by its listener, by one thread at a time. */
final class Temper {

  enum Kind {
    QUICK,
    /** Takes its time, now and then. */
    SLOW,
    /** Throws, now and then. */
    THROWING,
    /** Does not return before more has broken, now and then. */
    BLOCKING
  }

  private static final long SLOWEST_NANOS = Duration.ofMillis(60).toNanos();

  private final Kind kind;
  private final SplittableRandom random;
  private final Weather weather;
  private final AtomicLong thrown = new AtomicLong();
  private final AtomicLong blocked = new AtomicLong();

  Temper(Kind kind, long seed, Weather weather) {
    this.kind = kind;
    this.random = new SplittableRandom(seed);
    this.weather = weather;
  }

  /** Thrown on purpose. */
  static final class Outburst extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Outburst() {
      super("on purpose", null, false, false);
    }
  }

  /** Behaves. */
  void let() {
    switch (kind) {
      case QUICK -> {}
      case SLOW -> {
        if (random.nextInt(20) == 0) {
          LockSupport.parkNanos(random.nextLong(SLOWEST_NANOS));
        }
      }
      case THROWING -> {
        if (random.nextInt(20) == 0) {
          thrown.incrementAndGet();
          throw new Outburst();
        }
      }
      case BLOCKING -> {
        if (random.nextInt(30) == 0) {
          blocked.incrementAndGet();
          weather.awaitFaults(1 + random.nextInt(3));
        }
      }
    }
  }

  /** A number below this one. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  long thrown() {
    return thrown.get();
  }

  long blocked() {
    return blocked.get();
  }
}
