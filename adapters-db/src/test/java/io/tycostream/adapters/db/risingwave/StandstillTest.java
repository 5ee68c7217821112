package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandstillTest {

  private static long nanos(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  /** Five heartbeats, and three looks. */
  @ParameterizedTest
  @CsvSource({"5000, 5000, 25000", "100, 5000, 15000", "1000, 0, 5000"})
  void shouldNotLastBeforeSeveralHeartbeatsAndSeveralLooks(long beat, long look, long bound) {
    for (long origin : new long[] {0, Long.MAX_VALUE - nanos(bound / 2)}) { // nanoTime goes round
      Standstill standstill = new Standstill(Duration.ofMillis(beat), Duration.ofMillis(look));
      standstill.seen(7, origin);
      assertFalse(standstill.lasts());
      standstill.seen(7, origin + nanos(bound) - 1);
      assertFalse(standstill.lasts());
      standstill.seen(7, origin + nanos(bound));
      assertTrue(standstill.lasts());
      standstill.seen(8, origin + nanos(bound) + 1);
      assertFalse(standstill.lasts());
      standstill.seen(8, origin + nanos(2 * bound) + 1);
      assertTrue(standstill.lasts());
      standstill.moved();
      assertFalse(standstill.lasts());
      standstill.seen(8, origin + nanos(3 * bound));
      assertFalse(standstill.lasts(), "it is looked at anew");
    }
  }

  @Test
  void shouldNeverLastWhereSomethingIsCommittedEachSecondHoweverSeldomItIsLookedAt() {
    Standstill standstill = new Standstill(Duration.ofMillis(1), Duration.ZERO);
    for (int minute = 0; minute < 100; minute++) {
      standstill.seen(minute * 60_000L, nanos(minute * 60_000L));
      assertFalse(standstill.lasts());
    }
  }
}
