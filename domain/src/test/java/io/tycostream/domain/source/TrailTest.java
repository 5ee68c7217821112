package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.upstream.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where a stream was at some moment of the gateway's time, as far as that is remembered. */
final class TrailTest {

  private static final Instant START = Instant.EPOCH;

  @Test
  void itIsWhereItWasAtTheLastMarkBefore() {
    Trail trail = new Trail(Duration.ofSeconds(10));
    assertEquals(Optional.empty(), trail.lastBefore(START, "e"));
    pass(trail, 0, 2_000, 4_000);
    assertEquals(Optional.empty(), trail.lastBefore(START.minusNanos(1), "e"));
    assertStood(trail, 0, 0);
    assertStood(trail, 0, 1_999);
    assertStood(trail, 2_000, 2_000);
    assertStood(trail, 4_000, 99_000);
  }

  @Test
  void ofAnotherHistoryNothingIsKnown() {
    Trail trail = new Trail(Duration.ofSeconds(10));
    pass(trail, 0);
    trail.pass(new Checkpoint("f", 7), START.plusSeconds(2));
    assertStood(trail, 0, 1_000);
    assertEquals(Optional.of(new Checkpoint("f", 7)), trail.lastBefore(START.plusSeconds(2), "f"));
    assertEquals(Optional.empty(), trail.lastBefore(START.plusSeconds(2), "e"));
    assertEquals(Optional.empty(), trail.lastBefore(START, "f"));
  }

  @Test
  void ofAShortSpanThereIsAMarkASecond() {
    Trail trail = new Trail(Duration.ofSeconds(511));
    pass(trail, 0, 999, 1_000, 1_999, 2_000);
    assertStood(trail, 0, 999);
    assertStood(trail, 1_000, 1_999);
    assertStood(trail, 2_000, 2_000);
  }

  @Test
  void ofALongSpanThereAreFiveHundredAndTwelveMarks() {
    Trail trail = new Trail(Duration.ofSeconds(5_120));
    pass(trail, 0, 9_999, 10_000, 19_999, 20_000);
    assertStood(trail, 0, 9_999);
    assertStood(trail, 10_000, 19_999);
    assertStood(trail, 20_000, 20_000);
  }

  /** The one before stays: it says where the stream was at the beginning of the span. */
  @Test
  void whatIsOlderThanTheSpanIsForgottenButForOne() {
    Trail trail = new Trail(Duration.ofSeconds(10));
    pass(trail, 0, 2_000, 4_000);
    pass(trail, 12_000);
    assertEquals(Optional.empty(), trail.lastBefore(START.plusMillis(1_999), "e"));
    assertStood(trail, 2_000, 2_000);
    pass(trail, 13_999);
    assertStood(trail, 2_000, 3_999);
  }

  /** It is where the milliseconds say. */
  private static void pass(Trail trail, long... milliseconds) {
    for (long each : milliseconds) {
      trail.pass(new Checkpoint("e", each), START.plusMillis(each));
    }
  }

  private static void assertStood(Trail trail, long where, long when) {
    assertEquals(
        Optional.of(new Checkpoint("e", where)), trail.lastBefore(START.plusMillis(when), "e"));
  }
}
