package io.tycostream.domain.backoff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;

final class BackoffProperties {

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void aVaryingWaitIsWithinItsBoundsForEveryAttempt(
      @ForAll("durations") Duration one,
      @ForAll("durations") Duration other,
      @ForAll @DoubleRange(min = 1, max = 1e6) double factor,
      @ForAll @DoubleRange(max = 1, maxIncluded = false) double jitter,
      @ForAll int attempt,
      @ForAll("chances") double chance) {
    Duration initial = shorter(one, other);
    Duration max = longer(one, other);
    Backoff backoff = Backoff.exponential(initial, max, factor, jitter);
    Duration wait = backoff.delay(attempt, chance);
    assertTrue(wait.compareTo(max) <= 0, () -> wait + " > " + max);
    assertTrue(wait.toNanos() >= Math.floor(initial.toNanos() * (1 - jitter)), wait + "");
    assertEquals(backoff.delay(Math.max(0, attempt), chance), wait);
    assertNear(
        Math.min(
            (double) max.toNanos(),
            Math.min(
                    (double) max.toNanos(),
                    initial.toNanos() * Math.pow(factor, Math.max(0, attempt)))
                * (1 + jitter * (2 * chance - 1))),
        wait);
  }

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void aScatteredWaitIsWithinItsWindowForEveryAttempt(
      @ForAll("durations") Duration one,
      @ForAll("durations") Duration other,
      @ForAll int attempt,
      @ForAll("chances") double chance) {
    Duration min = shorter(one, other);
    Duration max = longer(one, other);
    Duration wait = Backoff.fullJitter(min, max).delay(attempt, chance);
    assertTrue(wait.compareTo(min) >= 0, () -> wait + " < " + min);
    assertTrue(wait.compareTo(max) <= 0, () -> wait + " > " + max);
    double window =
        Math.min((double) max.toNanos(), min.toNanos() * Math.pow(2, Math.max(0, attempt) + 1.0));
    assertNear(min.toNanos() + chance * (window - min.toNanos()), wait);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void thereIsNoShorterWaitAfterMoreAttempts(
      @ForAll("attempts") int attempt, @ForAll("chances") double chance) {
    for (Backoff backoff : new Backoff[] {Backoff.DATABASE, Backoff.CLIENT}) {
      assertTrue(backoff.delay(attempt, chance).compareTo(backoff.delay(attempt + 1, chance)) <= 0);
    }
  }

  @Property(tries = 400)
  void everyChanceHasAnAnswer(@ForAll int attempt, @ForAll("anyDouble") double chance) {
    double counted = chance >= 0 ? Math.min(chance, Math.nextDown(1.0)) : 0;
    for (Backoff backoff : new Backoff[] {Backoff.DATABASE, Backoff.CLIENT}) {
      assertEquals(backoff.delay(attempt, counted), backoff.delay(attempt, chance));
    }
  }

  @Example
  void theDefaultsAreTheOnesThatWerePromised() {
    assertEquals(Duration.ofMillis(90), Backoff.DATABASE.delay(0, 0));
    assertEquals(Duration.ofMillis(100), Backoff.DATABASE.delay(0, 0.5));
    assertEquals(Duration.ofMillis(800), Backoff.DATABASE.delay(3, 0.5));
    assertEquals(Duration.ofSeconds(30), Backoff.DATABASE.delay(9, 0.5));
    assertEquals(Duration.ofMillis(500), Backoff.CLIENT.delay(0, 0));
    assertEquals(Duration.ofMillis(750), Backoff.CLIENT.delay(0, 0.5));
    assertEquals(Duration.ofMillis(10_250), Backoff.CLIENT.delay(50, 0.5));
  }

  @Example
  void everyNumberOfAttemptsHasAnAnswer() {
    for (double chance : new double[] {0, Math.nextDown(1.0)}) {
      for (int few : new int[] {Integer.MIN_VALUE, -1, 0}) {
        assertEquals(Backoff.DATABASE.delay(0, chance), Backoff.DATABASE.delay(few, chance));
      }
      for (int many : new int[] {1_000, 100_000, Integer.MAX_VALUE}) {
        assertEquals(Backoff.CLIENT.delay(100, chance), Backoff.CLIENT.delay(many, chance));
      }
    }
    Duration noDouble = Duration.ofNanos((1L << 53) + 3); // as a double it would be longer
    assertEquals(noDouble, Backoff.exponential(noDouble, noDouble, 1, 0).delay(0, 0.5));
    assertEquals(Duration.ofSeconds(30), Backoff.DATABASE.delay(Integer.MAX_VALUE, 0.5));
  }

  @Example
  void whatIsNoBackoffIsRefused() {
    Duration ms = Duration.ofMillis(1);
    Duration[][] bad = {{Duration.ZERO, ms}, {ms.negated(), ms}, {ms.multipliedBy(2), ms}};
    for (Duration[] bounds : bad) {
      assertThrows(IllegalArgumentException.class, () -> Backoff.fullJitter(bounds[0], bounds[1]));
    }
    for (double factor : new double[] {0.99, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> Backoff.exponential(ms, ms, factor, 0));
    }
    for (double jitter : new double[] {-0.1, 1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> Backoff.exponential(ms, ms, 2, jitter));
    }
  }

  private static void assertNear(double nanos, Duration wait) {
    assertEquals(nanos, (double) wait.toNanos(), 2 + nanos / 1e12);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  @Provide
  Arbitrary<Duration> durations() {
    return Arbitraries.longs().between(1, Duration.ofDays(400).toNanos()).map(Duration::ofNanos);
  }

  @Provide
  Arbitrary<Integer> attempts() {
    return Arbitraries.integers().between(-3, 100);
  }

  @Provide
  Arbitrary<Double> chances() {
    return Arbitraries.doubles().between(0, true, 1, false).ofScale(9);
  }

  @Provide
  Arbitrary<Double> anyDouble() {
    return Arbitraries.oneOf(
        Arbitraries.doubles(),
        Arbitraries.of(
            Double.NaN,
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            -Double.MIN_VALUE,
            -0.0,
            1.0,
            Math.nextUp(1.0)));
  }
}
