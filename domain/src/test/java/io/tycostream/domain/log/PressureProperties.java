package io.tycostream.domain.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.log.Pressure.Fill;
import io.tycostream.domain.log.Pressure.Judged;
import io.tycostream.domain.log.Pressure.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class PressureProperties {

  private static final Instant START = Instant.EPOCH;
  private static final Duration SUSTAINED = Duration.ofSeconds(30);

  /** A measurement of a buffer of 1000, so much later. */
  record Measured(int buffered, boolean slow, int later) {}

  @Property(tries = 2_000)
  void tellsWhatANaiveOnlookerTells(@ForAll("measured") List<Measured> all) {
    Pressure pressure = Pressure.none(START);
    Instant now = START;
    Level level = Level.NORMAL;
    Instant since = START;
    Instant slow = null;
    for (Measured each : all) {
      now = now.plusSeconds(each.later);
      Fill fill = new Fill(each.buffered, 1_000, each.slow);
      Judged judged = pressure.measured(fill, Buffer.DEFAULT, SUSTAINED, now);
      double share = each.buffered / 1_000.0;
      boolean critical = share >= 0.95;
      boolean warn = share >= 0.8;
      boolean nearlyCritical = share >= 0.95 * 0.9;
      boolean nearlyWarn = share >= 0.8 * 0.9;
      Level lower = nearlyWarn ? Level.WARN : Level.NORMAL;
      Level next =
          switch (level) {
            case NORMAL -> critical ? Level.CRITICAL : warn ? Level.WARN : Level.NORMAL;
            case WARN -> critical ? Level.CRITICAL : lower;
            case CRITICAL -> nearlyCritical ? Level.CRITICAL : lower;
          };
      assertEquals(next == level ? Optional.empty() : Optional.of(next), judged.tell());
      since = next == level ? since : now;
      level = next;
      slow = !each.slow ? null : slow == null && each.buffered >= 950 ? now : slow;
      boolean tooLong = slow != null && Duration.between(slow, now).toSeconds() >= 30;
      assertEquals(tooLong && each.buffered >= 950, judged.disconnect());
      pressure = judged.next();
      assertEquals(new Pressure(level, since, Optional.ofNullable(slow)), pressure);
      Optional<Instant> deadline = pressure.deadline(SUSTAINED, now);
      assertEquals(slow != null && !tooLong, deadline.isPresent());
      assertTrue(deadline.filter(now::isBefore).isPresent() || deadline.isEmpty());
    }
  }

  @Property
  void aBufferAroundAThresholdIsToldOnceWhateverTheThresholds(
      @ForAll("thresholds") Buffer buffer, @ForAll("measured") List<Measured> all) {
    Pressure pressure = Pressure.none(START);
    int told = 0;
    for (Measured each : all) {
      // Within a tenth below the critical threshold and everything above it.
      long buffered = (long) Math.ceil(buffer.disconnectAt() * (900 + each.buffered / 5.0)) + 1;
      Judged judged = pressure.measured(new Fill(buffered, 1_000, false), buffer, SUSTAINED, START);
      told += judged.tell().isPresent() ? 1 : 0;
      assertFalse(judged.disconnect());
      pressure = judged.next();
    }
    assertTrue(told <= 2, told + " times");
  }

  @Example
  void aSlowSocketIsForgivenWhenItTakesEnoughAgainAndNotWhenAPolicyEmptiesTheBuffer() {
    Pressure pressure = Pressure.none(START);
    pressure = step(pressure, 950, true, 0).next();
    assertEquals(Optional.of(START.plus(SUSTAINED)), pressure.deadline(SUSTAINED, START));
    pressure = step(pressure, 500, true, 10).next();
    assertFalse(step(pressure, 949, true, 30).disconnect());
    assertFalse(step(pressure, 1_000, true, 29).disconnect());
    assertTrue(step(pressure, 950, true, 30).disconnect());
    pressure = step(pressure, 1_000, false, 29).next();
    assertFalse(step(pressure, 1_000, true, 31).disconnect());
    assertFalse(step(pressure, 1_000, false, 9_999).disconnect());
  }

  @Example
  void aBufferThatHoldsOneIsFullOrEmpty() {
    Judged full =
        Pressure.none(START).measured(new Fill(1, 1, true), Buffer.DEFAULT, SUSTAINED, START);
    assertEquals(Optional.of(Level.CRITICAL), full.tell());
    Judged empty = full.next().measured(new Fill(0, 1, true), Buffer.DEFAULT, SUSTAINED, START);
    assertEquals(Optional.of(Level.NORMAL), empty.tell());
    assertEquals("critical", Level.CRITICAL.wire());
    assertThrows(IllegalArgumentException.class, () -> new Fill(0, 0, false));
    assertThrows(IllegalArgumentException.class, () -> new Fill(-1, 1, false));
  }

  @Example
  void timeThatGoesBackEndsNothing() {
    Pressure pressure = step(Pressure.none(START), 1_000, true, 100).next();
    assertFalse(step(pressure, 1_000, true, -500).disconnect());
  }

  private static Judged step(Pressure pressure, int buffered, boolean slow, int second) {
    return pressure.measured(
        new Fill(buffered, 1_000, slow), Buffer.DEFAULT, SUSTAINED, START.plusSeconds(second));
  }

  @Provide
  Arbitrary<List<Measured>> measured() {
    Arbitrary<Integer> buffered =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 1_100),
            Arbitraries.of(719, 720, 721, 799, 800, 801, 854, 855, 856, 949, 950, 951));
    return Combinators.combine(
            buffered, Arbitraries.of(true, true, false), Arbitraries.integers().between(0, 16))
        .as(Measured::new)
        .list()
        .ofMaxSize(40);
  }

  @Provide
  Arbitrary<Buffer> thresholds() {
    return Combinators.combine(
            Arbitraries.doubles().between(0.1, 1), Arbitraries.doubles().between(0.1, 1))
        .as((one, other) ->
            new Buffer(
                1_000,
                DropPolicy.DROP_OLDEST,
                Math.min(one, other),
                Math.max(one, other),
                Duration.ofSeconds(1),
                1));
  }
}
