package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Pace pace = new Pace();

  @Test
  void aSocketThatIsWaitedForNearlyAllOfTheTimeTakesTooLittle() {
    assertFalse(pace.takesTooLittle(START));
    pace.wrote(at(0), at(750));
    assertFalse(pace.takesTooLittle(at(999)), "judged once a second");
    assertTrue(pace.takesTooLittle(at(1_000)));
    pace.wrote(at(1_000), at(1_749));
    assertTrue(pace.takesTooLittle(at(1_900)), "as it was judged last");
    assertFalse(pace.takesTooLittle(at(2_000)));
  }

  @Test
  void oneLongWriteIsEnough() {
    assertFalse(pace.takesTooLittle(START));
    pace.wrote(at(10), at(20_000));
    assertTrue(pace.takesTooLittle(at(20_000)));
  }

  @Test
  void manyShortWritesAreNone() {
    assertFalse(pace.takesTooLittle(START));
    for (int i = 0; i < 1_000; i += 2) {
      pace.wrote(at(i), at(i + 1));
    }
    assertFalse(pace.takesTooLittle(at(1_000)));
  }

  private static Instant at(long millis) {
    return START.plusMillis(millis);
  }
}
