package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.session.Acks.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

final class AcksProperties {

  private static final Instant START = Instant.EPOCH;

  /** What happens. */
  sealed interface Deed {
    /** Something is sent, so much further, so much later. */
    record Send(int further, int changes, int later) implements Deed {}

    /** A position is acknowledged, so far from the last that was sent; of an epoch so far back. */
    record Ack(int from, int epochsBack) implements Deed {}

    /** The source is reset. */
    record Reset() implements Deed {}
  }

  private record Sent(Position position, long changes, Instant at) {}

  /** Remembers everything, for ever. */
  private static final class Naive {
    private final List<Sent> sent = new ArrayList<>();
    private final List<Position> acked = new ArrayList<>();
    private int epoch;
    private long time;
    private long total;

    Position position(int epochsBack, long at) {
      return new Position("e" + (epoch - epochsBack), at, "print");
    }

    boolean isAcked(Sent each) {
      return acked.stream().anyMatch(ack -> !each.position().isAfter(ack));
    }

    long lag() {
      return sent.stream().filter(each -> !isAcked(each)).mapToLong(Sent::changes).sum();
    }

    Duration lagTime(Instant now) {
      return sent.stream()
          .filter(each -> !isAcked(each) && each.changes() > 0)
          .findFirst()
          .map(each -> Duration.between(each.at(), now))
          .orElse(Duration.ZERO);
    }
  }

  @Property(tries = 2_000)
  void isExactWhileItRemembersAllAndNeverTooLittle(
      @ForAll("deeds") List<Deed> deeds, @ForAll @IntRange(min = 2, max = 9) int capacity) {
    Acks exact = new Acks(1_000);
    Acks small = new Acks(capacity);
    Naive naive = new Naive();
    Instant now = START;
    int largest = 0;
    OptionalInt firstEpoch = OptionalInt.empty();
    for (Deed deed : deeds) {
      switch (deed) {
        case Deed.Send(int further, int changes, int later) -> {
          now = now.plusMillis(later);
          naive.time += further;
          largest = Math.max(largest, changes);
          Position position = naive.position(0, naive.time);
          naive.sent.add(new Sent(position, changes, now));
          naive.total += changes;
          exact.sent(position, changes, now);
          small.sent(position, changes, now);
          firstEpoch = OptionalInt.of(firstEpoch.orElse(naive.epoch));
        }
        case Deed.Ack(int from, int epochsBack) -> {
          Position position = naive.position(epochsBack, Math.max(0, naive.time + from));
          Outcome expected = expected(naive, position, epochsBack, firstEpoch);
          assertEquals(expected, exact.acked(position));
          assertEquals(expected, small.acked(position));
          if (expected == Outcome.ADVANCED) {
            naive.acked.add(position);
          }
        }
        case Deed.Reset reset -> {
          // The first message of the new history tells: a snapshot of 3 rows.
          naive.epoch++;
          naive.sent.clear();
          naive.acked.clear();
          Position position = naive.position(0, naive.time);
          naive.sent.add(new Sent(position, 3, now));
          naive.total += 3;
          exact.sent(position, 3, now);
          small.sent(position, 3, now);
          firstEpoch = OptionalInt.of(firstEpoch.orElse(naive.epoch));
        }
      }
      assertEquals(naive.total, small.sent());
      assertEquals(naive.lag(), exact.lag());
      assertEquals(naive.lagTime(now), exact.lagTime(now));
      assertTrue(small.lag() >= exact.lag() && small.lag() <= small.sent());
      assertTrue(small.lagTime(now).compareTo(exact.lagTime(now)) >= 0);
      assertEquals(exact.ackedUpTo(), small.ackedUpTo());
      if (exact.ackedUpTo().equals(Optional.of(naive.position(0, naive.time)))) {
        assertEquals(0, small.lag());
        assertEquals(Duration.ZERO, small.lagTime(now));
      }
    }
  }

  private static Outcome expected(
      Naive naive, Position position, int epochsBack, OptionalInt firstEpoch) {
    if (firstEpoch.isEmpty()) {
      return Outcome.UNKNOWN;
    }
    if (epochsBack > 0) {
      boolean left = naive.epoch - epochsBack >= firstEpoch.getAsInt();
      return left && epochsBack <= 8 ? Outcome.OUTDATED : Outcome.UNKNOWN;
    }
    if (position.isAfter(naive.position(0, naive.time))) {
      return Outcome.UNKNOWN;
    }
    boolean old = naive.acked.stream().anyMatch(ack -> !position.isAfter(ack));
    return old ? Outcome.REPEATED : Outcome.ADVANCED;
  }

  @Property
  void anAckOfTheLastPositionLeavesNothingBehindHoweverSmallTheMemory(
      @ForAll @IntRange(min = 2, max = 5) int capacity,
      @ForAll @IntRange(min = 1, max = 200) int batches) {
    Acks acks = new Acks(capacity);
    for (int i = 1; i <= batches; i++) {
      acks.sent(at(i), 2, START.plusSeconds(i));
      assertEquals(2L * i, acks.lag());
      assertEquals(Duration.ofSeconds(i - 1), acks.lagTime(START.plusSeconds(i)));
    }
    assertEquals(Outcome.ADVANCED, acks.acked(at(batches)));
    assertEquals(0, acks.lag());
    assertEquals(Duration.ZERO, acks.lagTime(START.plusSeconds(batches)));
  }

  @Example
  void onlyWholeMarksCountAndTheErrorIsLessThanAMark() {
    Acks acks = new Acks(4);
    for (int i = 1; i <= 5; i++) {
      acks.sent(at(i), 1, START.plusSeconds(i));
    }
    // Kept: 1–2, 3–4, 5.
    acks.acked(at(3));
    assertEquals(3, acks.lag());
    assertEquals(Duration.ofSeconds(2), acks.lagTime(START.plusSeconds(5)));
    acks.acked(at(4));
    assertEquals(1, acks.lag());
    assertEquals(Optional.of(at(4)), acks.ackedUpTo());
  }

  @Example
  void aPositionWithoutChangesMovesOnWhatMayBeAcknowledged() {
    Acks acks = new Acks(4);
    assertEquals(Outcome.UNKNOWN, acks.acked(at(1)));
    acks.sent(at(1), 1, START);
    acks.sent(at(9), 0, START);
    assertEquals(Outcome.UNKNOWN, acks.acked(at(10)));
    assertEquals(Outcome.ADVANCED, acks.acked(at(9)));
    assertEquals(Outcome.REPEATED, acks.acked(at(9)));
    assertEquals(Outcome.REPEATED, acks.acked(at(1)));
    assertEquals(0, acks.lag());
  }

  @Example
  void refusesWhatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> new Acks(1));
    Acks acks = new Acks(2);
    acks.sent(at(5), 1, START);
    assertThrows(IllegalArgumentException.class, () -> acks.sent(at(4), 1, START));
    assertThrows(IllegalArgumentException.class, () -> acks.sent(at(6), -1, START));
    assertEquals(Duration.ZERO, acks.lagTime(START.minusSeconds(1)));
  }

  private static Position at(long time) {
    return new Position("e", time, "print");
  }

  @Provide
  Arbitrary<List<Deed>> deeds() {
    Arbitrary<Deed> sends =
        Combinators.combine(
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(0, 5),
                Arbitraries.integers().between(0, 50))
            .as(Deed.Send::new);
    Arbitrary<Deed> acks =
        Combinators.combine(
                Arbitraries.integers().between(-12, 1),
                Arbitraries.frequency(Tuple.of(8, 0), Tuple.of(1, 1), Tuple.of(1, 2)))
            .as(Deed.Ack::new);
    Arbitrary<Deed> resets = Arbitraries.create(Deed.Reset::new);
    return Arbitraries.frequencyOf(Tuple.of(12, sends), Tuple.of(6, acks), Tuple.of(1, resets))
        .list()
        .ofMaxSize(60);
  }
}
