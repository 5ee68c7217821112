package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.session.RequestRate.Taken;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class RequestRateProperties {

  private static final Instant START = Instant.EPOCH;
  private static final BigInteger TOKEN = BigInteger.valueOf(1_000_000_000);

  /** Counts with numbers that have no end. */
  private static final class Naive {
    private final BigInteger rate;
    private final BigInteger full;
    private BigInteger level;
    private Instant last = START;
    private Optional<Instant> over = Optional.empty();

    Naive(int perSecond, int burst) {
      this.rate = BigInteger.valueOf(perSecond);
      this.full = BigInteger.valueOf(burst).multiply(TOKEN);
      this.level = full;
    }

    /** The pause, and whether it is too much. */
    Map.Entry<BigInteger, Boolean> take(Instant now) {
      if (now.isAfter(last)) {
        Duration passed = Duration.between(last, now);
        BigInteger nanos =
            BigInteger.valueOf(passed.getSeconds())
                .multiply(TOKEN)
                .add(BigInteger.valueOf(passed.getNano()));
        level = level.add(nanos.multiply(rate)).min(full);
        last = now;
      }
      level = level.subtract(TOKEN).max(full.negate());
      if (level.signum() >= 0) {
        over = Optional.empty();
        return Map.entry(BigInteger.ZERO, false);
      }
      over = Optional.of(over.orElse(last));
      BigInteger pause = level.negate().add(rate).subtract(BigInteger.ONE).divide(rate);
      boolean tooMany = Duration.between(over.get(), last).compareTo(Duration.ofSeconds(10)) >= 0;
      return Map.entry(pause, tooMany);
    }
  }

  @Property(tries = 2_000)
  void answersAsOneThatCountsWithoutEnd(
      @ForAll("numbers") int perSecond,
      @ForAll("numbers") int burst,
      @ForAll("steps") List<Duration> steps) {
    RequestRate rate = RequestRate.begin(perSecond, burst, START);
    Naive naive = new Naive(perSecond, burst);
    Instant now = START;
    for (Duration step : steps) {
      now = now.plus(step);
      Taken taken = rate.take(now);
      var expected = naive.take(now);
      assertEquals(expected.getKey(), BigInteger.valueOf(taken.pause().toNanos()));
      assertEquals(expected.getValue(), taken.tooMany());
      rate = taken.next();
    }
  }

  @Property
  void whoReadsSlowerGetsExactlyTheRateAndWhoNeverStopsIsClosedAfterTenSeconds(
      @ForAll @IntRange(min = 1, max = 100) int perSecond,
      @ForAll @IntRange(min = 1, max = 60) int burst) {
    RequestRate rate = RequestRate.begin(perSecond, burst, START);
    Instant now = START;
    int served = 0;
    Taken taken;
    do {
      taken = rate.take(now);
      rate = taken.next();
      now = now.plus(taken.pause());
      if (!taken.tooMany()) {
        served++;
      }
      Duration passed = Duration.between(START, now);
      assertTrue(served <= burst + passed.toNanos() * perSecond / 1e9 + 1e-6);
    } while (!taken.tooMany());
    Duration passed = Duration.between(START, rate.at());
    assertTrue(passed.compareTo(Duration.ofSeconds(10)) >= 0);
    assertTrue(passed.compareTo(Duration.ofSeconds(12)) <= 0);
    assertTrue(served >= burst + 10 * perSecond - 1, served + "");
  }

  @Example
  void theBurstIsFreeAndOneMoreWaitsForItsToken() {
    RequestRate rate = RequestRate.begin(50, 150, START);
    for (int i = 0; i < 150; i++) {
      Taken taken = rate.take(START);
      assertEquals(Duration.ZERO, taken.pause());
      rate = taken.next();
    }
    Taken over = rate.take(START);
    assertEquals(Duration.ofMillis(20), over.pause());
    assertFalse(over.tooMany());
    Taken within = over.next().take(START.plusMillis(40));
    assertEquals(Duration.ZERO, within.pause());
    assertEquals(Optional.empty(), within.next().overSince());
  }

  @Example
  void tenSecondsOverTheRateAreTooMuchAndNotANanosecondLess() {
    RequestRate rate = RequestRate.begin(1, 20, START);
    for (int i = 0; i < 40; i++) {
      rate = rate.take(START).next();
    }
    Instant end = START.plusSeconds(10);
    assertFalse(rate.take(end.minusNanos(1)).tooMany());
    assertTrue(rate.take(end).tooMany());
  }

  @Example
  void acksAreFree() {
    assertFalse(RequestRate.counts(new ClientMessage.Ack(1, "p")));
    assertTrue(RequestRate.counts(new ClientMessage.Ping(Optional.empty())));
    assertTrue(
        RequestRate.counts(new ClientMessage.Unsubscribe(Optional.of("a"), OptionalInt.empty())));
    assertTrue(RequestRate.counts(new ClientMessage.Subscribe("a", "b", Optional.empty())));
    assertTrue(
        RequestRate.counts(
            new ClientMessage.Hello(
                Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), false)));
  }

  @Example
  void refusesNoRateAtAll() {
    assertThrows(IllegalArgumentException.class, () -> RequestRate.begin(0, 1, START));
    assertThrows(IllegalArgumentException.class, () -> RequestRate.begin(1, 0, START));
  }

  @Provide
  Arbitrary<Integer> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 7),
        Arbitraries.integers().between(1, Integer.MAX_VALUE),
        Arbitraries.of(50, 150, Integer.MAX_VALUE));
  }

  @Provide
  Arbitrary<List<Duration>> steps() {
    return Arbitraries.oneOf(
            Arbitraries.longs().between(-5, 5).map(Duration::ofNanos),
            Arbitraries.longs().between(-10, 400).map(Duration::ofMillis),
            Arbitraries.of(
                Duration.ZERO,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10).minusNanos(1),
                Duration.ofDays(-3),
                Duration.ofDays(400_000)))
        .list()
        .ofMaxSize(60);
  }
}
