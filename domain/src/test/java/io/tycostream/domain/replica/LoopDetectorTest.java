package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.backoff.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LoopDetectorTest {

  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final Backoff PAUSE =
      Backoff.exponential(Duration.ofSeconds(5), Duration.ofSeconds(60), 2, 0);
  private static final Instant START = Instant.parse("2026-11-21T20:45:16Z");

  @Test
  void oneFreshStartMoreThanTheLimitWithinTheWindowIsALoop() {
    LoopDetector detector = detector(2, 100);
    assertEquals(Optional.empty(), start(detector, Duration.ZERO));
    assertEquals(Optional.empty(), start(detector, Duration.ofSeconds(5)));
    assertEquals(seconds(5), start(detector, WINDOW));
  }

  @Test
  void aFreshStartLongerAgoThanTheWindowDoesNotCount() {
    LoopDetector detector = detector(2, 100);
    start(detector, Duration.ZERO);
    start(detector, Duration.ofSeconds(5));
    assertEquals(Optional.empty(), start(detector, WINDOW.plusNanos(1)));
    assertEquals("2 fresh starts, 2 since the last batch", detector.toString());
    assertEquals(seconds(5), start(detector, WINDOW.plusNanos(2)));
  }

  @Test
  void asManyInARowAsTheLimitSaysAreALoop() {
    LoopDetector detector = detector(100, 3);
    assertEquals(Optional.empty(), start(detector, Duration.ZERO));
    assertEquals(Optional.empty(), start(detector, Duration.ZERO));
    assertEquals(seconds(5), start(detector, WINDOW));
  }

  @Test
  void aBatchBetweenBeginsTheRowAnew() {
    LoopDetector detector = detector(100, 3);
    start(detector, Duration.ZERO);
    start(detector, Duration.ZERO);
    detector.applied();
    assertEquals("2 fresh starts, 0 since the last batch", detector.toString());
    assertEquals(Optional.empty(), start(detector, Duration.ZERO));
    assertEquals(Optional.empty(), start(detector, Duration.ZERO));
    assertEquals(seconds(5), start(detector, Duration.ZERO));
  }

  @Test
  void aRowIsNoLongerThanTheWindow() {
    LoopDetector detector = detector(100, 3);
    start(detector, Duration.ZERO);
    start(detector, Duration.ZERO);
    assertEquals(Optional.empty(), start(detector, WINDOW.plusNanos(1)));
    assertEquals("1 fresh starts, 1 since the last batch", detector.toString());
  }

  @Test
  void pausesGrowUntilAWholeWindowWentByWithoutOne() {
    LoopDetector detector = detector(100, 1);
    assertEquals(seconds(5), start(detector, Duration.ZERO));
    assertEquals(seconds(10), start(detector, WINDOW));
    assertEquals(seconds(20), start(detector, WINDOW.multipliedBy(2)));
    assertEquals(seconds(5), start(detector, WINDOW.multipliedBy(3).plusNanos(1)));
    assertEquals(seconds(10), start(detector, WINDOW.multipliedBy(3).plusNanos(2)));
  }

  @Test
  void noMoreMomentsAreKeptThanTheLimitNeeds() {
    LoopDetector detector = detector(2, 100);
    for (int i = 0; i < 50; i++) {
      start(detector, Duration.ZERO);
    }
    assertEquals("3 fresh starts, 3 since the last batch", detector.toString());
  }

  private static LoopDetector detector(int resyncs, int withoutBatch) {
    return new LoopDetector(new LoopLimits(resyncs, withoutBatch, WINDOW, PAUSE));
  }

  private static Optional<Duration> start(LoopDetector detector, Duration after) {
    return detector.beganAnew(START.plus(after), 0.5);
  }

  private static Optional<Duration> seconds(int seconds) {
    return Optional.of(Duration.ofSeconds(seconds));
  }
}
