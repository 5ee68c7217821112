package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.upstream.Endpoints.Breaker;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The endpoints compared with an array of times, searched the naive way. */
final class EndpointsProperties {

  private static final Instant START = Instant.EPOCH;
  private static final Checkpoint OURS = new Checkpoint("e", Long.MIN_VALUE);

  sealed interface Deed {
    record Fail(int millis) implements Deed {}

    record Open() implements Deed {}

    record Choose() implements Deed {}
  }

  record At(int millisLater, Deed deed) {}

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void choosesAsANaiveSearchWould(
      @ForAll @IntRange(min = 1, max = 4) int count, @ForAll("deeds") List<At> deeds) {
    Endpoints endpoints =
        Endpoints.of(IntStream.range(0, count).mapToObj(Integer::toString).toList());
    long[] openUntil = new long[count]; // millis; -1 for closed
    Arrays.fill(openUntil, -1);
    int[] failures = new int[count];
    long clock = 0;
    for (At at : deeds) {
      clock += at.millisLater;
      Instant now = START.plusMillis(clock);
      int current = endpoints.current();
      switch (at.deed) {
        case Deed.Fail(int millis) -> {
          endpoints = endpoints.failed(now.plusMillis(millis));
          openUntil[current] = clock + millis;
          failures[current]++;
        }
        case Deed.Open open -> {
          endpoints = endpoints.opened();
          openUntil[current] = -1;
          failures[current] = 0;
        }
        case Deed.Choose choose -> {
          Endpoints.Choice next = endpoints.next(now);
          int expected = naive(openUntil, clock);
          assertEquals(expected, next.endpoint());
          assertEquals(START.plusMillis(Math.max(clock, openUntil[expected])), next.at());
          endpoints = endpoints.at(next.endpoint());
        }
      }
      for (int i = 0; i < count; i++) {
        assertEquals(failures[i], endpoints.all().get(i).failures());
        assertEquals(breaker(openUntil[i], clock), endpoints.breaker(i, now));
      }
    }
  }

  private static int naive(long[] openUntil, long clock) {
    for (int i = 0; i < openUntil.length; i++) {
      if (breaker(openUntil[i], clock) == Breaker.CLOSED) {
        return i;
      }
    }
    int soonest = 0;
    for (int i = 1; i < openUntil.length; i++) {
      soonest = openUntil[i] < openUntil[soonest] ? i : soonest;
    }
    return soonest;
  }

  private static Breaker breaker(long openUntil, long clock) {
    if (openUntil < 0) {
      return Breaker.CLOSED;
    }
    return clock < openUntil ? Breaker.OPEN : Breaker.HALF_OPEN;
  }

  /** A probe every so many seconds; what it finds in the first endpoint. */
  enum Found {
    WELL(Optional.of(OURS)),
    AHEAD(Optional.of(new Checkpoint("e", -1))),
    BEHIND(Optional.of(new Checkpoint("e", Long.MAX_VALUE))),
    ELSEWHERE(Optional.of(new Checkpoint("other", -1))),
    DOWN(Optional.empty());

    private final Optional<Checkpoint> present;

    Found(Optional<Checkpoint> present) {
      this.present = present;
    }

    boolean well() {
      return this == WELL || this == AHEAD;
    }
  }

  record Probe(int secondsLater, Found found) {}

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void theFirstIsBackAfterFiveMinutesInWhichEachProbeFoundItWell(
      @ForAll("probes") List<Probe> probes) {
    Endpoints endpoints = Endpoints.of(List.of("a", "b")).failed(START.plusSeconds(1)).at(1);
    long clock = 0;
    long wellSince = -1;
    for (Probe probe : probes) {
      clock += probe.secondsLater;
      Instant now = START.plusSeconds(clock);
      endpoints =
          endpoints.firstProbed(new EndpointProbed(0, probe.found.present, Optional.of(OURS)), now);
      if (!probe.found.well()) {
        wellSince = -1;
      } else if (wellSince < 0 || probe.secondsLater > 30) {
        wellSince = clock;
      }
      assertEquals(wellSince >= 0 && clock - wellSince >= 300, endpoints.firstIsBack());
      if (probe.found.well()) {
        assertEquals(Breaker.CLOSED, endpoints.breaker(0, now));
      } else if (probe.found == Found.DOWN) {
        assertEquals(Breaker.OPEN, endpoints.breaker(0, now));
      }
    }
  }

  @Example
  void anEndpointIsWaitedForNoLongerThanItsPatience() {
    Endpoints fresh = Endpoints.of(List.of("a"));
    assertFalse(fresh.isBehindForLong(START));
    Endpoints behind = fresh.behind(START);
    Instant end = START.plus(Endpoints.LAG_PATIENCE);
    assertFalse(behind.isBehindForLong(end.minusNanos(1)));
    assertTrue(behind.isBehindForLong(end));
    assertTrue(behind.behind(end).isBehindForLong(end), "still since the first time");
    assertFalse(behind.failed(end).isBehindForLong(end), "another failure is another story");
    assertFalse(behind.opened().isBehindForLong(end));
  }

  @Property(tries = 200)
  void withoutKnowledgeTheFirstIsTriedAtOnce(
      @ForAll @Size(min = 1, max = 5) List<String> names, @ForAll @IntRange(max = 4) int failed) {
    Endpoints known =
        Endpoints.of(names).at(failed % names.size()).failed(START.plus(Duration.ofDays(1)));
    assertEquals(Endpoints.of(names), known.afresh());
    assertEquals(new Endpoints.Choice(0, START), known.afresh().next(START));
  }

  @Example
  void withoutAnEndpointThereIsNoDatabase() {
    assertThrows(IllegalArgumentException.class, () -> Endpoints.of(List.of()));
    assertThrows(IllegalArgumentException.class, () -> Endpoints.of(List.of("a")).at(1));
    assertThrows(IllegalArgumentException.class, () -> Endpoints.of(List.of("a")).at(-1));
  }

  @Provide
  Arbitrary<List<At>> deeds() {
    Arbitrary<Deed> deeds =
        Arbitraries.oneOf(
            Arbitraries.integers().between(1, 2_000).map(Deed.Fail::new),
            Arbitraries.just(new Deed.Open()),
            Arbitraries.just(new Deed.Choose()),
            Arbitraries.just(new Deed.Choose()));
    return Combinators.combine(Arbitraries.integers().between(0, 700), deeds)
        .as(At::new)
        .list()
        .ofMaxSize(60);
  }

  @Provide
  Arbitrary<List<Probe>> probes() {
    Arbitrary<Probe> well =
        Combinators.combine(
                Arbitraries.integers().between(10, 31), Arbitraries.of(Found.WELL, Found.AHEAD))
            .as(Probe::new);
    Arbitrary<Probe> any =
        Combinators.combine(Arbitraries.integers().between(10, 40), Arbitraries.of(Found.class))
            .as(Probe::new);
    return Arbitraries.frequencyOf(Tuple.of(40, well), Tuple.of(1, any))
        .list()
        .ofMinSize(20)
        .ofMaxSize(60);
  }
}
